import { type Clock, createId, isoNow } from '@zhida/core';
import {
  type FeedbackClaims,
  type KeyDirectory,
  type ReceiptClaims,
  type ReceiptStage,
  signFeedback,
  signOpening,
  signReceipt,
} from '@zhida/signing';
import type { DeliveryHeader, StageReceipt } from './inbox.js';

/** What an officer's act adds to a receipt. */
export interface ReceiptDetails {
  readonly stage: ReceiptStage;
  readonly officerId: string | null;
  readonly agencyNumber: string | null;
  readonly transferredTo: string | null;
}

/** What an officer tells the hospital afterwards. */
export interface FeedbackDetails {
  readonly code: FeedbackClaims['code'];
  readonly reason: string | null;
  readonly transferredTo: string | null;
  readonly releaseTo: readonly string[];
  readonly documentNumber: string | null;
}

/** Signs one receipt for a delivery: exactly the claims of the receipt format, `aud` the relay that sent it. */
export async function makeReceipt(
  keys: KeyDirectory,
  clock: Clock,
  header: DeliveryHeader,
  details: ReceiptDetails,
): Promise<StageReceipt> {
  const receiptId = createId('rcp', clock);
  const at = isoNow(clock);
  const claims: ReceiptClaims = {
    v: '1',
    mode: header.mode as ReceiptClaims['mode'],
    iss: keys.party,
    aud: header.relay,
    receiptId,
    deliveryId: header.deliveryId,
    reportId: header.reportId,
    sequence: header.sequence,
    payloadSha256: header.payloadSha256,
    stage: details.stage,
    agencyNumber: details.agencyNumber,
    transferredTo: details.transferredTo,
    at,
  };
  return { ...details, receiptId, at, jws: await signReceipt(claims, keys) };
}

/** Signs one feedback for the report of a delivery. */
export async function makeFeedback(
  keys: KeyDirectory,
  clock: Clock,
  header: DeliveryHeader,
  details: FeedbackDetails,
): Promise<{ feedbackId: string; at: string; jws: string }> {
  const feedbackId = createId('fbk', clock);
  const at = isoNow(clock);
  const claims: FeedbackClaims = {
    v: '1',
    mode: header.mode as FeedbackClaims['mode'],
    iss: keys.party,
    aud: header.relay,
    feedbackId,
    reportId: header.reportId,
    ...details,
    releaseTo: [...details.releaseTo],
    at,
  };
  return { feedbackId, at, jws: await signFeedback(claims, keys) };
}

/** Signs that an officer has opened a restricted group, and why. */
export async function makeOpening(
  keys: KeyDirectory,
  clock: Clock,
  header: DeliveryHeader,
  { group, officerId, reason }: { readonly group: string; readonly officerId: string; readonly reason: string },
): Promise<{ openingId: string; jws: string }> {
  const openingId = createId('opn', clock);
  const jws = await signOpening(
    {
      v: '1',
      mode: header.mode as ReceiptClaims['mode'],
      iss: keys.party,
      aud: header.relay,
      openingId,
      deliveryId: header.deliveryId,
      reportId: header.reportId,
      group,
      officer: officerId,
      reason,
      at: isoNow(clock),
    },
    keys,
  );
  return { openingId, jws };
}
