import { canonicalBytes, invariant, isoNow } from '@zhida/core';
import { type RecipientKind, type RenderedView, renderView, wholeDayClock } from '@zhida/report';
import type { EnvelopeClaims } from '@zhida/signing';
import { isDayOnly } from '../routing/releases.js';
import type { PressedReport } from './pressed.js';

/** The envelope's claims that are not the report's. */
export type EnvelopeHead = Omit<EnvelopeClaims, 'v' | 'body' | 'restricted' | 'view'>;

/** What a kind of recipient sees of a press; `undefined` if it may see nothing yet, so that nothing is opened for it. */
export function viewOf(pressed: PressedReport, view: RecipientKind): RenderedView | undefined {
  const { report, unread, reporterIdentity, authDegraded, releasedTo } = pressed;
  return renderView(report, view, { unread, reporterIdentity, authDegraded, releasedTo });
}

/** The payload's bytes: rendered once, stored, and sent unchanged at every attempt (INV-4). */
export function payloadBytes(
  head: EnvelopeHead,
  pressed: PressedReport,
  view: RecipientKind,
  restricted: Readonly<Record<string, string>>,
): Uint8Array {
  const rendered = viewOf(pressed, view);
  invariant(rendered !== undefined, 'a delivery is opened only for a view that exists');
  const createdAt = isDayOnly(view) ? dayOf(head.createdAt) : head.createdAt;
  const claims: EnvelopeClaims = { v: '1', ...head, createdAt, view, body: rendered.body, restricted };
  return canonicalBytes(claims);
}

/** The start of the day: facility and minute together would be a shift of a few people (INV-10). */
function dayOf(instant: string): string {
  return isoNow(wholeDayClock({ now: () => Date.parse(instant) }));
}
