import { canonicalBytes } from '@zhida/core';
import { merkleRoot } from './merkle.js';
import { leafHash } from './tree-hash.js';

/** A receipt as both ends of a road know it. */
export interface DayReceipt {
  readonly receiptId: string;
  readonly deliveryId: string;
  readonly payloadSha256: string;
  readonly stage: string;
}

/** How many receipts a day has, and the root of the RFC 6962 tree over them by id: equal on both ends, or something is missing. */
export function dayRoot(receipts: readonly DayReceipt[]): { readonly count: number; readonly root: string } {
  const leaves = receipts
    .map(({ receiptId, deliveryId, payloadSha256, stage }) => ({ receiptId, deliveryId, payloadSha256, stage }))
    .toSorted((left, right) => (left.receiptId < right.receiptId ? -1 : 1))
    .map((receipt) => leafHash(canonicalBytes(receipt)));
  return { count: leaves.length, root: Buffer.from(merkleRoot(leaves)).toString('hex') };
}
