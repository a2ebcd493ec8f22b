import { createId, systemClock } from '@zhida/core';
import type { ReportStatus } from '@zhida/relay';
import { signAssertion } from '@zhida/signing';
import { type Deployment, deployment, describeWithRedis, testQueue, waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEvents } from '../../examples/county-demo/src/event-source.js';
import { type Balancer, startBalancer } from '../fault/support/balancer.js';
import type { Child } from '../fault/support/child.js';
import { type County, openCounty } from '../fault/support/county.js';
import { halvesOf } from '../fault/support/ledger-checks.js';
import { press, type ReportAnswer } from '../fault/support/press.js';
import { FACILITY, RELAY } from '../fault/support/profile.js';
import { type RelayProcess, startRelayProcess } from '../fault/support/relay-process.js';

const REPORTS = 10;
const STREAM_MS = 60_000;
const OFFICER = { id: 'duty', name: '值班员' };

/** From the press to 已受理, between real processes over real HTTP, on the system's clock. */
function describeJourney({ queue, relays }: Deployment): void {
  describe(`press, receipt, acceptance: ${relays} relay process${relays === 1 ? '' : 'es'} over ${queue}`, () => {
    let balancer: Balancer;
    let county: County;
    const children: Child[] = [];
    const processes: RelayProcess[] = [];
    const pressed: ReportAnswer[] = [];

    beforeAll(async () => {
      balancer = await startBalancer();
      county = await openCounty(systemClock, { relayUrl: balancer.url });
      const { ledgerUrl, relayKeys, dataDirectory } = county;
      const wakeUps = await testQueue({ queue }, ledgerUrl);
      const started = Array.from({ length: relays }, async (_, index) =>
        startRelayProcess(
          {
            ledgerUrl,
            applicationName: `relay-${index + 1}`,
            keys: relayKeys.directory,
            dataDirectory,
            queue: wakeUps,
            delivery: { sweepEveryMs: 200 },
          },
          (child) => children.push(child),
        ),
      );
      processes.push(...(await Promise.all(started)));
      balancer.targets.push(...processes.map(({ url }) => url));
    });
    afterAll(async () => {
      for (const child of children) child.signal('SIGKILL');
      await Promise.all(children.map((child) => child.ended));
      await balancer.close();
      await county.close();
    });

    /** The first status for which `wanted` holds, pushed by the relay's stream and not asked for; a stream that breaks is opened again. */
    async function statusOf(reportId: string, wanted: (status: ReportStatus) => boolean): Promise<ReportStatus> {
      const what = `the status of ${reportId}`;
      return waitUntil(async () => streamed(reportId, wanted), { what, deadlineMs: STREAM_MS });
    }

    async function streamed(reportId: string, wanted: (status: ReportStatus) => boolean): Promise<ReportStatus> {
      const authorization = await signAssertion({
        keys: county.gatewayKeys,
        audience: RELAY,
        scope: 'report:read',
        facility: FACILITY,
        lifetimeSeconds: 300,
        now: systemClock.now(),
      });
      const url = new URL(`/v1/reports/${reportId}/events`, balancer.url);
      const stream = readEvents(url, { authorization: `Bearer ${authorization}` }, AbortSignal.timeout(STREAM_MS));
      for await (const { data } of stream) {
        const status = data as ReportStatus;
        if (wanted(status)) return status;
      }
      throw new Error('the stream ended too early');
    }

    async function counted({ url }: RelayProcess, metric: string, label: string): Promise<number> {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(new RegExp(`^${metric}\\{${label}\\} (\\d+)$`, 'm').exec(text)?.[1]);
    }

    async function countedEach(metric: string, label: string): Promise<number[]> {
      return Promise.all(processes.map(async (process) => counted(process, metric, label)));
    }

    test('every press is answered 202 and reaches both agencies, once', async () => {
      const answers = await Promise.all(
        Array.from({ length: REPORTS }, async () => press(county, balancer.url, `press-${createId('prs')}`)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: REPORTS }, () => 202));
      pressed.push(...answers.flatMap(({ answer }) => (answer === undefined ? [] : [answer])));
      const stored = await Promise.all(
        pressed.map(async ({ reportId }) => statusOf(reportId, ({ lines }) => lines.every(({ state }) => state === 'stored'))),
      );
      expect(stored.map(({ headline }) => headline)).toEqual(pressed.map(() => 'stored'));
      for (const agency of [county.police, county.civilAffairs]) {
        expect(agency.arrivals.map(({ deliveryId }) => deliveryId).toSorted()).toEqual([...agency.receipts.keys()].toSorted());
        expect(await agency.rows()).toHaveLength(REPORTS);
      }
      const accepted = await countedEach('zhida_relay_intake_total', 'result="accepted"');
      expect(Math.min(...accepted)).toBeGreaterThan(0);
      expect(accepted.reduce((sum, count) => sum + count)).toBe(REPORTS);
      const receipted = await countedEach('zhida_relay_attempts_total', 'outcome="receipted"');
      expect(receipted.reduce((sum, count) => sum + count)).toBe(2 * REPORTS);
    });

    test('what officers accept is 已受理 to the reporter, also when one of two relays has died meanwhile', async () => {
      if (relays === 2) {
        children[0]?.signal('SIGKILL');
        await children[0]?.ended;
      }
      for (const agency of [county.police, county.civilAffairs]) {
        const receiver = await agency.receiver();
        receiver.start();
        for (const { deliveryId } of await receiver.list()) await receiver.accept(deliveryId, { officer: OFFICER });
      }
      const accepted = await Promise.all(
        pressed.map(async ({ reportId }) => statusOf(reportId, ({ lines }) => lines.every(({ state }) => state === 'accepted'))),
      );
      expect(accepted.map(({ headline }) => headline)).toEqual(pressed.map(() => 'accepted'));
      expect(await halvesOf(county.ledger)).toEqual([]);
      await waitUntil(async () => (await (await county.police.receiver()).waiting()) === 0, { what: 'the agency has nothing left to say' });
    });
  });
}

const asked = deployment();
if (asked.queue === 'redis') describeWithRedis('as asked for', () => describeJourney(asked));
else describeJourney(asked);
// The other corner of the matrix in every run; `pnpm test:matrix` goes through all of it.
if (asked.queue === 'postgres' && asked.relays === 1) {
  describeWithRedis('the other way', () => describeJourney({ queue: 'redis', relays: 2 }));
}
