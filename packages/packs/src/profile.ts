import { isReleaseKind, type RecipientKind, type ServiceHours } from '@zhida/core';
import type { LocalText } from './rule-pack.js';

/** How long a kind of recipient may take before somebody is called. */
export interface ProfileClocks {
  /** Minutes to 已签收 and 已受理. */
  readonly urgent: { readonly stored: number; readonly accepted: number };
  readonly routine: { readonly stored: number; readonly accepted: number };
  /** Days of the legal calendar to the first feedback; `null` for a kind that owes none. */
  readonly feedbackLegalDays: number | null;
  /** Days after the press at which the hospital asks how the case stands. */
  readonly chaseDays: readonly number[];
  /** False for a kind that is told for its files (备案) and sends nobody: its desk is not telephoned. @defaultValue true */
  readonly phoneFirst?: boolean;
}

/** One agency a report goes to. */
export interface ProfileRecipient {
  readonly party: `agency:${string}`;
  readonly kind: RecipientKind;
  readonly name: LocalText;
  /** The view it gets: an allow-list of fields. */
  readonly view: RecipientKind;
  readonly phone: string;
  /** `no-system`: the hand-over is attested by a person. */
  readonly system: 'push' | 'pull' | 'no-system';
  /** 1 is claimed first; nobody waits for anybody. */
  readonly priority: number;
  /** GB/T 2260 code of what it is in charge of; a shorter one is a level further up. */
  readonly regionCode?: string;
  /** Reporting facilities a station covers; it is told of these alone. */
  readonly facilities?: readonly string[];
  /** `conflict`: told only where somebody has an interest of their own. @defaultValue report */
  readonly when?: 'report' | 'conflict';
  /** When somebody is there. @defaultValue around the clock */
  readonly serviceHours?: ServiceHours;
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
  /** Where a facility is, if not in the region as a whole. */
  readonly facilityRegions?: Readonly<Record<string, string>>;
  readonly recipients: readonly ProfileRecipient[];
  /** By kind of recipient; `default` for the others. */
  readonly clocks?: Readonly<Record<string, ProfileClocks>>;
  readonly ladderSeconds: readonly number[];
  readonly thenEverySeconds: number;
}

/** Who is told at once of an ordinary report of this facility: what a screen may name before anybody presses. */
export function toldAtOnce({ recipients, regionCode }: JurisdictionProfile, facility: string): ProfileRecipient[] {
  return recipients.filter((recipient) => {
    if (isReleaseKind(recipient.kind) || recipient.when === 'conflict') return false;
    // Levels further up stand in for a level that is missing or has a conflict of interest.
    return recipient.facilities?.includes(facility) ?? (recipient.regionCode ?? regionCode) === regionCode;
  });
}
