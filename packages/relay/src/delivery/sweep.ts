import type { Logger } from 'pino';
import type { LedgerContext, Tenant } from '../ledger/context.js';
import { type DueDelivery, dueDeliveries } from '../ledger/due.js';
import type { Metrics } from '../metrics.js';
import type { WakeUpQueue } from './queue.js';
import type { QueueReport } from './queue-report.js';
import type { DeliverySettings } from './settings.js';

export interface SweepDeps {
  readonly ledger: LedgerContext;
  /** Whose deliveries are looked at. */
  readonly tenants: () => Promise<readonly Tenant[]>;
  readonly settings: DeliverySettings;
  readonly queue: Pick<WakeUpQueue, 'add'>;
  readonly queueReport: Pick<QueueReport, 'away' | 'takes'>;
  /** The same worker the queue calls. It never rejects. */
  readonly runHere: (deliveryId: string) => void;
  /** Gives held deliveries back whose reason is gone. */
  readonly releaseHolds: (tenant: Tenant) => Promise<void>;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * One look at the ledger: what is due is woken through the queue. If the queue is away, or evidently wakes nobody, the ids
 * go to the worker in this process, so that a dead queue costs latency and never a delivery.
 */
export async function sweepOnce(deps: SweepDeps): Promise<number> {
  deps.metrics.sweep.runs += 1;
  const { sweepPerEndpoint, breakerPauseMs } = deps.settings;
  let found = 0;
  for (const tenant of await deps.tenants()) {
    try {
      await deps.releaseHolds(tenant);
    } catch (error) {
      // One report that cannot be rendered must not keep the others from going out.
      deps.log.error({ error: error instanceof Error ? error.name : typeof error }, 'a held report could not be released');
    }
    const due = await dueDeliveries(tenant, deps.ledger, { perEndpoint: sweepPerEndpoint, breakerPauseMs });
    found += due.length;
    await wake(deps, due);
  }
  return found;
}

async function wake(deps: SweepDeps, due: readonly DueDelivery[]): Promise<void> {
  const overdue = due.filter((delivery) => delivery.dueSinceMs > deps.settings.overdueAfterMs);
  const fresh = due.filter((delivery) => delivery.dueSinceMs <= deps.settings.overdueAfterMs);
  if (overdue.length > 0) runHere(deps, overdue);
  if (fresh.length === 0) return;
  try {
    const left = await deps.queue.add(fresh);
    deps.queueReport.takes();
    deps.metrics.sweep.handedToQueue += fresh.length - left.length;
    runHere(deps, left);
  } catch {
    deps.queueReport.away(fresh.length);
    runHere(deps, fresh);
  }
}

function runHere(deps: SweepDeps, due: readonly DueDelivery[]): void {
  deps.metrics.sweep.ranHere += due.length;
  for (const { deliveryId } of due) deps.runHere(deliveryId);
}

/** Runs a sweep at every interval until stopped. A sweep that takes longer than the interval is not overtaken by the next. */
export function startSweep(everyMs: number, sweep: () => Promise<unknown>): { stop(): Promise<void> } {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= sweep().finally(() => {
      running = undefined;
    });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
