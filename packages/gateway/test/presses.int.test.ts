import { signTicket, type TicketClaims } from '@zhida/signing';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PromptView } from '../src/index.js';
import { FACILITY, type Fixture, makeFixture, only } from './support/fixture.js';
import { answers, busy, hangsUp, silent, takes } from './support/scripted-relay.js';
import { pregnantGirl } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());
beforeEach(async () => fixture.reset());

async function prompt(account?: string): Promise<PromptView> {
  await fixture.send(pregnantGirl());
  return only(await fixture.prompts(account));
}

interface PressRow {
  readonly press_id: string;
  readonly state: string;
  readonly attempts: number;
  readonly last_problem: string | null;
  readonly report_id: string | null;
}

const presses = (): Promise<PressRow[]> =>
  fixture.rows<PressRow>('select press_id, state, attempts, last_problem, report_id from presses order by pressed_at, press_id');

async function ticket(prompt: PromptView, overrides: Partial<TicketClaims>, keys = fixture.parties.gateway): Promise<string> {
  const claims = JSON.parse(Buffer.from(prompt.ticket.split('.')[1] ?? '', 'base64url').toString('utf8')) as TicketClaims;
  return signTicket({ ...claims, iss: keys.party, ...overrides }, keys);
}

/** Moves past the head start of the request and every rung, so that the outbox finds the press due. */
function letTimePass(): void {
  fixture.clock.advance(120_000);
}

describe('a press', () => {
  test('INV-1 is committed before the relay is asked, and its 202 is passed on byte for byte', async () => {
    let committed: PressRow[] = [];
    const take = takes();
    fixture.relay.behave = (arrival, response, relay) => {
      void presses().then((rows) => {
        committed = rows;
        take(arrival, response, relay);
      });
    };
    const chosen = await prompt();
    const body = `{ "patient": {"name":"张晓婷"},\n\t"odd":1.50, "createdAt":"2026-11-22T20:30:00+08:00"}`;
    const answer = await fixture.press(chosen, { body });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.body).toMatch(/^\{ "reportId":"rpt_[0-9a-z]{26}", {2}"number": "440299-261122-010001-0".*\}\n$/);
    expect(committed).toMatchObject([{ press_id: chosen.pressId, state: 'held' }]);
    expect(fixture.relay.arrivals).toMatchObject([{ key: chosen.pressId, account: 'D1001', expired: false }]);
    expect(fixture.relay.arrivals[0]?.body.toString('utf8')).toBe(body);
    expect(await presses()).toMatchObject([{ state: 'submitted', attempts: 0 }]);
    expect(only(await fixture.prompts())).toMatchObject({ state: 'reported', reports: [{ number: '440299-261122-010001-0' }] });
  });

  test('is answered 201 held when the relay says nothing; the outbox sends it later, once', async () => {
    fixture.relay.behave = silent;
    const chosen = await prompt();
    const held = await fixture.press(chosen);
    expect([held.statusCode, held.json()]).toEqual([201, { state: 'held', pressId: chosen.pressId }]);
    expect(await presses()).toMatchObject([{ state: 'held', attempts: 1, last_problem: 'no-answer', report_id: null }]);
    expect(fixture.log.filter((line) => line.includes('"problem":"no-answer"'))).toHaveLength(1);
    const headers = { authorization: `Bearer ${await fixture.clinician()}` };
    const status = await fixture.gateway.app.inject({ method: 'GET', url: `/v1/reports/${chosen.pressId}`, headers });
    expect(status.json()).toEqual({ headline: 'held', pressId: chosen.pressId, lines: [] });
    fixture.relay.behave = takes();
    letTimePass();
    await waitUntil(async () => (await presses())[0]?.state === 'submitted', { what: 'the outbox has sent the press' });
    expect(fixture.relay.arrivals.map(({ key }) => key)).toEqual([chosen.pressId, chosen.pressId]);
    expect(fixture.relay.arrivals[1]?.body.equals(fixture.relay.arrivals[0]?.body ?? Buffer.alloc(0))).toBe(true);
  });

  test.each([
    ['a relay that is restarted', hangsUp, 'no-answer'],
    ['a proxy’s own 200', answers(200, '<html>login</html>', 'text/html'), 'status-200'],
    ['a 202 that names no report', answers(202, '{"ok":true}'), 'status-202'],
    ['a redirect', answers(302, ''), 'status-302'],
    ['a 401', answers(401, '{"code":"ZD_ERR_TOKEN_INVALID"}'), 'status-401'],
    ['a 400', answers(400, '{}'), 'status-400'],
    ['a 503', answers(503, '{}'), 'status-503'],
    ['a 409 that names no report', answers(409, '{}'), 'status-409'],
  ])('INV-2 meets %s and stays held, to be tried again until it is taken', async (_what, behave, problem) => {
    fixture.relay.behave = behave;
    expect((await fixture.press(await prompt())).statusCode).toBe(201);
    const [row] = await presses();
    expect(row).toMatchObject({ state: 'held', attempts: 1 });
    if (problem !== 'status-302') expect(row?.last_problem).toBe(problem);
    letTimePass();
    await waitUntil(async () => ((await presses())[0]?.attempts ?? 0) >= 2, { what: 'the outbox has tried again' });
    await waitUntil(() => fixture.log.some((line) => line.includes('still held') && line.includes('"problem"')), { what: 'why is told' });
    fixture.relay.behave = takes();
    await waitUntil(
      async () => {
        letTimePass();
        return (await presses())[0]?.state === 'submitted';
      },
      { what: 'the press is taken' },
    );
  });

  test('climbs its ladder while the relay is away, and the last rung repeats for ever', async () => {
    fixture.relay.behave = hangsUp;
    await fixture.press(await prompt());
    const rungs = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 60_000, 60_000];
    for (const [index, rung] of rungs.entries()) {
      const [row] = await fixture.rows<{ attempts: number; next_due_at: Date }>('select attempts, next_due_at from presses');
      expect(row).toEqual({ attempts: index + 1, next_due_at: new Date(fixture.clock.now() + rung) });
      fixture.clock.advance(rung);
      await waitUntil(async () => (await presses())[0]?.attempts === index + 2, { what: `attempt ${index + 2}` });
    }
  });

  test.each([
    ['1', 1_000],
    ['0', 1_000],
    ['86400', 60_000],
  ])('INV-2 waits as a busy relay asks, Retry-After: %s, and climbs no ladder for it', async (retryAfter, waitMs) => {
    fixture.relay.behave = busy(retryAfter);
    await fixture.press(await prompt());
    for (let came = 1; came <= 8; came += 1) {
      await waitUntil(() => fixture.relay.arrivals.length >= came, { what: `arrival ${came}` });
      const due = new Date(fixture.clock.now() + waitMs);
      const row = async () =>
        only(await fixture.rows<{ attempts: number; next_due_at: Date }>('select attempts, next_due_at from presses'));
      await waitUntil(async () => (await row()).next_due_at.getTime() === due.getTime(), { what: 'it is put off' });
      expect((await row()).attempts).toBe(0);
      fixture.clock.advance(waitMs);
    }
  });

  test('before the relay is trusted is held and goes out once the trust file is there', async () => {
    const early = await makeFixture({ relayTrusted: false });
    try {
      await early.send(pregnantGirl());
      expect((await early.press(only(await early.prompts()))).statusCode).toBe(201);
      await early.parties.introduce(early.parties.relay, early.parties.gateway, early.relay.url);
      await waitUntil(
        async () => {
          early.clock.advance(120_000);
          return (await early.rows<PressRow>('select state from presses'))[0]?.state === 'submitted';
        },
        { what: 'the press is taken' },
      );
    } finally {
      await early.close();
    }
  });

  test('one that cannot be opened keeps no other waiting', async () => {
    fixture.relay.behave = hangsUp;
    const chosen = await prompt();
    const second = only(await fixture.prompts('N2001'));
    await fixture.press(chosen);
    await fixture.press(second);
    await fixture.database.pool.query(`update presses set sealed_body = '\\x00' where press_id = $1`, [chosen.pressId]);
    fixture.relay.behave = takes();
    letTimePass();
    await waitUntil(async () => (await presses()).some(({ state }) => state === 'submitted'), { what: 'the other press is taken' });
    expect((await presses()).find(({ state }) => state === 'held')).toMatchObject({ last_problem: 'ZD_ERR_SEALED_UNREADABLE' });
  });
});

describe('one person presses once', () => {
  test('a double click and two tabs are one press with one answer', async () => {
    const chosen = await prompt();
    const [tabOne, tabTwo] = [chosen, only(await fixture.prompts())];
    expect(tabTwo.pressId).toBe(tabOne.pressId);
    const body = JSON.stringify(chosen.prefill);
    const all = await Promise.all([tabOne, tabOne, tabTwo, tabTwo].map((tab) => fixture.press(tab, { body })));
    expect(new Set(all.map(({ body: text }) => text)).size).toBe(1);
    expect(all.map(({ statusCode }) => statusCode).every((status) => status === 200 || status === 202)).toBe(true);
    expect(await presses()).toHaveLength(1);
  });

  test('a repeat is answered from the row when the relay is away', async () => {
    const chosen = await prompt();
    const first = await fixture.press(chosen);
    fixture.relay.behave = hangsUp;
    const again = await fixture.press(chosen);
    expect([again.statusCode, again.body]).toEqual([200, first.body]);
  });

  test('another body under the same key is 409 and names the first report', async () => {
    const chosen = await prompt();
    const first = await fixture.press(chosen);
    const { reportId, number } = first.json<{ reportId: string; number: string }>();
    const other = await fixture.press(chosen, { body: '{"suspicion":{"observed":"other"}}' });
    expect([other.statusCode, other.json()]).toMatchObject([
      409,
      { code: 'ZD_ERR_IDEMPOTENCY_CONFLICT', pressId: chosen.pressId, reportId, number },
    ]);
    expect(fixture.relay.arrivals).toHaveLength(1);
  });

  test('a key the relay knows with another body ends in the first report, not in attempts for ever', async () => {
    const chosen = await prompt();
    const number = '440299-261122-010042-0';
    const reportId = 'rpt_01kan0000000000000000000zz';
    fixture.relay.behave = answers(409, JSON.stringify({ code: 'ZD_ERR_IDEMPOTENCY_CONFLICT', reportId, number }));
    const conflict = await fixture.press(chosen);
    expect([conflict.statusCode, conflict.json()]).toMatchObject([409, { reportId, number }]);
    expect(await presses()).toMatchObject([{ state: 'conflict', report_id: reportId }]);
    expect(await fixture.actions()).toContain('press.conflict');
    expect(only(await fixture.prompts()).reports).toMatchObject([{ number }]);
    expect((await fixture.press(chosen)).statusCode).toBe(409);
  });

  test('a second clinician presses for himself', async () => {
    const doctor = await prompt();
    const nurse = only(await fixture.prompts('N2001'));
    expect(nurse.pressId).not.toBe(doctor.pressId);
    const numbers = [
      (await fixture.press(doctor)).json<{ number: string }>().number,
      (await fixture.press(nurse)).json<{ number: string }>().number,
    ];
    expect(new Set(numbers).size).toBe(2);
    // Both in the same instant of the frozen clock, so in either order.
    expect(new Set(only(await fixture.prompts('N2001')).reports.map(({ number }) => number))).toEqual(new Set(numbers));
  });
});

describe('the ticket', () => {
  test('INV-9 past its time is still taken, and so is one for a prompt whose row was lost', async () => {
    const chosen = await prompt();
    fixture.clock.advance(80 * 3_600_000);
    expect((await fixture.press(chosen)).statusCode).toBe(202);
    expect(fixture.relay.arrivals).toMatchObject([{ expired: true }]);
    const lost = await ticket(chosen, { promptId: 'prm_lost', pressId: 'prs_lost' });
    expect((await fixture.press({ ...chosen, ticket: lost, pressId: 'prs_lost' })).statusCode).toBe(202);
  });

  test('INV-9 takes a report with every field absent or of the wrong type, and any clinician’s token is beside the point', async () => {
    const chosen = await prompt();
    const body = '{"schemaVersion":7,"patient":"张","mode":false,"facility":[],"whereabouts":{"status":12},"suspicion":null}';
    expect((await fixture.press(chosen, { body, headers: { authorization: 'Bearer expired' } })).statusCode).toBe(202);
    await fixture.reset();
    expect((await fixture.press(await prompt(), { body: '{}', headers: { 'content-type': undefined } })).statusCode).toBe(202);
    await fixture.reset();
    expect((await fixture.press(await prompt(), { body: '{}', headers: { 'content-type': 'text/plain;=;' } })).statusCode).toBe(202);
  });

  test('decides which press it is: nobody uses up another person’s key', async () => {
    const doctor = await prompt();
    const nurse = only(await fixture.prompts('N2001'));
    expect((await fixture.press(nurse, { body: '{"by":"nurse"}', headers: { 'idempotency-key': doctor.pressId } })).statusCode).toBe(202);
    expect((await presses()).map(({ press_id: id }) => id)).toEqual([nurse.pressId]);
    expect((await fixture.press(doctor)).statusCode).toBe(202);
  });

  test('of another gateway, another facility, another relay, changed, or missing is one 401 and commits nothing', async () => {
    const chosen = await prompt();
    const wrong = [
      await ticket(chosen, {}, fixture.parties.neighbour),
      await ticket(chosen, { facility: '91350100M000100Y43' }),
      await ticket(chosen, { aud: 'relay:other' }),
      `${chosen.ticket.slice(0, -3)}AAA`,
      await fixture.clinician(),
      'canary',
      undefined,
    ];
    const bodies = new Set<string>();
    for (const candidate of wrong) {
      const answer = await fixture.press(chosen, { headers: { 'press-ticket': candidate } });
      expect(answer.statusCode).toBe(401);
      bodies.add(answer.body);
    }
    expect(bodies.size).toBe(1);
    expect(await presses()).toEqual([]);
  });

  test.each([
    ['no key', '{}', { 'idempotency-key': undefined }, 400, 'ZD_ERR_IDEMPOTENCY_KEY_MISSING'],
    ['a body that is no JSON', 'x', {}, 400, 'ZD_ERR_INPUT_UNREADABLE'],
    ['a body that is no object', '[1]', {}, 400, 'ZD_ERR_INPUT_UNREADABLE'],
    ['a body over 1 MiB', JSON.stringify({ a: 'x'.repeat(1024 * 1024) }), {}, 413, 'ZD_ERR_INPUT_TOO_LARGE'],
    ['another mode', '{"mode":"production"}', {}, 422, 'ZD_ERR_MODE_REFUSED'],
    ['training', '{"mode":"training"}', {}, 422, 'ZD_ERR_MODE_REFUSED'],
  ])('INV-16 refuses %s, as the relay would, and commits nothing', async (_what, body, headers, status, code) => {
    const answer = await fixture.press(await prompt(), { body, headers });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(await presses()).toEqual([]);
  });

  test('names the person for the relay alone, from the token and never from the body', async () => {
    const chosen = await prompt();
    const claims = JSON.parse(Buffer.from(chosen.ticket.split('.')[1] ?? '', 'base64url').toString('utf8')) as TicketClaims;
    expect(claims).toMatchObject({
      iss: 'gateway:yunxi',
      aud: 'relay:yunxi',
      sub: 'D1001',
      facility: FACILITY.code,
      encounterId: 'V0013',
      promptId: chosen.id,
      pressId: chosen.pressId,
      mode: 'test',
      purpose: 'report',
      reporter: { name: '李医生', role: 'doctor', staffId: 'D1001' },
    });
    expect(claims.exp - claims.iat).toBe(72 * 3600);
    await fixture.press(chosen, { body: '{"reporter":{"account":"D9999"},"account":"D9999"}' });
    expect(await fixture.rows('select account from presses')).toEqual([{ account: 'D1001' }]);
  });
});

describe('the status', () => {
  test('is read by the account that pressed, by press id or report id; to everybody else it does not exist', async () => {
    const chosen = await prompt();
    const { reportId, number } = (await fixture.press(chosen)).json<{ reportId: string; number: string }>();
    fixture.relay.events.push({ reportId, number, headline: 'stored', version: 2, lines: [] });
    const read = async (id: string, account: string): Promise<[number, unknown]> => {
      const headers = { authorization: `Bearer ${await fixture.clinician(account)}` };
      const answer = await fixture.gateway.app.inject({ method: 'GET', url: `/v1/reports/${id}`, headers });
      return [answer.statusCode, answer.json<{ headline?: string }>().headline];
    };
    for (const id of [chosen.pressId, reportId]) {
      expect(await read(id, 'D1001')).toEqual([200, 'stored']);
      expect((await read(id, 'N2001'))[0]).toBe(404);
    }
    expect((await read('rpt_unknown', 'D1001'))[0]).toBe(404);
    fixture.relay.statusCode = 401;
    expect((await read(reportId, 'D1001'))[0]).toBe(502);
  });
});
