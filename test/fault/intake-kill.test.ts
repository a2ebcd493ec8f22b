import { createId, systemClock } from '@zhida/core';
import { type OpenDatabase, openDatabase } from '@zhida/database';
import { createLogger, createRelay, type Relay, type RelaySchema } from '@zhida/relay';
import { waitUntil } from '@zhida/testkit';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Child, startChild } from './support/child.js';
import { type County, openCounty } from './support/county.js';
import type { FromIntakeChild, IntakeChildOptions, KillOrder } from './support/intake-child.js';
import { connectionsGone, halvesOf, reportsOf } from './support/ledger-checks.js';
import { press, type Pressed, type ReportAnswer } from './support/press.js';
import { endpoints, FACILITY, profile } from './support/profile.js';
import { type StatementWatch, watchTransactions } from './support/statements.js';

/** Processes that are started ahead, because starting one takes longer than killing it. */
const AHEAD = 2;

let county: County;
let nextChild = 0;
const standby: Promise<{ child: Child; name: string }>[] = [];

beforeAll(async () => {
  county = await openCounty(systemClock);
});
afterAll(async () => {
  const spares = await Promise.all(standby);
  for (const { child } of spares) child.signal('SIGKILL');
  await Promise.all(spares.map(({ child }) => child.ended));
  await county.close();
});

async function spare(): Promise<{ child: Child; name: string }> {
  nextChild += 1;
  const name = `intake-${nextChild}`;
  const { ledgerUrl, relayKeys, dataDirectory } = county;
  const options: IntakeChildOptions = { ledgerUrl, applicationName: name, keys: relayKeys.directory, dataDirectory };
  return { child: await startChild('intake-child.ts', options), name };
}

/** A relay process that listens, and others behind it that are on their way. */
async function takeProcess(): Promise<{ child: Child; name: string; url: string }> {
  while (standby.length <= AHEAD) standby.push(spare());
  const first = await standby.shift();
  if (first === undefined) throw new Error('no process');
  const { url } = await first.child.message(
    (message: FromIntakeChild & { url: string }) => message.kind === 'ready',
    'the relay process listens',
  );
  return { ...first, url };
}

function makeRelay(database: OpenDatabase<RelaySchema>): Promise<Relay> {
  return createRelay({
    database,
    keys: county.relayKeys,
    profile,
    mode: 'test',
    facilityCodes: [FACILITY],
    endpoints,
    queue: { backend: 'postgres', url: county.ledgerUrl },
    dataDirectory: county.dataDirectory,
    listen: { host: '127.0.0.1', port: 0 },
    logger: createLogger({ level: 'silent' }),
    delivery: { sweepEveryMs: 100 },
  });
}

/** Runs `work` beside a relay that delivers, over the ledger the dead process left. */
async function withCleanRelay(work: (url: string, relay: Relay) => Promise<void>): Promise<void> {
  const database = openDatabase<RelaySchema>({ url: county.ledgerUrl, applicationName: 'clean' });
  const relay = await makeRelay(database);
  try {
    await relay.start();
    await work(`http://127.0.0.1:${(relay.app.server.address() as AddressInfo).port}`, relay);
  } finally {
    await relay.stop();
    await database.close();
  }
}

/** Every delivery of the report reaches its agency, and the agency holds it once, whole, under one receipt. */
async function expectDeliveredOnce(relay: Relay, { reportId, deliveries }: ReportAnswer): Promise<void> {
  await waitUntil(async () => (await relay.ledger.status(FACILITY, reportId))?.lines.every((line) => line.state === 'stored') === true, {
    what: 'every delivery of the report is stored',
    deadlineMs: 20_000,
  });
  expect(deliveries).toHaveLength(profile.recipients.length);
  const rows = [...(await county.police.rows()), ...(await county.civilAffairs.rows())].filter((row) => row.reportId === reportId);
  expect(rows.map((row) => row.deliveryId).toSorted()).toEqual(deliveries.map(({ deliveryId }) => deliveryId).toSorted());
  expect(rows.filter((row) => row.conflicts > 0)).toEqual([]);
  for (const { deliveryId } of deliveries) {
    const answered = county.police.receipts.get(deliveryId) ?? county.civilAffairs.receipts.get(deliveryId);
    expect(answered?.size).toBe(1);
  }
}

/** What must hold after any crash: the answer was true, nothing is half there, and pressing again makes exactly one report. */
async function expectOneReport(pressId: string, first: Pressed): Promise<{ survived: boolean }> {
  const left = await reportsOf(county.ledger, pressId);
  expect(await halvesOf(county.ledger)).toEqual([]);
  expect(left.length).toBeLessThanOrEqual(1);
  if (first.status === 202) expect(left.map((report) => report.report_id)).toEqual([first.answer?.reportId]);
  await withCleanRelay(async (url, relay) => {
    const again = await press(county, url, pressId);
    expect(again.status).toBe(left.length === 1 ? 200 : 202);
    if (again.answer === undefined) throw new Error('the second press was not taken');
    if (first.answer !== undefined) expect(again.answer).toEqual(first.answer);
    if (left.length === 1) expect(again.answer).toMatchObject({ reportId: left[0]?.report_id, number: left[0]?.number });
    await expectDeliveredOnce(relay, again.answer);
  });
  expect(await reportsOf(county.ledger, pressId)).toHaveLength(1);
  expect(await halvesOf(county.ledger)).toEqual([]);
  return { survived: left.length === 1 };
}

/** Presses at a process that kills itself where the order says; one that answered is killed the moment its answer is read. */
async function pressAndKill(order: KillOrder): Promise<{ pressId: string; first: Pressed; statements: string[] }> {
  const { child, name, url } = await takeProcess();
  child.send(order);
  await child.message((message: FromIntakeChild) => message.kind === 'armed', 'the process knows where it ends');
  const pressId = `press-${createId('prs')}`;
  const first = await press(county, url, pressId);
  if (first.status !== undefined) child.signal('SIGKILL');
  expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' });
  await connectionsGone(county.ledger, name);
  const statements = child.messages<FromIntakeChild>().flatMap((message) => (message.kind === 'statement' ? [message.text] : []));
  return { pressId, first, statements };
}

const NEVER: KillOrder = { position: 0, moment: 'done' };

test('INV-1 a relay process killed at any statement of the intake transaction leaves a whole report or none, and its 202 is true', async () => {
  const answered = await pressAndKill(NEVER);
  expect(answered.first.status).toBe(202);
  expect(await expectOneReport(answered.pressId, answered.first)).toEqual({ survived: true });
  const statements = answered.statements;
  expect(statements.at(0)).toMatch(/^begin/i);
  expect(statements.at(-1)).toMatch(/^commit/i);
  expect(statements.length).toBeGreaterThanOrEqual(5);

  const orders: KillOrder[] = statements.map((_, index) => ({ position: index + 1, moment: 'done' }));
  const commit = statements.length;
  // What was written beside the transaction, and not in it, would be there without the rest when the commit is never sent.
  const aroundCommit: KillOrder[] = [
    { position: commit, moment: 'before' },
    { position: commit, moment: 'sent' },
  ];
  for (const order of [...orders, ...aroundCommit]) {
    const where = `killed at statement ${order.position} of ${commit} (${order.moment}): ${statements[order.position - 1]?.slice(0, 60)}`;
    const { pressId, first } = await pressAndKill(order);
    expect(first.status, `${where}: no answer may have left`).toBeUndefined();
    const { survived } = await expectOneReport(pressId, first).catch((error: unknown) => {
      throw new Error(where, { cause: error });
    });
    // A commit whose result was never read may have happened or not; everything before it has not, and everything after it has.
    if (order.moment !== 'sent') expect(survived, where).toBe(order.position === commit && order.moment === 'done');
  }
}, 240_000);

test('INV-1 a database that ends the connection after any statement of the intake transaction costs an answer, never a half report or the process', async () => {
  let target = 1;
  let statements = 0;
  let armed = false;
  let last = false;
  const cut: StatementWatch = async ({ position, text, backend }, moment) => {
    if (moment !== 'done' || !armed || position !== target) return;
    armed = false;
    statements = Math.max(statements, position);
    last = /^commit/i.test(text);
    await county.ledger.pool.query('select pg_terminate_backend($1)', [backend]);
  };
  const database = openDatabase<RelaySchema>({ url: county.ledgerUrl, applicationName: 'cut' });
  watchTransactions(database.pool, cut);
  const relay = await makeRelay(database);
  const url = await relay.app.listen({ host: '127.0.0.1', port: 0 });
  try {
    for (; !last; target += 1) {
      armed = true;
      const pressId = `press-${createId('prs')}`;
      const first = await press(county, url, pressId);
      const where = `cut after statement ${target}`;
      expect(armed, `${where}: there is such a statement`).toBe(false);
      const left = await reportsOf(county.ledger, pressId);
      expect(left, where).toHaveLength(last ? 1 : 0);
      expect(first.status, where).toBe(last ? 202 : 503);
      expect(await halvesOf(county.ledger), where).toEqual([]);
      expect((await press(county, url, pressId)).status, where).toBe(last ? 200 : 202);
      expect(await reportsOf(county.ledger, pressId), where).toHaveLength(1);
    }
    expect(statements).toBeGreaterThanOrEqual(5);
  } finally {
    await relay.stop();
    await database.close();
  }
}, 120_000);
