import type { ReceiptStage } from '@zhida/signing';
import type { InboxRecord } from './inbox.js';

/** Open ones first (urgent before routine, oldest first), then the accepted ones, newest first. */
export function byUrgency(left: InboxRecord, right: InboxRecord): number {
  const leftOpen = isRecordOpen(left);
  if (leftOpen !== isRecordOpen(right)) return leftOpen ? -1 : 1;
  if (!leftOpen) return compare(right.receivedAt, left.receivedAt) || compare(left.deliveryId, right.deliveryId);
  if (left.priority !== right.priority) return left.priority === 'urgent' ? -1 : 1;
  return compare(left.receivedAt, right.receivedAt) || compare(left.deliveryId, right.deliveryId);
}

/**
 * Nobody has taken it yet: a report passed to another unit or stopped is not waiting for anyone here. An error notice waits until the
 * report it speaks of is no longer used, whoever has taken note of it.
 */
export function isOpen(kind: string, stages: readonly ReceiptStage[]): boolean {
  return stages.every((stage) => stage === 'stored' || (kind === 'error-notice' && stage === 'accepted'));
}

function isRecordOpen({ kind, receipts }: InboxRecord): boolean {
  return isOpen(
    kind,
    receipts.map(({ stage }) => stage),
  );
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
