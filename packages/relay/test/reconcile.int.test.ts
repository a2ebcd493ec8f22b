import { createId, isoNow } from '@zhida/core';
import { formatPaperNumber } from '@zhida/report';
import { signAttachmentReceipt, signFeedback } from '@zhida/signing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reconcileLedger } from '../src/index.js';
import { LEDGER_CHECKS } from '../src/reconcile/checks.js';
import { aReport, FACILITY, type Fixture, makeFixture, STATION, withStation } from './support/fixture.js';
import { answers, type Arrival, stores } from './support/scripted-agency.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({ relay: withStation });
  await someLife();
});
afterAll(async () => fixture.close());

async function post(path: string, jws: string): Promise<void> {
  const headers = { 'content-type': 'application/jose' };
  expect((await fixture.relay.app.inject({ method: 'POST', url: path, headers, payload: jws })).statusCode).toBe(200);
}

async function receipt(arrival: Arrival, stage: 'accepted' | 'misdirected', transferredTo: string | null = null): Promise<void> {
  await post('/v1/agency/receipts', await fixture.police.receipt(arrival, { stage, transferredTo, receiptId: createId('rcp') }));
}

/** An attachment that the police have signed for. */
async function attach({ claims: { deliveryId, reportId } }: Arrival): Promise<void> {
  const attachmentId = createId('att');
  const url = `/v1/reports/${reportId}/attachments`;
  const headers = { authorization: `Bearer ${await fixture.assertion('report:create')}`, 'idempotency-key': attachmentId };
  const stored = await fixture.relay.app.inject({ method: 'POST', url, headers, payload: Buffer.from('bytes') });
  expect(stored.statusCode).toBe(201);
  const { sha256 } = stored.json<{ sha256: string }>();
  const base = { v: '1', mode: 'test', iss: 'agency:police-440299', aud: 'relay:yunxi', at: isoNow(fixture.clock) } as const;
  const receipt = { ...base, receiptId: createId('rcp'), attachmentId, deliveryId, reportId, sha256 };
  await post('/v1/agency/attachment-receipts', await signAttachmentReceipt(receipt, fixture.parties.police));
}

/** Reports in every state a ledger knows: stored, accepted, handed on, refused and open. */
async function someLife(): Promise<void> {
  await Promise.all([1, 2, 3].map(() => fixture.press()));
  await fixture.relay.drain();
  const [first, second] = fixture.police.arrivals;
  if (first === undefined || second === undefined) throw new Error('nothing arrived');
  await receipt(first, 'accepted');
  await receipt(second, 'misdirected', 'agency:police-440298');
  await post(
    '/v1/agency/feedback',
    await signFeedback(
      {
        v: '1',
        mode: 'test',
        iss: 'agency:police-440299',
        aud: 'relay:yunxi',
        feedbackId: createId('fbk'),
        reportId: first.claims.reportId,
        code: 'case-accepted',
        reason: null,
        transferredTo: null,
        releaseTo: [],
        documentNumber: null,
        at: isoNow(fixture.clock),
      },
      fixture.parties.police,
    ),
  );
  const lines = (await fixture.relay.ledger.status(FACILITY, first.claims.reportId))?.lines ?? [];
  const station = lines.find(({ recipient }) => recipient.party === STATION.party)?.deliveryId ?? '';
  const handover = { handedTo: '值班民警', handedAt: isoNow(fixture.clock), how: 'telephone' };
  expect((await fixture.operate('POST', `/v1/deliveries/${station}/attest`, handover)).statusCode).toBe(200);
  const called = await fixture.relay.app.inject({
    method: 'POST',
    url: `/v1/reports/${first.claims.reportId}/calls`,
    headers: { authorization: `Bearer ${await fixture.assertion('report:create')}` },
    payload: JSON.stringify({ callId: createId('cal'), outcome: 'answered', at: isoNow(fixture.clock) }),
  });
  expect(called.statusCode).toBe(200);
  await attach(first);
  const block = await fixture.operate('POST', '/v1/paper/blocks', { count: 5, handedTo: '溪口镇卫生院' });
  const { first: spoilt } = block.json<{ first: string }>();
  expect((await fixture.operate('POST', `/v1/paper/numbers/${spoilt}/void`, { reason: '写坏' })).statusCode).toBe(200);
  fixture.police.behave = answers(503);
  const entered = formatPaperNumber({ regionCode: '440299', hospitalIndex: 3, serial: 2 });
  await fixture.press(aReport({ source: 'paper', paper: { number: entered } }));
  await fixture.relay.drain();
  fixture.police.behave = stores;
}

describe('INV-2 pressed = stored = delivered or visibly open', () => {
  test('INV-2 a ledger that lost nothing has no difference, and counts what is proved, held and open apart', async () => {
    expect(await reconcileLedger(fixture.database.pool)).toEqual({
      reports: 4,
      deliveries: 13,
      proved: { stored: 6, accepted: 1 },
      attested: 1,
      open: { total: 5, held: { 'no-route': 1, 'no-system': 3 } },
      attachments: { total: 1, owed: 0 },
      deadLetters: 0,
      forwards: { total: 0, open: 0 },
      exercises: { reports: 0, deliveries: 0, open: 0 },
      differences: [],
    });
  });

  const audited = (action: string): string => `convert_from(bytes, 'UTF8')::jsonb->>'action' = '${action}'`;
  const ONE_AUDIT_ENTRY = (action: string): string =>
    `delete from audit_details where entry_id = (select min(id) from audit_entries where ${audited(action)});
     delete from audit_entries where id = (select min(id) from audit_entries where ${audited(action)})`;
  /** How each promise could be broken by a fault or a hand; the table's guards are taken away for it. */
  const BREAKS: Readonly<Record<string, string>> = {
    'a report that is owed to nobody': `update deliveries set report_id = (select max(report_id) from reports)
      where report_id = (select min(report_id) from reports) and recipient_party like '%-440298';
      delete from deliveries where report_id = (select report_id from reports order by number desc limit 1)`,
    'a report without its first event': 'delete from report_events where version = 1 and report_id = (select min(report_id) from reports)',
    'a report whose last event is not its version':
      'update reports set version = version + 1 where report_id = (select min(report_id) from reports)',
    'a report the log does not know, or knows twice': ONE_AUDIT_ENTRY('report.accepted'),
    'a report of the log that is not in the ledger': `update reports set report_id = report_id || 'x' where report_id = (select min(report_id) from reports)`,
    'a number given to no report': 'update number_serials set last = last + 1',
    'a delivery the log does not know, or knows twice': ONE_AUDIT_ENTRY('delivery.opened'),
    'a delivery of the log that is not in the ledger': `delete from deliveries where recipient_party = 'agency:police-440298'`,
    'an open delivery that nothing will send and nobody is said to hold': `alter table deliveries drop constraint deliveries_check1;
      update deliveries set hold_reason = null, held_by = null, held_since = null where hold_reason is not null`,
    'a delivery shown further than its proof': `update deliveries set state = 'accepted' where state = 'stored'`,
    'a receipt that moved nothing': `update deliveries set state = 'open' where state = 'stored'`,
    'a receipt the log does not know': ONE_AUDIT_ENTRY('receipt.recorded'),
    'a receipt of the log that is not in the ledger': `delete from receipts where stage = 'misdirected'`,
    'an attestation the log does not know': ONE_AUDIT_ENTRY('delivery.attested'),
    'an attestation of the log that is not in the ledger': `delete from receipts where kind = 'attestation'`,
    'a feedback the log does not know': ONE_AUDIT_ENTRY('feedback.recorded'),
    'a feedback of the log that is not in the ledger': 'delete from feedback',
    'a call the log does not know': ONE_AUDIT_ENTRY('call.recorded'),
    'a call of the log that is not in the ledger': 'delete from calls',
    'an attachment the log does not know': ONE_AUDIT_ENTRY('attachment.stored'),
    'an attachment of the log that is not in the ledger': 'delete from attachment_receipts; delete from attachments',
    'an attachment that is not whole': 'delete from attachment_parts',
    'a receipt for an attachment the log does not know': ONE_AUDIT_ENTRY('attachment.received'),
    'a receipt for an attachment of the log that is not in the ledger': 'delete from attachment_receipts',
    'an attachment an agency has not signed for and is not told of': 'delete from attachment_receipts',
    'a paper form that was passed over': 'delete from paper_numbers where serial = 1',
    'a day an agency says something else of': `insert into exchanges values
      ('agency:police-440299', '2026-11-21', 1, repeat('0', 64), '{}', 0, repeat('0', 64), false, '{}', '{}', now(), now(), '')`,
    'something taken to be forwarded the log does not know': `insert into forwards
      values ('relay:other', 'dlv_01jtbsv6h0abcdefghjkmnpqrs', 'agency:police-440299', 'jwe', now(), now())`,
    'an ended attempt the log does not know': ONE_AUDIT_ENTRY('delivery.attempted'),
    'a report handed on to an agency that is owed nothing': `delete from deliveries where recipient_party = 'agency:police-440298'`,
  };

  test('each of its checks is broken by a test', () => {
    expect(Object.keys(BREAKS)).toEqual(LEDGER_CHECKS.map(({ what }) => what));
  });

  test.each(Object.entries(BREAKS))('INV-2 %s is a difference', async (what, sql) => {
    const client = await fixture.database.pool.connect();
    try {
      await client.query('begin');
      for (const table of ['reports', 'deliveries', 'attachments', 'audit_entries', 'audit_details'])
        await client.query(`alter table ${table} disable trigger user`);
      await client.query(`do $$ declare k record; begin
        for k in select conrelid::regclass as t, conname from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace loop
          execute format('alter table %s drop constraint %I', k.t, k.conname);
        end loop; end $$`);
      for (const statement of sql.split(';')) await client.query(statement);
      const { differences } = await reconcileLedger(client);
      expect(differences.map((difference) => difference.what)).toContain(what);
      for (const { count, ids } of differences) expect(ids).toHaveLength(Math.min(count, 20));
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
  });
});
