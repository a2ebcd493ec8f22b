import type { Clock, Mode } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import type { RecipientKind } from '@zhida/report';
import type { KeyDirectory } from '@zhida/signing';
import type { Logger } from 'pino';
import type { DeliverySettings } from './delivery/settings.js';
import type { PartyName, RelaySchema } from './schema.js';

/** One recipient of a jurisdiction profile. */
export interface ProfileRecipient {
  readonly party: string;
  readonly kind: string;
  readonly name: PartyName;
  readonly view: RecipientKind;
  /** `no-system`: an officer is told by telephone; the delivery stays open until a person attests the hand-over. */
  readonly system: 'push' | 'no-system';
  readonly priority: number;
}

/** What the relay reads of a jurisdiction profile. */
export interface RelayProfile {
  readonly id: string;
  readonly version: string;
  readonly regionCode: string;
  /** Two-digit index of each reporting facility, part of the report's number. */
  readonly hospitalIndex: Readonly<Record<string, number>>;
  readonly recipients: readonly ProfileRecipient[];
  readonly ladderSeconds?: readonly number[];
  readonly thenEverySeconds?: number;
}

/** The wake-up queue: one value decides between the two backends. Losing either costs latency, never a delivery. */
export type QueueOptions = { readonly backend: 'postgres'; readonly url: string } | { readonly backend: 'redis'; readonly url: string };

export interface RelayOptions {
  readonly database: OpenDatabase<RelaySchema>;
  readonly keys: KeyDirectory;
  readonly profile: RelayProfile;
  readonly mode: Extract<Mode, 'production' | 'test'>;
  /** The reporting facilities this relay serves; a credential of any other is refused. */
  readonly facilityCodes: readonly string[];
  readonly queue: QueueOptions;
  /** Where the audit log's files go, under `audit/`. */
  readonly dataDirectory: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
  /** @defaultValue a pino logger at level `info` that redacts every credential and body */
  readonly logger?: Logger;
  /** Used for the push to agencies. @defaultValue the platform's `fetch` */
  readonly fetch?: typeof fetch;
  /** 0 ≤ x < 1, for the ladder's jitter. @defaultValue Math.random */
  readonly random?: () => number;
  readonly delivery?: Partial<DeliverySettings>;
}
