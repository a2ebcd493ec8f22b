import type { Clock, LegalCalendar } from '@zhida/core';
import type { KeyDirectory } from '@zhida/signing';
import type { Post } from '../delivery/egress.js';
import type { Admission } from '../intake/admission.js';
import type { IntakeContext } from '../intake/accept.js';
import type { LedgerContext } from '../ledger/context.js';
import type { Metrics } from '../metrics.js';
import type { RelayOptions } from '../options.js';
import type { EventHub } from '../events/hub.js';
import type { Shares } from '../roads/shares.js';

/** What the routes work with. */
export interface RouteContext {
  readonly ledger: LedgerContext;
  readonly intake: IntakeContext;
  readonly admission: Admission;
  readonly keys: KeyDirectory;
  readonly clock: Clock;
  readonly facilityCodes: readonly string[];
  readonly mode: RelayOptions['mode'];
  readonly metrics: Metrics;
  readonly events: EventHub;
  readonly shares: Shares;
  readonly attachmentBytesMax: number;
  readonly calendar: LegalCalendar;
  /** To other relays, for agencies that ask through this one. */
  readonly post: Post;
}
