import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createId, isoNow } from '@zhida/core';
import { signAttachmentReceipt } from '@zhida/signing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aReport, FACILITY, type Fixture, makeFixture, withStation } from '../../packages/relay/test/support/fixture.js';
import { postFeedback, postReceipt } from '../../packages/relay/test/support/receipts.js';
import { answers, type Arrival, type ScriptedAgency } from '../../packages/relay/test/support/scripted-agency.js';
import { emptyHospital, type Hospital } from './driver/pressing.js';
import { settle, type Unsettled } from './driver/settle.js';
import { watchShown } from './driver/shown.js';
import { emptyTruth, type Truth } from './driver/truth.js';
import { type Answered, judge, type Judged, type Verdict } from './driver/verdict.js';
import { askStatus, attach, attest, logCall } from './support/press.js';

/** Whatever a run could find out, planted: a driver that sees no harm where there is some says nothing by its 0. */
interface Case {
  readonly judged: Judged;
  readonly hospital: Hospital;
  /** What the police hold: of two reports one accepted, with an outcome, and a follow-up of the first. */
  readonly police: Truth;
  readonly accepted: string;
  readonly stored: string;
  readonly reportId: string;
  /** Its attachments at the police. */
  readonly held: Map<string, string>;
  readonly attachmentId: string;
  /** Deliveries that came to the police with other bytes. */
  conflicts: number;
}

let fixture: Fixture;
let all: Case;

function truthOf({ arrivals }: ScriptedAgency): Truth {
  const stored = arrivals.map(({ claims }) => [claims.deliveryId, { reportId: claims.reportId, sinceMs: 0 }] as const);
  return { ...emptyTruth(), stored: new Map(stored), arrivals: arrivals.length };
}

async function pressAs(hospital: Hospital, pressId: string, overrides: Record<string, unknown> = {}): Promise<string> {
  const { reportId, number } = (await fixture.press(aReport(overrides), { pressId })).json<Answered>();
  const { chain } = overrides as { chain?: { id: string } };
  hospital.answered.set(pressId, { reportId, number, ...(chain === undefined ? {} : { chainId: chain.id }) });
  return reportId;
}

/** One accepts, and tells an outcome. */
async function policeAct(police: Truth, arrival: Arrival): Promise<void> {
  const { deliveryId, reportId } = arrival.claims;
  const [receiptId, feedbackId] = [createId('rcp'), createId('fbk')];
  police.closed.set(deliveryId, 0);
  police.acts.set(receiptId, { deliveryId, stage: 'accepted' });
  police.feedback.add(feedbackId);
  await postReceipt(fixture, arrival, { stage: 'accepted', receiptId });
  await postFeedback(fixture, reportId, { feedbackId });
}

/** The hospital telephones, brings a picture that the police sign for, and hands the report over at the station. */
async function hospitalActs({ calls, attachments, attested }: Hospital, arrival: Arrival): Promise<string> {
  const { reportId } = arrival.claims;
  const relayUrl = await fixture.relay.app.listen({ host: '127.0.0.1', port: 0 });
  const presser = { clock: fixture.clock, gatewayKeys: fixture.parties.gateway };
  const at = isoNow(fixture.clock);
  const call = { callId: createId('cal'), reportId, facility: FACILITY, at };
  expect(await logCall(presser, relayUrl, call)).toBe(200);
  calls.add(call.callId);
  const attached = { attachmentId: createId('att'), reportId, bytes: Buffer.from('a picture') };
  expect(await attach(presser, relayUrl, attached)).toBe(201);
  const sha256 = createHash('sha256').update(attached.bytes).digest('hex');
  attachments.set(attached.attachmentId, { reportId, sha256 });
  const { police: keys } = fixture.parties;
  const claims = { v: '1', mode: 'test', iss: keys.party, aud: 'relay:yunxi', receiptId: createId('rcp'), sha256, at } as const;
  const { deliveryId } = arrival.claims;
  const payload = await signAttachmentReceipt({ ...claims, attachmentId: attached.attachmentId, deliveryId, reportId }, keys);
  const headers = { 'content-type': 'application/jose' };
  const signed = await fixture.relay.app.inject({ method: 'POST', url: '/v1/agency/attachment-receipts', headers, payload });
  expect(signed.statusCode).toBe(200);
  const lines = (await askStatus(presser, relayUrl, reportId))?.lines ?? [];
  const byHand = lines.find(({ state }) => state === 'open')?.deliveryId ?? '';
  attested.set(byHand, 0);
  expect(await attest(presser, relayUrl, { deliveryId: byHand, facility: FACILITY, at })).toBe(200);
  return attached.attachmentId;
}

beforeEach(async () => {
  fixture = await makeFixture({ relay: withStation });
  await watchShown(fixture.database.pool);
  const hospital = emptyHospital();
  const reportId = await pressAs(hospital, 'press-one');
  await pressAs(hospital, 'press-two');
  await pressAs(hospital, 'press-later', { kind: 'follow-up', chain: { id: reportId } });
  await fixture.relay.drain();
  const arrivalOf = ({ arrivals }: ScriptedAgency, id: string): Arrival => {
    const arrival = arrivals.find(({ claims }) => claims.reportId === id);
    if (arrival === undefined) throw new Error('a report has not arrived');
    return arrival;
  };
  const [police, civilAffairs] = [truthOf(fixture.police), truthOf(fixture.civilAffairs)];
  const first = arrivalOf(fixture.police, reportId);
  await policeAct(police, first);
  const attachmentId = await hospitalActs(hospital, first);
  const held = new Map([...hospital.attachments].map(([id, { sha256 }]) => [id, sha256]));
  const agencyOf = (truth: Truth, conflicts: () => number, attachments?: ReadonlyMap<string, string>) => ({
    truth,
    getsAttachments: attachments !== undefined,
    conflicts: async () => conflicts(),
    attachmentsOf: async () => attachments ?? new Map(),
    saidTwice: () => 0,
  });
  all = {
    judged: {
      ledger: fixture.database,
      relayKeys: fixture.parties.relay,
      auditDirectory: join(fixture.options.dataDirectory, 'audit'),
      agencies: [agencyOf(police, () => all.conflicts, held), agencyOf(civilAffairs, () => 0)],
    },
    hospital,
    police,
    accepted: first.claims.deliveryId,
    stored: arrivalOf(fixture.police, hospital.answered.get('press-two')?.reportId ?? '').claims.deliveryId,
    reportId,
    held,
    attachmentId,
    conflicts: 0,
  };
});
afterEach(async () => fixture.close());

const verdict = (): Promise<Verdict> => judge(all.judged, all.hospital);

test('where nothing is wrong nothing is found', async () => {
  const counts = { accepted: 1, feedback: 1, calls: 1, later: 1, attachments: 1, attestations: 1, shown: 8 };
  expect(await verdict()).toMatchObject({ lost: [], false: [], duplicate: [], counts });
});

const LOST: readonly (readonly [what: string, plant: () => unknown, found: RegExp])[] = [
  ['a press that is no report', () => all.hospital.answered.set('press-three', { reportId: 'rpt_x', number: '1' }), /^press press-three$/],
  [
    'a press that is another report',
    () => all.hospital.answered.set('press-one', { reportId: all.reportId, number: '1' }),
    /^press press-one$/,
  ],
  [
    'a follow-up outside its case',
    () => sql(`update reports set chain_id = report_id, sequence = 9 where sequence = 2`),
    /^press press-later$/,
  ],
  ['a report that never came to an agency', () => all.police.stored.delete(all.stored), /at an agency$/],
  ['an acceptance', () => all.police.closed.set(all.stored, 0), /^what closes dlv_/],
  [
    'a receipt that an officer gave',
    () => all.police.acts.set('rcp_x', { deliveryId: all.stored, stage: 'stopped-using' }),
    /^the receipt stopped-using of dlv_/,
  ],
  ['a feedback', () => all.police.feedback.add('fbk_x'), /^feedback fbk_x$/],
  ['a call', () => all.hospital.calls.add('cal_x'), /^call cal_x$/],
  ['an attachment that an agency has with other bytes', () => all.held.set(all.attachmentId, '0'), /^attachment att_\w+ at an agency$/],
  ['an attachment that an agency has not', () => all.held.clear(), /^attachment att_\w+ at an agency$/],
  ['the word of an agency that it has an attachment', () => sql('delete from attachment_receipts'), /^a receipt of attachment att_/],
  ['an attestation', () => all.hospital.attested.set('dlv_x', 0), /^the attestation of dlv_x$/],
  ['a row the log knows of', () => sql('delete from feedback'), /^a feedback of the log that is not in the ledger/],
];

test.each(LOST)('%s is lost', async (_what, plant, found) => {
  await plant();
  expect((await verdict()).lost.filter((line) => found.test(line))).toHaveLength(1);
});

test('an audit log whose places were changed is lost', async () => {
  await verdict();
  await sql('alter table audit_leaves disable trigger audit_leaves_append_only');
  await sql(`update audit_leaves set leaf_hash = sha256(leaf_hash) where index = 1`);
  expect((await verdict()).lost).toEqual(['the audit log cannot be gone on with: ZD_ERR_AUDIT_CORRUPT']);
});

test('what is not delivered and not said when the time is over is lost, and ends no run', async () => {
  fixture.police.behave = answers(503);
  const reportId = await pressAs(all.hospital, 'press-late');
  await fixture.relay.drain();
  const told: Unsettled[] = [];
  const waits = { waiting: async () => 1 };
  await settle({ ledger: fixture.database, agencies: [waits, waits] }, 0, (unsettled) => told.push(unsettled));
  // The police's, and those of the station that nobody has attested.
  expect(told).toEqual([{ deliveries: 4, attachments: 0, statements: 2 }]);
  expect((await verdict()).lost).toContain(`report ${reportId} at an agency`);
});

const FALSE: readonly (readonly [what: string, plant: () => unknown, found: () => string])[] = [
  ['as stored, which no agency has', () => all.police.stored.delete(all.stored), () => `${all.stored} is shown as stored`],
  ['as accepted, which nobody accepted', () => all.police.closed.delete(all.accepted), () => `${all.accepted} is shown as accepted`],
  [
    'as accepted a moment before somebody accepted',
    () => all.police.closed.set(all.accepted, Date.now() + 1_000),
    () => `${all.accepted} was shown as accepted before it was`,
  ],
  [
    'as attested, which nobody attested',
    () => all.hospital.attested.clear(),
    () => expect.stringMatching(/^dlv_\w+ is shown as attested$/),
  ],
  [
    'as accepted in one answer to one who asked',
    () => all.hospital.seen.push({ deliveryId: all.stored, state: 'accepted', atMs: 0 }),
    () => `${all.stored} is shown as accepted`,
  ],
];

test.each(FALSE)('what is shown %s is false', async (_what, plant, found) => {
  plant();
  expect((await verdict()).false).toEqual([found()]);
});

const DUPLICATES: readonly (readonly [what: string, plant: () => unknown, found: RegExp])[] = [
  [
    'two deliveries of one report',
    () => all.police.stored.set('dlv_x', { reportId: all.reportId, sinceMs: 0 }),
    /has several deliveries at one agency$/,
  ],
  ['two receipts of one delivery', () => all.police.contradicted.add(all.stored), /has several receipts$/],
  ['a delivery with other bytes', () => (all.conflicts = 1), /^1 deliveries of one agency came with other bytes$/],
  [
    'a receipt that is in the ledger twice',
    () => postReceipt(fixture, fixture.police.arrivals.find(({ claims }) => claims.deliveryId === all.accepted)!, { stage: 'accepted' }),
    /^the receipt accepted of dlv_\w+ is in the ledger more than once$/,
  ],
];

test.each(DUPLICATES)('%s is a duplicate', async (_what, plant, found) => {
  await plant();
  expect((await verdict()).duplicate).toEqual([expect.stringMatching(found)]);
});

async function sql(statement: string): Promise<void> {
  await fixture.database.pool.query(statement);
}
