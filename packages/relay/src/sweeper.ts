import { aboutError } from '@zhida/core';
import { holdReleaser } from './delivery/release.js';
import { longestWaitMs } from './delivery/schedule.js';
import { sweepOnce } from './delivery/sweep.js';
import { bringBack, dueDeliveries, facilitiesKnown } from './ledger/due.js';
import { pinParties } from './ledger/parties.js';
import type { Parts } from './parts.js';
import { roadsOf } from './roads/looks.js';
import { ShareHangs } from './roads/shares.js';

/** Sweeps between two readings of the trust files. */
const SWEEPS_PER_TRUST_RELOAD = 5;

/** The sweep of every second, and every few of them a look at the trust files: `zhida trust add` reaches a running relay. */
export function sweeperOf({ options, settings, ledger, queue, queueReport, here, log, metrics, state }: Parts): () => Promise<number> {
  const { facilityCodes, keys } = options;
  let runs = 0;
  const releasing = holdReleaser(ledger, log);
  const deps = {
    ledger,
    tenants: async () => [...facilityCodes, ...state.formerFacilities],
    settings,
    queue,
    queueReport,
    runHere: (deliveryId: string) => here.run(deliveryId),
    releaseHolds: releasing,
    log,
    metrics,
  };
  async function readTrust(): Promise<void> {
    try {
      state.formerFacilities = (await facilitiesKnown(ledger)).filter((facility) => !facilityCodes.includes(facility));
      await keys.reload();
      for (const tenant of facilityCodes) await pinParties(tenant, ledger);
    } catch (error) {
      // Deliveries go on to the parties known before.
      log.error(aboutError(error), 'the trust files cannot be read or written down');
    }
  }
  async function bringBackAll(): Promise<void> {
    for (const tenant of await deps.tenants()) {
      const count = await bringBack(tenant, ledger, longestWaitMs(settings));
      if (count > 0) log.error({ count }, 'deliveries were put off by a clock that runs ahead; they are due now');
    }
  }
  return async () => {
    if (runs % SWEEPS_PER_TRUST_RELOAD === 0) {
      await readTrust();
      await bringBackAll();
    }
    runs += 1;
    return sweepOnce(deps);
  };
}

/** Looks at what is beside the deliveries. Files may lie on a share that hangs, so that none may wait for another, nor the deliveries for any. */
export function roadSweepersOf({ options, ledger, shares, log }: Parts): (() => Promise<void>)[] {
  return roadsOf(options, { ledger, shares, log }).map(({ what, look }) => async () => {
    await look().catch((error: unknown) => {
      // Said once, where it began.
      if (!(error instanceof ShareHangs)) log.error(aboutError(error), `${what} cannot be looked at`);
    });
  });
}

/** Delivers in this process what is due now, until nothing is. */
export async function drain({ settings: { sweepPerEndpoint: perEndpoint, breakerPauseMs }, ledger, here }: Parts): Promise<void> {
  let before = '';
  for (;;) {
    // What a sweep has begun is not due any more, and not done either.
    await here.idle();
    const tenants = await facilitiesKnown(ledger);
    const due = await Promise.all(tenants.map(async (tenant) => dueDeliveries(tenant, ledger, { perEndpoint, breakerPauseMs })));
    const now = due
      .flat()
      .map(({ deliveryId, fence }) => `${deliveryId} ${fence}`)
      .join(',');
    // Nothing due, or nothing that moved: what cannot be claimed or held now is left to the sweep.
    if (now === before || now === '') return;
    before = now;
    for (const { deliveryId } of due.flat()) here.run(deliveryId);
  }
}
