import type { Selectable } from 'kysely';
import type { DueMessage, InboxRecord, NewDelivery } from '../inbox.js';
import type { InboxTable, OutboxTable } from './schema.js';

/** Every column but the payload, which only an opening needs. */
export const RECORD_COLUMNS = [
  'delivery_id',
  'report_id',
  'number',
  'sequence',
  'kind',
  'view',
  'mode',
  'relay',
  'priority',
  'created_at',
  'received_at',
  'payload_sha256',
  'wrapped_key',
  'sealed_summary',
  'receipts',
  'feedback',
  'conflicts',
] as const satisfies readonly (keyof InboxTable)[];

export function recordOf(row: Pick<Selectable<InboxTable>, (typeof RECORD_COLUMNS)[number]>): InboxRecord {
  const { number, sequence, kind, view, mode, relay, priority, receipts, feedback, conflicts } = row;
  return {
    number,
    sequence,
    kind,
    view,
    mode,
    relay,
    priority,
    receipts,
    feedback,
    conflicts,
    deliveryId: row.delivery_id,
    reportId: row.report_id,
    createdAt: row.created_at,
    receivedAt: row.received_at.toISOString(),
    payloadSha256: row.payload_sha256,
    wrappedKey: row.wrapped_key,
    sealedSummary: row.sealed_summary,
  };
}

export function rowOf(delivery: NewDelivery) {
  const { number, sequence, kind, view, mode, relay, priority } = delivery;
  return {
    number,
    sequence,
    kind,
    view,
    mode,
    relay,
    priority,
    delivery_id: delivery.deliveryId,
    report_id: delivery.reportId,
    created_at: delivery.createdAt,
    received_at: delivery.receivedAt,
    payload_sha256: delivery.payloadSha256,
    wrapped_key: delivery.wrappedKey,
    sealed_summary: delivery.sealedSummary,
    sealed_payload: delivery.sealedPayload,
  };
}

export function dueOf(row: Selectable<OutboxTable> & { wrapped_key: string }): DueMessage {
  const { id, kind, relay, attempts } = row;
  return { id, kind, relay, attempts, deliveryId: row.delivery_id, sealedJws: row.sealed_jws, wrappedKey: row.wrapped_key };
}
