import { createId, isoNow, systemClock } from '@zhida/core';
import { type ReceiptClaims, signReceipt } from '@zhida/signing';
import { waitUntil } from '@zhida/testkit';
import { type Bench, openBench, press } from './county.js';

export const DRAIN_BUDGETS = { drainedOfTheAgencysRate: { atLeast: 0.9 } } as const;

/** Attempts each of two agencies takes in a second: little enough that a small machine could do more. */
const PER_SECOND = 25;
const DEADLINE_MS = 600_000;

interface Owed extends Pick<ReceiptClaims, 'deliveryId' | 'reportId' | 'payloadSha256'> {
  readonly party: string;
}

/**
 * How fast a backlog goes once the agencies are back, of what they take: everything is pressed while no relay delivers, then two agencies
 * sign for whatever comes.
 */
export async function measureDrain(reports: number): Promise<Record<keyof typeof DRAIN_BUDGETS, number>> {
  const bench = await openBench({ perSecond: PER_SECOND });
  try {
    for (const headers of await bench.headers(reports)) await press(bench, headers);
    const owed = new Map((await openDeliveries(bench)).map((delivery) => [delivery.deliveryId, delivery]));
    // From the first that arrives: that the relay makes its queue first is no rate.
    let began = Number.POSITIVE_INFINITY;
    bench.door.answerWith((deliveryId) => {
      began = Math.min(began, performance.now());
      const delivery = owed.get(deliveryId);
      return delivery === undefined ? undefined : receiptFor(bench, delivery);
    });
    await bench.relay.start();
    await waitUntil(async () => (await openDeliveries(bench)).length === 0, { what: 'the backlog is drained', deadlineMs: DEADLINE_MS });
    const seconds = (performance.now() - began) / 1000;
    return { drainedOfTheAgencysRate: reports / seconds / PER_SECOND };
  } finally {
    await bench.close();
  }
}

async function openDeliveries({ database: { pool } }: Bench): Promise<Owed[]> {
  const { rows } = await pool.query<Owed>(
    `select delivery_id as "deliveryId", report_id as "reportId", payload_sha256 as "payloadSha256", recipient_party as party
     from deliveries where state = 'open'`,
  );
  return rows;
}

async function receiptFor({ agencyKeys }: Bench, { party, ...of }: Owed): Promise<string> {
  const keys = agencyKeys.get(party);
  if (keys === undefined) throw new Error('an agency of this county');
  const said = { v: '1', mode: 'test', iss: party, aud: 'relay:yunxi', receiptId: createId('rcp'), sequence: 1, stage: 'stored' } as const;
  return signReceipt({ ...said, ...of, agencyNumber: null, transferredTo: null, at: isoNow(systemClock) }, keys);
}
