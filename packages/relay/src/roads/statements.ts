import { ZhidaError } from '@zhida/core';
import { verifyAttachmentReceipt, verifyExchange, verifyFeedback, verifyOpening, verifyReceipt } from '@zhida/signing';
import { facilityOfAttachment, recordAttachmentReceipt } from '../attachments/receipts.js';
import { recordExchange } from '../exchange/exchange.js';
import type { LedgerContext } from '../ledger/context.js';
import { facilityOfDelivery, facilityOfReport } from '../ledger/due.js';
import { recordFeedback } from '../ledger/feedback.js';
import { recordOpening } from '../ledger/openings.js';
import { recordReceipt } from '../ledger/receipts.js';

/** What agencies say on their own, and the last part of its address. */
export const STATEMENT_KINDS = ['receipts', 'feedback', 'openings', 'attachment-receipts', 'exchanges'] as const;
export type StatementKind = (typeof STATEMENT_KINDS)[number];

/** What was recorded, in ids and fixed words for a log. */
export interface RecordedStatement {
  readonly repeat: boolean;
  readonly about: Readonly<Record<string, string>>;
  /** This relay's own word, signed, where it answers with one. */
  readonly statement?: string | undefined;
}

/**
 * Verifies and records one signed statement, by whatever road it came. The signature is the credential; there is no other.
 *
 * @throws ZhidaError as the verifiers and recorders of each kind do.
 */
export async function recordStatement(context: LedgerContext, kind: StatementKind, jws: string): Promise<RecordedStatement> {
  const { trusted } = context.keys;
  switch (kind) {
    case 'receipts': {
      const claims = await verifyReceipt(jws, { trusted });
      const tenant = known(await facilityOfDelivery(context, claims.deliveryId), 'deliveryId');
      const { repeat } = await recordReceipt(tenant, context, { claims, jws, via: 'posted' });
      return { repeat, about: { deliveryId: claims.deliveryId, party: claims.iss, stage: claims.stage } };
    }
    case 'feedback': {
      const claims = await verifyFeedback(jws, { trusted });
      const tenant = known(await facilityOfReport(context, claims.reportId), 'reportId');
      const { repeat } = await recordFeedback(tenant, context, { claims, jws });
      return { repeat, about: { reportId: claims.reportId, party: claims.iss, code: claims.code } };
    }
    case 'openings': {
      const claims = await verifyOpening(jws, { trusted });
      const tenant = known(await facilityOfDelivery(context, claims.deliveryId), 'deliveryId');
      const { repeat } = await recordOpening(tenant, context, { claims, jws });
      return { repeat, about: { deliveryId: claims.deliveryId, party: claims.iss, group: claims.group } };
    }
    case 'attachment-receipts': {
      const claims = await verifyAttachmentReceipt(jws, { trusted });
      const tenant = known(await facilityOfAttachment(context, claims.attachmentId), 'attachmentId');
      const { repeat } = await recordAttachmentReceipt(tenant, context, { claims, jws });
      return { repeat, about: { attachmentId: claims.attachmentId, party: claims.iss } };
    }
    case 'exchanges': {
      const claims = await verifyExchange(jws, { trusted });
      const { repeat, statement, agrees } = await recordExchange(context, { claims, jws });
      return { repeat, statement, about: { party: claims.iss, day: claims.day, agrees: String(agrees) } };
    }
  }
}

function known(tenant: string | undefined, at: string): string {
  if (tenant === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'nothing of this relay has this id', { at });
  return tenant;
}
