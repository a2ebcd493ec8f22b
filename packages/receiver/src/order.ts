import type { InboxRecord } from './inbox.js';

/** Open ones first (urgent before routine, oldest first), then the accepted ones, newest first. */
export function byUrgency(left: InboxRecord, right: InboxRecord): number {
  const leftOpen = isOpen(left);
  if (leftOpen !== isOpen(right)) return leftOpen ? -1 : 1;
  if (!leftOpen) return compare(right.receivedAt, left.receivedAt) || compare(left.deliveryId, right.deliveryId);
  if (left.priority !== right.priority) return left.priority === 'urgent' ? -1 : 1;
  return compare(left.receivedAt, right.receivedAt) || compare(left.deliveryId, right.deliveryId);
}

/** Nobody has taken it yet: a report passed to another unit or stopped is not waiting for anyone here. */
export function isOpen(record: Pick<InboxRecord, 'receipts'>): boolean {
  return record.receipts.every((receipt) => receipt.stage === 'stored');
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
