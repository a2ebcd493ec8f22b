import type { Clock, Exercise, LegalCalendar, Mode, ServiceHours, ScreenLocale } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import type { RecipientKind } from '@zhida/report';
import type { KeyDirectory } from '@zhida/signing';
import type { Logger } from 'pino';
import type { Post } from './delivery/egress.js';
import type { AddressTable } from './routing/address-table.js';
import type { DeliverySettings } from './delivery/settings.js';
import type { DutyContact, NoticeChannel } from './escalation/channel.js';
import type { EscalationClocks } from './escalation/ladder.js';
import type { PartyName, RelaySchema } from './schema.js';

/** One recipient of a jurisdiction profile. */
export interface ProfileRecipient {
  readonly party: string;
  readonly kind: string;
  readonly name: PartyName;
  readonly view: RecipientKind;
  /** `pull`: its network takes no call from ours, so it fetches. `no-system`: an officer is told by telephone; the delivery stays open until a person attests the hand-over. */
  readonly system: 'push' | 'pull' | 'no-system';
  readonly priority: number;
  /** The number it is called by: a call logged with it has told this recipient. */
  readonly phone?: string;
  /** When somebody is there to accept a report. @defaultValue around the clock */
  readonly serviceHours?: ServiceHours;
  /** GB/T 2260 code of what it is in charge of, 2 to 12 digits. @defaultValue the profile's region */
  readonly regionCode?: string;
  /** Reporting facilities a station covers; it is told of these alone, beside the nearest of its kind. */
  readonly facilities?: readonly string[];
  /** `conflict`: told only where somebody has an interest of their own. @defaultValue report */
  readonly when?: 'report' | 'conflict';
}

/** How one agency's endpoint may be reached. */
export interface EndpointPolicy {
  /** Attempts under way at once, over all relay processes. @defaultValue `endpointConcurrency` of the delivery settings */
  readonly concurrency?: number;
  /** Attempts that may begin in one second. @defaultValue `endpointPerSecond` of the delivery settings */
  readonly perSecond?: number;
  /** Networks outside of the public internet in which this endpoint may be, such as `10.20.0.0/16`. Without it only public addresses are connected to. */
  readonly privateNetworks?: readonly string[];
  /** Directories on this side of a one-way gate: packages go out by files instead of by HTTP, statements come in by files. */
  readonly ferry?: { readonly out: string; readonly in: string };
  /** Another relay (`relay:…`) that reaches this agency: it stores and forwards envelopes that it cannot open. */
  readonly via?: string;
}

/** What the relay reads of a jurisdiction profile. */
export interface RelayProfile {
  readonly id: string;
  readonly version: string;
  readonly regionCode: string;
  /** Two-digit index of each reporting facility, part of the report's number. */
  readonly hospitalIndex: Readonly<Record<string, number>>;
  readonly recipients: readonly ProfileRecipient[];
  /** Where a facility is, if not in the profile's own region as a whole. */
  readonly facilityRegions?: Readonly<Record<string, string>>;
  readonly ladderSeconds?: readonly number[];
  readonly thenEverySeconds?: number;
  /** Escalation clocks by kind of recipient; `default` for the others. @defaultValue `DEFAULT_CLOCKS` */
  readonly clocks?: Readonly<Record<string, EscalationClocks>>;
}

/** Who is told when nothing comes, and by which channels. */
export interface EscalationOptions {
  /** The first is the ordinary one; what is overdue goes to all of them. @defaultValue the log alone */
  readonly channels?: readonly NoticeChannel[];
  /** Told while the roster has nobody. */
  readonly fallbackContact?: DutyContact;
  /**
   * Told instead of the duty office about a case that is hidden from this hospital. Without one `fallbackContact` hears that there is such
   * a case, and nothing of it.
   */
  readonly upperContact?: DutyContact;
  /** Language of the notices. @defaultValue zh-CN */
  readonly locale?: ScreenLocale;
  /** Minutes until an alarm that must be acknowledged is told again. @defaultValue 10 */
  readonly repeatMinutes?: number;
  /** Holidays and worked weekends. @defaultValue weekends alone */
  readonly calendar?: LegalCalendar;
}

/** A host and a port. */
export interface NetworkAddress {
  readonly host: string;
  readonly port: number;
}

/** Whom to believe, and as whom to come, in PEM. Without a `ca` the system's own authorities are believed. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Who the relay is to the Redis servers. */
export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
}

/** One server, the master that sentinels name, or a cluster. */
type RedisServers =
  | { readonly url: string }
  | (RedisLogin & {
      readonly sentinel: RedisLogin & {
        /** The name the sentinels watch the master under. */
        readonly name: string;
        readonly nodes: readonly NetworkAddress[];
      };
    })
  | (RedisLogin & { readonly cluster: { readonly nodes: readonly NetworkAddress[] } });

/** Redis as the queue. */
export type RedisQueue = { readonly backend: 'redis' } & RedisServers & {
    /** TLS to every server, sentinels too. @defaultValue none, unless the URL is `rediss:` */
    readonly tls?: TlsFiles;
    /** Begins every key, and keeps relays apart that share servers. It holds a hash tag, because a cluster must keep a queue's keys together. @defaultValue `{zhida}` */
    readonly prefix?: string;
  };

/** The wake-up queue: one value decides between the two backends. Losing either costs latency, never a delivery. */
export type QueueOptions = { readonly backend: 'postgres'; readonly url: string } | RedisQueue;

export interface RelayOptions {
  readonly database: OpenDatabase<RelaySchema>;
  readonly keys: KeyDirectory;
  readonly profile: RelayProfile;
  readonly mode: Extract<Mode, 'production' | 'test'>;
  /** The reporting facilities this relay serves; a credential of any other is refused. */
  readonly facilityCodes: readonly string[];
  /** Exercises over the production lines; only a relay in `production` carries one. @defaultValue none: every exercise is refused */
  readonly exercises?: readonly Exercise[];
  readonly queue: QueueOptions;
  /** How agencies may be reached, by party; of this installation and not of the jurisdiction. */
  readonly endpoints?: Readonly<Record<string, EndpointPolicy>>;
  /** Where the audit log's files go, under `audit/`. */
  readonly dataDirectory: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
  /** @defaultValue a pino logger at level `info` that redacts every credential and body */
  readonly logger?: Logger;
  /** Used for the push to agencies. @defaultValue an egress that connects to permitted addresses alone */
  readonly post?: Post;
  /** 0 ≤ x < 1, for the ladder's jitter. @defaultValue Math.random */
  readonly random?: () => number;
  readonly delivery?: Partial<DeliverySettings>;
  readonly escalation?: EscalationOptions;
  /**
   * Presses this process works on at once; what comes beyond them is answered 503 with `Retry-After` and nothing of it is taken. At 200 presses a
   * second 256 are a wait of 1.3 s: a gateway waits 3 s before it tells its clinician that the press is held. @defaultValue 256
   */
  readonly pressesUnderWayMax?: number;
  /** The largest attachment taken, in bytes. @defaultValue 20 MiB */
  readonly attachmentBytesMax?: number;
  /** Standard addresses and their stations, from `readAddressTable`. */
  readonly addressTable?: AddressTable;
}
