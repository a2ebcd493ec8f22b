import { setTimeout as delay } from 'node:timers/promises';
import { STATION } from '../support/profile.js';
import type { MoodyAgency } from './agency.js';
import type { Stack } from './stack.js';

/** What must come about once nothing is broken any more. */
export interface Settling extends Pick<Stack, 'ledger'> {
  readonly agencies: readonly Pick<MoodyAgency, 'waiting'>[];
}

/** How much of it has not. */
export interface Unsettled {
  readonly deliveries: number;
  readonly attachments: number;
  /** Statements of agencies on their way. */
  readonly statements: number;
}

/** The ledger has something else to do than to be counted. */
const LOOK_MS = 250;

/**
 * Waits until everything is delivered and said. What has not come about after `withinMs` is for the verdict to find: it is lost there
 * and then, whatever would have become of it.
 */
export async function settle(settling: Settling, withinMs: number, tell: (unsettled: Unsettled) => void): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    // A database that is not back yet shows nothing, and that is not settled either.
    const unsettled = await unsettledOf(settling).catch(() => undefined);
    if (unsettled !== undefined) {
      tell(unsettled);
      if (unsettled.deliveries + unsettled.attachments + unsettled.statements === 0) return;
    }
    if (performance.now() >= end) return;
    await delay(LOOK_MS);
  }
}

async function unsettledOf({ ledger, agencies }: Settling): Promise<Unsettled> {
  const { rows } = await ledger.pool.query<Pick<Unsettled, 'deliveries' | 'attachments'>>(
    `select (select count(*) from deliveries where state = 'open') as deliveries,
       (select count(*) from attachment_dues where party <> $1) as attachments`,
    [STATION],
  );
  const waiting = await Promise.all(agencies.map((agency) => agency.waiting()));
  return {
    deliveries: rows[0]?.deliveries ?? 0,
    attachments: rows[0]?.attachments ?? 0,
    statements: waiting.reduce((sum, count) => sum + count, 0),
  };
}
