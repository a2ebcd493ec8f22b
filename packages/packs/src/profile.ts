import type { LocalText } from './rule-pack.js';

/** One agency a report goes to. */
export interface ProfileRecipient {
  readonly party: `agency:${string}`;
  readonly kind: 'police' | 'civil-affairs';
  readonly name: LocalText;
  /** The view it gets: an allow-list of fields. */
  readonly view: 'police' | 'civil-affairs';
  readonly phone: string;
  /** `no-system`: the hand-over is attested by a person. */
  readonly system: 'push' | 'no-system';
  /** 1 is claimed first; nobody waits for anybody. */
  readonly priority: number;
}

/** Who is told in one jurisdiction, and how often delivery is tried. */
export interface JurisdictionProfile {
  readonly id: string;
  readonly version: string;
  /** GB/T 2260, six digits. */
  readonly regionCode: string;
  readonly region?: LocalText;
  /** Names of the reporting facilities by 统一社会信用代码. */
  readonly facilities?: Readonly<Record<string, LocalText>>;
  /** Index 1 to 99 of each reporting facility, a part of the report's number. */
  readonly hospitalIndex: Readonly<Record<string, number>>;
  readonly recipients: readonly ProfileRecipient[];
  readonly ladderSeconds: readonly number[];
  readonly thenEverySeconds: number;
}
