import { join } from 'node:path';
import { createId, isoNow } from '@zhida/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Fixture, makeFixture } from '../../packages/relay/test/support/fixture.js';
import { postFeedback, postReceipt } from '../../packages/relay/test/support/receipts.js';
import type { ScriptedAgency } from '../../packages/relay/test/support/scripted-agency.js';
import type { Truth } from './driver/agency.js';
import { type Answered, judge, type Judged, type Verdict } from './driver/verdict.js';

/** Whatever a run could find out, planted: a driver that sees no harm where there is some says nothing by its 0. */
interface Case {
  readonly judged: Judged;
  readonly answered: Map<string, Answered>;
  readonly calls: Set<string>;
  /** What the police hold: of two reports one accepted, with an outcome. */
  readonly police: Truth;
  readonly accepted: string;
  readonly stored: string;
  readonly reportId: string;
  /** Deliveries that came to the police with other bytes. */
  conflicts: number;
}

let fixture: Fixture;
let all: Case;

function truthOf({ arrivals }: ScriptedAgency): Truth {
  return {
    stored: new Map(arrivals.map(({ claims }) => [claims.deliveryId, claims.reportId])),
    accepted: new Set(),
    feedback: new Set(),
    receipts: new Map(),
    contradicted: new Set(),
    lastReceipts: [],
    arrivals: arrivals.length,
  };
}

beforeEach(async () => {
  fixture = await makeFixture();
  const answered = new Map<string, Answered>();
  for (const pressId of ['press-one', 'press-two']) {
    const { reportId, number } = (await fixture.press(undefined, { pressId })).json<Answered>();
    answered.set(pressId, { reportId, number });
  }
  await fixture.relay.drain();
  const [first, second] = fixture.police.arrivals;
  if (first === undefined || second === undefined) throw new Error('the police have nothing');
  const { reportId } = first.claims;
  await postReceipt(fixture, first, { stage: 'accepted' });
  const feedbackId = createId('fbk');
  await postFeedback(fixture, reportId, { feedbackId });
  const callId = createId('cal');
  const headers = { authorization: `Bearer ${await fixture.assertion('report:create')}` };
  const payload = { callId, outcome: 'answered', at: isoNow(fixture.clock), number: '110' };
  await fixture.relay.app.inject({ method: 'POST', url: `/v1/reports/${reportId}/calls`, headers, payload: JSON.stringify(payload) });
  const [police, civilAffairs] = [truthOf(fixture.police), truthOf(fixture.civilAffairs)];
  police.accepted.add(first.claims.deliveryId);
  police.feedback.add(feedbackId);
  all = {
    judged: {
      ledger: fixture.database,
      relayKeys: fixture.parties.relay,
      auditDirectory: join(fixture.options.dataDirectory, 'audit'),
      agencies: [
        { truth: police, conflicts: async () => all.conflicts },
        { truth: civilAffairs, conflicts: async () => 0 },
      ],
    },
    answered,
    calls: new Set([callId]),
    police,
    accepted: first.claims.deliveryId,
    stored: second.claims.deliveryId,
    reportId,
    conflicts: 0,
  };
});
afterEach(async () => fixture.close());

const verdict = (): Promise<Verdict> => judge(all.judged, all);

test('where nothing is wrong nothing is found', async () => {
  expect(await verdict()).toMatchObject({ lost: [], false: [], duplicate: [], accepted: 1, feedback: 1, calls: 1 });
});

const LOST: readonly (readonly [what: string, plant: () => unknown, found: RegExp])[] = [
  ['a press that is no report', () => all.answered.set('press-three', { reportId: 'rpt_x', number: '1' }), /^press press-three$/],
  ['a press that is another report', () => all.answered.set('press-one', { reportId: all.reportId, number: '1' }), /^press press-one$/],
  ['a report that never came to an agency', () => all.police.stored.delete(all.stored), /at an agency$/],
  ['an acceptance', () => all.police.accepted.add(all.stored), /^the acceptance of dlv_/],
  ['a feedback', () => all.police.feedback.add('fbk_x'), /^feedback fbk_x$/],
  ['a call', () => all.calls.add('cal_x'), /^call cal_x$/],
  ['a row the log knows of', () => sql('delete from feedback'), /^a feedback of the log that is not in the ledger/],
];

test.each(LOST)('%s is lost', async (_what, plant, found) => {
  await plant();
  expect((await verdict()).lost.filter((line) => found.test(line))).toHaveLength(1);
});

test('an audit log whose places were changed ends the run', async () => {
  await verdict();
  await sql('alter table audit_leaves disable trigger audit_leaves_append_only');
  await sql(`update audit_leaves set leaf_hash = sha256(leaf_hash) where index = 1`);
  await expect(verdict()).rejects.toMatchObject({ code: 'ZD_ERR_AUDIT_CORRUPT' });
});

const FALSE: readonly (readonly [what: string, plant: () => unknown, deliveryId: () => string, state: string])[] = [
  ['as stored, which no agency has', () => all.police.stored.delete(all.stored), () => all.stored, 'stored'],
  ['as accepted, which nobody accepted', () => all.police.accepted.delete(all.accepted), () => all.accepted, 'accepted'],
];

test.each(FALSE)('what is shown %s is false', async (_what, plant, deliveryId, state) => {
  plant();
  expect((await verdict()).false).toEqual([`${deliveryId()} is shown as ${state}`]);
});

const DUPLICATES: readonly (readonly [what: string, plant: () => unknown, found: RegExp])[] = [
  ['two deliveries of one report', () => all.police.stored.set('dlv_x', all.reportId), /has several deliveries at one agency$/],
  ['two receipts of one delivery', () => all.police.contradicted.add(all.stored), /has several receipts$/],
  ['a delivery with other bytes', () => (all.conflicts = 1), /^1 deliveries of one agency came with other bytes$/],
];

test.each(DUPLICATES)('%s is a duplicate', async (_what, plant, found) => {
  plant();
  expect((await verdict()).duplicate).toEqual([expect.stringMatching(found)]);
});

async function sql(statement: string): Promise<void> {
  await fixture.database.pool.query(statement);
}
