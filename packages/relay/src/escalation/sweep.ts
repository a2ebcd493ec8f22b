import { aboutError } from '@zhida/core';
import type { LedgerContext, Tenant } from '../ledger/context.js';
import { bringRungsBack } from './bring-back.js';
import { raiseHolds } from './held.js';
import { type NoticeDeps, sendNotices } from './notices.js';
import { dueRungs, passRungs, takeRung } from './raise.js';
import { raiseRosterGaps } from './roster.js';

/** Sweeps between two looks at the roster. */
const SWEEPS_PER_ROSTER = 60;

/** Sweeps between two looks at what is held, and at clocks that ran ahead. */
const SWEEPS_PER_HOLDS = 5;
/** Rungs of one delivery taken in one sweep at most. */
const RUNGS_AT_ONCE = 8;

/** What one sweep did. */
export interface EscalationSweep {
  readonly raised: number;
  readonly sent: number;
}

/**
 * Looks at every ladder, at what is held and at the roster, and sends what has to be told. It runs beside the sweep of
 * deliveries, so that a mail server that hangs delays no report.
 */
export function escalationSweeper(deps: NoticeDeps, tenants: () => Promise<readonly Tenant[]>): () => Promise<EscalationSweep> {
  let runs = 0;

  async function guarded(what: string, act: () => Promise<number>): Promise<number> {
    try {
      return await act();
    } catch (error) {
      // One delivery or one channel that cannot be handled must not keep the others silent.
      deps.log.error({ what, ...aboutError(error) }, 'a part of the escalation failed; the next sweep goes on');
      return 0;
    }
  }

  async function bringBack(tenant: Tenant): Promise<number> {
    const count = await bringRungsBack(tenant, deps.ledger);
    if (count > 0) deps.log.error({ count }, 'clocks of escalation were set by a clock that runs ahead; they begin now');
    return count;
  }

  return async () => {
    const lookAtRoster = runs % SWEEPS_PER_ROSTER === 0;
    const lookAtHolds = runs % SWEEPS_PER_HOLDS === 0;
    runs += 1;
    const known = await tenants();
    let raised = 0;
    for (const tenant of known) {
      if (lookAtHolds) await guarded('clocks', () => bringBack(tenant));
      raised += await guarded('rungs', () => takeDue(tenant, deps.ledger, guarded));
      if (lookAtHolds) raised += await guarded('holds', () => raiseHolds(tenant, deps.ledger));
      if (lookAtRoster) raised += await guarded('roster', () => raiseRosterGaps(tenant, deps.ledger));
    }
    // After all that is to be recorded, and side by side: a channel that hangs holds up one look once, not once for each facility.
    const sent = await Promise.all(known.map(async (tenant) => guarded('notices', () => sendNotices(tenant, deps))));
    return { raised, sent: sent.reduce((sum, count) => sum + count, 0) };
  };
}

/** A delivery that was not looked at for a while has several rungs due: each is recorded by itself. */
async function takeDue(
  tenant: Tenant,
  ledger: LedgerContext,
  guarded: (what: string, act: () => Promise<number>) => Promise<number>,
): Promise<number> {
  let raised = 0;
  for (let pass = 0; pass < RUNGS_AT_ONCE; pass += 1) {
    const due = await dueRungs(tenant, ledger);
    if (due.length === 0) break;
    const answered = due.filter((rung) => rung.answered).map(({ deliveryId }) => deliveryId);
    // What one of them breaks leaves all of them to the next look.
    if (answered.length > 0) await guarded('answered rungs', async () => passRungs(tenant, ledger, answered).then(() => 0));
    for (const { deliveryId } of due.filter((rung) => !rung.answered)) {
      raised += await guarded('rung', async () => ((await takeRung(tenant, ledger, deliveryId)) === undefined ? 0 : 1));
    }
  }
  return raised;
}
