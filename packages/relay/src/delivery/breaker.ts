import type { EndpointSign } from '../ledger/gates.js';
import { FERRIED } from '../roads/ferry-out.js';
import { type AttemptResult, FORWARDED } from './attempt.js';

/** Answers that speak of one report: another one may be taken. RFC 9110 §15.5. */
const OF_THE_REPORT: ReadonlySet<number> = new Set([400, 409, 413, 415, 422]);
/** Ends of an attempt that the endpoint had no part in. */
const OURS: ReadonlySet<string> = new Set(['stopped', 'not-sealed', 'not-opened']);
/** Handed to the gate or to the relay that carries on: what was called has taken it, and the receipt comes back without an attempt. */
const HANDED_ON: ReadonlySet<string> = new Set([FERRIED, FORWARDED]);

/**
 * What an attempt without a receipt says of its endpoint. One report that an agency will never take must not keep the next
 * one waiting, so a refusal of the report itself is no sign.
 */
export function endpointSign({ status, detail }: Extract<AttemptResult, { outcome: 'refused' | 'unknown' }>): EndpointSign {
  if (HANDED_ON.has(detail)) return 'works';
  if (OURS.has(detail)) return 'none';
  return status !== null && OF_THE_REPORT.has(status) ? 'none' : 'fails';
}
