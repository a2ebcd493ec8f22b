import { type UnprovenAttempt, recordUnprovenAttempt } from './attempts.js';
import { type Claim, claimDelivery, type ClaimWish, isWon } from './claim.js';
import type { LedgerContext, Tenant } from './context.js';
import { type DueDelivery, dueDeliveries } from './due.js';
import { ensureGate } from './gates.js';
import { countLedger, type LedgerCounts, type ListedDelivery, listDeliveries } from './listing.js';
import { recordReceipt, type VerifiedReceipt } from './receipts.js';
import type { DeliveryState } from '../schema.js';
import { type ReportStatus, readStatus } from './status.js';

/** The ledger bound to its database: everything a console, a reconciliation or a test asks of it. The facility always comes first. */
export interface Ledger {
  status(tenant: Tenant, reportId: string): Promise<ReportStatus | undefined>;
  counts(tenant: Tenant): Promise<LedgerCounts>;
  deliveries(tenant: Tenant, page: { state: DeliveryState; after: string; limit: number }): Promise<ListedDelivery[]>;
  due(tenant: Tenant, limits: Parameters<typeof dueDeliveries>[2]): Promise<DueDelivery[]>;
  claim(tenant: Tenant, wish: ClaimWish, leaseMs: number): Promise<Claim | undefined>;
  recordUnprovenAttempt(tenant: Tenant, claim: Claim, end: UnprovenAttempt): ReturnType<typeof recordUnprovenAttempt>;
  recordReceipt(tenant: Tenant, receipt: VerifiedReceipt): ReturnType<typeof recordReceipt>;
}

export function createLedger(context: LedgerContext): Ledger {
  return {
    status: (tenant, reportId) => readStatus(tenant, context.db, reportId),
    counts: (tenant) => countLedger(tenant, context),
    deliveries: (tenant, page) => listDeliveries(tenant, context, page),
    due: (tenant, limits) => dueDeliveries(tenant, context, limits),
    async claim(tenant, wish, leaseMs) {
      await ensureGate(context, wish.party);
      const won = await claimDelivery(tenant, context, wish, leaseMs);
      // What is sealed stays with the worker.
      return isWon(won) ? { deliveryId: won.deliveryId, fence: won.fence, party: won.party } : undefined;
    },
    recordUnprovenAttempt: (tenant, claim, end) => recordUnprovenAttempt(tenant, context, claim, end),
    recordReceipt: (tenant, receipt) => recordReceipt(tenant, context, receipt),
  };
}
