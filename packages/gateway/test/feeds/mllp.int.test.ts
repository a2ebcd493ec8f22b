import { connectMllp, sendMllp } from '@zhida/hl7v2/mllp';
import { waitUntil } from '@zhida/testkit';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../src/index.js';
import { type Fixture, makeFixture, only } from '../support/fixture.js';
import { arrival, BOY, GIRL, hcgResult, merge, message, move, msh, note, pid, pv1 } from './support/messages.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({ gateway: { feeds: [{ kind: 'mllp', name: 'his', port: 0 }] } });
});
afterAll(async () => fixture.close());
beforeEach(async () => fixture.reset());

const portOf = (gateway: Gateway): number => gateway.feeds[0]?.port ?? 0;
const send = async (text: string | Uint8Array, gateway = fixture.gateway) =>
  (await sendMllp({ host: '127.0.0.1', port: portOf(gateway), message: text })).code;

interface Row {
  readonly status: string;
  readonly control_id: string | null;
  readonly type: string | null;
  readonly problem_code: string | null;
  readonly problem_at: string | null;
  readonly ack_code: string | null;
}
const rows = () => fixture.rows<Row>('select status, control_id, type, problem_code, problem_at, ack_code from feed_messages order by seq');
/** Lets whoever folds a message wait until it is released. */
async function holdFolding(): Promise<{ readonly client: pg.Client; readonly release: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: fixture.database.pool.options.connectionString });
  await client.connect();
  await client.query('begin; lock table folded_visits in access exclusive mode');
  return { client, release: async () => client.end() };
}
const effects = async () =>
  only(
    await fixture.rows<Record<string, number>>(
      `select (select count(*) from feed_messages) as messages, (select sum(revision) from encounters) as revisions,
        (select count(*) from prompt_events) as events`,
    ),
  );

describe('messages of one visit', () => {
  test('fold into one snapshot across systems, visits in between and a restart of the gateway', async () => {
    expect(await send(arrival(GIRL, { controlId: 'H1' }))).toBe('AA');
    expect(await send(arrival(BOY, { controlId: 'H2' }))).toBe('AA');
    expect(await send(note(GIRL, { controlId: 'E1' }, '主诉', '下腹痛、恶心1周'))).toBe('AA');
    expect(await fixture.prompts()).toEqual([]);
    const restarted = await createGateway(fixture.options);
    await restarted.start();
    try {
      expect(await send(note(BOY, { controlId: 'E2' }, '主诉', '发热伴咳嗽2天'), restarted)).toBe('AA');
      expect(await send(hcgResult(GIRL, { controlId: 'L1' }, '12500'), restarted)).toBe('AA');
    } finally {
      await restarted.stop();
    }
    const prompt = only(await fixture.prompts());
    expect(prompt).toMatchObject({ level: 'red', encounter: { id: 'P0013-V0013', revision: 3, visitNumber: 'V0013' } });
    expect(prompt.prefill).toMatchObject({ patient: { name: '张晓婷', birthDate: '2013-03-18' } });
    expect(await fixture.rows('select revision, level from encounters order by level desc, revision')).toEqual([
      { revision: 3, level: 'red' },
      { revision: 2, level: 'none' },
    ]);
  });

  test('U33 a corrected result closes the prompt with its reason, a later one opens it again', async () => {
    await send(arrival(GIRL, { controlId: 'H1' }));
    await send(hcgResult(GIRL, { controlId: 'L1' }, '12500'));
    const before = only(await fixture.prompts());
    await send(hcgResult(GIRL, { controlId: 'L2' }, '2', 'C'));
    expect(only(await fixture.prompts())).toMatchObject({ id: before.id, state: 'closed' });
    expect(await fixture.rows(`select code from prompt_events where kind = 'closed'`)).toEqual([{ code: 'result-corrected' }]);
    await send(hcgResult(GIRL, { controlId: 'L3' }, '13900', 'C'));
    expect(only(await fixture.prompts())).toMatchObject({ id: before.id, state: 'shown', occurrence: 2 });
  });

  test('U33 A11 closes the prompt because the visit was cancelled, and the visit may come back', async () => {
    await send(arrival(GIRL, { controlId: 'H1' }));
    await send(hcgResult(GIRL, { controlId: 'L1' }, '12500'));
    await send(arrival(GIRL, { controlId: 'H2' }, 'A11'));
    expect(only(await fixture.prompts()).state).toBe('closed');
    expect(await fixture.rows(`select code from prompt_events where kind = 'closed'`)).toEqual([{ code: 'visit-cancelled' }]);
    await send(arrival(GIRL, { controlId: 'H3' }, 'A08'));
    expect(only(await fixture.prompts())).toMatchObject({ state: 'shown', occurrence: 2 });
  });

  test('U33 after a report a correction or a cancelled visit takes nothing back and is noted, so that 更正 can be offered', async () => {
    await send(arrival(GIRL, { controlId: 'H1' }));
    await send(hcgResult(GIRL, { controlId: 'L1' }, '12500'));
    const pressed = only(await fixture.prompts());
    expect((await fixture.press(pressed)).statusCode).toBe(202);
    await send(hcgResult(GIRL, { controlId: 'L2' }, '2', 'C'));
    const corrected = only(await fixture.prompts());
    expect(corrected).toMatchObject({ id: pressed.id, state: 'reported', level: 'red', correctedAt: '2026-11-22T12:30:00.000Z' });
    expect(corrected.version).toBeGreaterThan(pressed.version);
    await send(arrival(GIRL, { controlId: 'H2' }, 'A11'));
    expect(await fixture.rows(`select kind, code from prompt_events where kind in ('closed', 'corrected')`)).toEqual([
      { kind: 'corrected', code: 'result-corrected' },
    ]);
    await send(hcgResult(GIRL, { controlId: 'L3' }, '12900', 'C'));
    expect(only(await fixture.prompts())).toMatchObject({ state: 'reported', correctedAt: null });
  });

  test('U33 A40 takes the prompt along to the number that stays; both numbers find the visit afterwards', async () => {
    const unknown = { ...GIRL, patient: 'P-unknown' };
    await send(arrival(unknown, { controlId: 'H1' }));
    await send(hcgResult(unknown, { controlId: 'L1' }, '12500'));
    const before = only(await fixture.prompts());
    await send(merge({ ...GIRL, patient: 'P0013' }, 'P-unknown', { controlId: 'H2' }));
    expect(only(await fixture.prompts())).toMatchObject({ id: before.id, state: 'shown' });
    await send(hcgResult({ ...GIRL, patient: 'P0013' }, { controlId: 'L2' }, '2', 'C'));
    expect(only(await fixture.prompts())).toMatchObject({ id: before.id, state: 'closed' });
    expect(await fixture.rows('select count(*) as visits from encounters')).toEqual([{ visits: 1 }]);
  });

  test('U33 A40 of two numbers that both have a prompt leaves one prompt for the one child, with the reasons of both', async () => {
    const infant = { patient: 'P-a', visit: 'V-a', birth: '20260810' };
    const other = { ...infant, patient: 'P-b', visit: 'V-b' };
    const bruise = '左耳廓及耳后可见瘀斑约1.5cm，右面颊瘀青，余未见异常。';
    await send(note(infant, { controlId: 'E1' }, '体格检查', bruise));
    await send(note(other, { controlId: 'E2' }, '体格检查', bruise));
    expect(await fixture.prompts()).toHaveLength(2);
    await send(merge(infant, 'P-b', { controlId: 'H1' }));
    expect((await fixture.prompts()).map(({ state }) => state).toSorted()).toEqual(['closed', 'shown']);
    expect(await fixture.rows(`select code from prompt_events where kind = 'closed'`)).toEqual([{ code: 'patient-changed' }]);
    const open = only((await fixture.prompts()).filter(({ state }) => state === 'shown'));
    expect(await fixture.rows(`select count(*) as visits from prompt_encounters where prompt_id = '${open.id}'`)).toEqual([{ visits: 2 }]);
  });

  test('U33 A42 keeps the one prompt when a visit goes into another; A45 takes it from a child it was not about and asks about the right one', async () => {
    const second = { ...GIRL, visit: 'V0014' };
    const right = { patient: 'P0015', visit: 'V0014', birth: '20130601', name: '王^小雨' };
    await send(arrival(GIRL, { controlId: 'H1' }));
    await send(hcgResult(GIRL, { controlId: 'L1' }, '12500'));
    const before = only(await fixture.prompts());
    await fixture.act(before.id, 'defer', { code: 'treat-first' });
    await send(move(GIRL, second, { controlId: 'H2' }, 'A42'));
    expect(only(await fixture.prompts())).toMatchObject({ id: before.id, state: 'deferred', encounter: { visitNumber: 'V0014' } });
    await send(move(second, right, { controlId: 'H3' }, 'A45'));
    const [asks, gone] = await fixture.prompts();
    expect([asks?.state, asks?.patient.id, gone?.id, gone?.state]).toEqual(['shown', 'P0015', before.id, 'closed']);
    expect(JSON.stringify(asks?.prefill)).not.toMatch(/晓婷|P0013/);
    expect(await fixture.rows(`select code from prompt_events where kind = 'closed'`)).toEqual([{ code: 'visit-cancelled' }]);
    // What nobody knows is taken, and stands beside the message for operators.
    expect(await send(move({ ...GIRL, visit: 'V9' }, { ...GIRL, visit: 'V10' }, { controlId: 'H4' }, 'A42'))).toBe('AA');
    expect((await rows()).at(-1)).toMatchObject({ status: 'processed', problem_code: 'REFERENCE_UNRESOLVED', problem_at: 'MRG-5' });
  });

  test('of an adult nothing is kept but the sealed message, and no visit', async () => {
    const adult = { ...GIRL, patient: 'P-adult', birth: '19860203' };
    expect(await send(arrival(adult, { controlId: 'H1' }))).toBe('AA');
    expect(await send(hcgResult(adult, { controlId: 'L1' }, '12500'))).toBe('AA');
    expect(await rows()).toMatchObject([{ status: 'processed' }, { status: 'processed' }]);
    expect(await fixture.rows('select 1 from encounters union all select 1 from folded_visits')).toEqual([]);
  });

  test('a birth date that was typed wrong and is put right makes what was said before count', async () => {
    const mistyped = { ...GIRL, birth: '19130318' };
    await send(arrival(mistyped, { controlId: 'H1' }));
    await send(hcgResult(mistyped, { controlId: 'L1' }, '12500'));
    expect(await fixture.prompts()).toEqual([]);
    await send(arrival(GIRL, { controlId: 'H2' }, 'A08'));
    expect(only(await fixture.prompts())).toMatchObject({ level: 'red', patient: { ageText: '13岁' } });
    expect(await fixture.rows('select 1 from feed_messages where passed_over_keys is not null')).toEqual([]);
  });

  test('a system that sends no birth date does not make an adult a child', async () => {
    await send(arrival({ ...GIRL, birth: '19860203' }, { controlId: 'H1' }));
    await send(hcgResult({ ...GIRL, birth: '' }, { controlId: 'L1' }, '12500'));
    expect(await fixture.rows('select level from encounters')).toEqual([{ level: 'none' }]);
    expect(await fixture.prompts()).toEqual([]);
  });

  test('after its folded state was erased a visit counts on, and what comes then is not taken for old', async () => {
    await send(arrival(GIRL, { controlId: 'H1' }));
    await send(arrival(GIRL, { controlId: 'H2' }, 'A08'));
    await fixture.database.pool.query('delete from folded_visits');
    await send(hcgResult(GIRL, { controlId: 'L1' }, '12500'));
    expect(only(await fixture.prompts()).encounter.revision).toBe(3);
  });
});

describe('acknowledgements', () => {
  test('a repeated MSH-10 gets the very bytes of the first answer, also from a restarted gateway, and has one effect', async () => {
    const text = arrival(GIRL, { controlId: 'H1', accept: 'AL', application: 'AL' });
    const exchange = async (gateway: Gateway) =>
      sendMllp({ host: '127.0.0.1', port: portOf(gateway), message: text, until: 'application' });
    const first = await exchange(fixture.gateway);
    const before = await effects();
    expect(Buffer.from((await exchange(fixture.gateway)).bytes)).toEqual(Buffer.from(first.bytes));
    const restarted = await createGateway(fixture.options);
    await restarted.start();
    try {
      expect(Buffer.from((await exchange(restarted)).bytes)).toEqual(Buffer.from(first.bytes));
    } finally {
      await restarted.stop();
    }
    expect(await effects()).toEqual(before);
    expect(await rows()).toMatchObject([{ control_id: 'H1', type: 'ADT^A04', ack_code: 'AA', status: 'processed' }]);
  });

  test('a message that is being worked on is acknowledged with CA at once, from wherever it is sent again', async () => {
    const beside = await createGateway(fixture.options);
    await beside.start();
    const { client, release } = await holdFolding();
    try {
      const worked = send(hcgResult(GIRL, { controlId: 'L1', accept: 'NE', application: 'AL' }, '12500'));
      // What erases folded visits waits for the table too; whoever folds has taken the message's name before.
      const folding = `select 1 from pg_locks waits join pg_locks has using (pid) where waits.relation = 'folded_visits'::regclass
        and not waits.granted and has.locktype = 'advisory' and has.granted`;
      await waitUntil(async () => ((await client.query(folding)).rowCount ?? 0) > 0, { what: 'folding waits' });
      const again = hcgResult(GIRL, { controlId: 'L1', accept: 'AL', application: 'AL' }, '12500');
      expect((await sendMllp({ host: '127.0.0.1', port: portOf(beside), message: again, until: 'first' })).code).toBe('CA');
      await release();
      expect(await worked).toBe('AA');
      expect(await effects()).toEqual({ messages: 1, revisions: '1', events: 1 });
    } finally {
      await release();
      await beside.stop();
    }
  });

  test('many senders at once: every message has its effect once, and one child has one prompt', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => connectMllp({ host: '127.0.0.1', port: portOf(fixture.gateway) })));
    const sent = clients.flatMap((client, index) => [
      client.send(note(GIRL, { controlId: `E${index}` }, '主诉', `下腹痛${index}天`)),
      client.send(hcgResult(GIRL, { controlId: `L${index}` }, '12500')),
      client.send(note({ ...BOY, patient: `P-${index}`, visit: `V-${index}` }, { controlId: `B${index}` }, '主诉', '发热')),
    ]);
    expect(new Set((await Promise.all(sent)).map(({ code }) => code))).toEqual(new Set(['AA']));
    for (const client of clients) client.close();
    expect(only(await fixture.prompts()).encounter.revision).toBe(8);
    expect((await rows()).every(({ status }) => status === 'processed')).toBe(true);
  });

  test.each(['P', 'D', 'X', 'PROD'])(
    'INV-16 a message with MSH-11 %s is refused by a test gateway, and nothing of it is kept',
    async (processingId) => {
      const text = arrival(GIRL, { controlId: 'H-mode', processingId });
      await expect(send(text)).rejects.toMatchObject({ code: 'ZD_ERR_MLLP_REFUSED' });
      expect(await rows()).toEqual([
        {
          status: 'refused',
          control_id: 'H-mode',
          type: 'ADT^A04',
          problem_code: 'ZD_ERR_MODE_REFUSED',
          problem_at: 'MSH-11',
          ack_code: null,
        },
      ]);
      expect(await fixture.rows('select sealed_message, wrapped_key from feed_messages')).toEqual([
        { sealed_message: null, wrapped_key: null },
      ]);
      expect(await fixture.rows('select 1 from encounters')).toEqual([]);
    },
  );

  test('INV-16 a message without MSH-11 takes the gateway’s mode', async () => {
    await send(hcgResult(GIRL, { controlId: 'L1', processingId: '' }, '12500'));
    expect(only(await fixture.prompts()).mode).toBe('test');
  });

  test('a message that cannot be folded is set aside with AE, and the next one is taken', async () => {
    const nested = message(msh('ORU^R01', { controlId: 'deep' }), pid(GIRL), pv1(GIRL), `OBX|1|TX|||${'^'.repeat(250_000)}`);
    await expect(send(nested)).rejects.toMatchObject({ code: 'ZD_ERR_MLLP_REFUSED' });
    expect(await send(hcgResult(GIRL, { controlId: 'L1' }, '12500'))).toBe('AA');
    expect(await rows()).toMatchObject([
      { status: 'set-aside', control_id: 'deep', problem_code: 'ZD_ERR_INPUT_TOO_LARGE', problem_at: 'MSH', ack_code: 'AE' },
      { status: 'processed', control_id: 'L1' },
    ]);
    expect(await fixture.actions()).toContain('feed-message.set-aside');
    expect(only(await fixture.prompts()).level).toBe('red');
  });

  test('what is no message is refused and counted; the connection and the feed go on', async () => {
    const client = await connectMllp({ host: '127.0.0.1', port: portOf(fixture.gateway) });
    await expect(client.send('MSH|^~\\&|HIS')).rejects.toMatchObject({ code: 'ZD_ERR_MLLP_REFUSED' });
    expect((await client.send(arrival(BOY, { controlId: 'H1' }))).code).toBe('AA');
    client.close();
    await waitUntil(async () => only(await fixture.rows<{ refused: number }>(`select refused from feeds where name = 'his'`)).refused > 0, {
      what: 'the refusal is counted',
    });
  });
});
