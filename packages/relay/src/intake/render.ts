import { canonicalBytes, invariant } from '@zhida/core';
import { type RecipientKind, type RenderedView, renderView } from '@zhida/report';
import type { EnvelopeClaims } from '@zhida/signing';
import type { PressedReport } from './pressed.js';

/** The envelope's claims that are not the report's. */
export type EnvelopeHead = Omit<EnvelopeClaims, 'v' | 'body' | 'restricted' | 'view'>;

/** What a kind of recipient sees of a press; `undefined` if it may see nothing yet, so that nothing is opened for it. */
export function viewOf(pressed: PressedReport, view: RecipientKind): RenderedView | undefined {
  const { report, unread, reporterIdentity, authDegraded } = pressed;
  return renderView(report, view, { unread, reporterIdentity, authDegraded });
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
  const claims: EnvelopeClaims = { v: '1', ...head, view, body: rendered.body, restricted };
  return canonicalBytes(claims);
}
