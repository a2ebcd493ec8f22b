import { createHash } from 'node:crypto';
import type { ReceiptStage } from '@zhida/signing';
import type { Receipted } from './lies.js';

/** A delivery as it is at an agency. */
export interface StoredDelivery {
  /** Empty until the receiver has read it. */
  readonly reportId: string;
  /** Epoch milliseconds: nobody can truly have been told before. */
  readonly sinceMs: number;
}

/** A receipt that an officer's act brought. */
export interface Act {
  readonly deliveryId: string;
  readonly stage: ReceiptStage;
}

/** What truly happened at an agency, known here before anybody could be told. */
export interface Truth {
  /** By delivery. */
  readonly stored: Map<string, StoredDelivery>;
  /** Delivery id → epoch milliseconds of what closes it: 受理, and of an error notice 已停止使用 alone. */
  readonly closed: Map<string, number>;
  /** Receipt id → what it says. */
  readonly acts: Map<string, Act>;
  readonly feedback: Set<string>;
  /** Delivery id → hash of the receipt it was first answered with. */
  readonly receipts: Map<string, string>;
  /** Deliveries that were answered with different receipts. */
  readonly contradicted: Set<string>;
  /** The last receipts that were given, oldest first: what a lie may repeat. */
  readonly lastReceipts: Receipted[];
  /** How many answers and statements came to the relay out of their order. */
  outOfOrder: number;
  arrivals: number;
}

export function emptyTruth(): Truth {
  return {
    stored: new Map(),
    closed: new Map(),
    acts: new Map(),
    feedback: new Set(),
    receipts: new Map(),
    contradicted: new Set(),
    lastReceipts: [],
    outOfOrder: 0,
    arrivals: 0,
  };
}

/** Notes a receipt that was given: by its hash, because a run of a hundred thousand reports must not grow with every receipt. */
export function noteReceipt(truth: Truth, receipted: Receipted): void {
  const { deliveryId, jws } = receipted;
  const hash = createHash('sha256').update(jws).digest('base64url');
  if ((truth.receipts.get(deliveryId) ?? hash) !== hash) truth.contradicted.add(deliveryId);
  truth.receipts.set(deliveryId, hash);
  truth.lastReceipts.push(receipted);
  if (truth.lastReceipts.length > 2) truth.lastReceipts.shift();
}
