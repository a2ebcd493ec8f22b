import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPublicKeys, verifyAuditDirectory } from '@zhida/audit-log';
import { openDatabase } from '@zhida/database';
import { canaries, canaryValues, findCanaries, waitUntil } from '@zhida/testkit';
import nock from 'nock';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GatewaySchema } from '../src/index.js';
import { type Fixture, makeFixture, only } from './support/fixture.js';
import { answers } from './support/scripted-relay.js';
import { hcg, pregnantGirl } from './support/visits.js';

/** Breaks the statements a test names, on every connection, as a failing disk would. */
class BreakablePool {
  readonly pool: pg.Pool;
  breaks: (text: string) => boolean = () => false;

  constructor(url: string) {
    // A pool of openDatabase, for its type parsers.
    this.pool = openDatabase<GatewaySchema>({ url }).pool;
    this.pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      Object.assign(client, {
        query: (...args: unknown[]) => {
          const [first] = args;
          const text = typeof first === 'string' ? first : (first as { text?: string }).text;
          if (this.breaks(text ?? '')) return Promise.reject(new Error('broken by the test'));
          return query(...args);
        },
      });
    });
  }
}

describe('INV-12 every change of state and its audit entry are committed together', () => {
  let fixture: Fixture;
  let breakable: BreakablePool;
  beforeAll(async () => {
    fixture = await makeFixture({
      pool: (url) => {
        breakable = new BreakablePool(url);
        return breakable.pool;
      },
    });
  });
  afterAll(async () => fixture.close());
  beforeEach(async () => fixture.reset());
  afterEach(() => {
    breakable.breaks = () => false;
  });

  async function snapshot(): Promise<unknown> {
    const [row] = await fixture.rows(
      `select (select coalesce(jsonb_agg(to_jsonb(e) order by encounter_key), '[]') from encounters e) as encounters,
        (select coalesce(jsonb_agg(to_jsonb(p) order by id), '[]') from prompts p) as prompts,
        (select count(*) from prompt_events) as events, (select count(*) from prompt_encounters) as visits,
        (select coalesce(jsonb_agg(to_jsonb(p) - 'attempts' - 'next_due_at' - 'last_problem' order by press_id), '[]') from presses p) as presses,
        (select count(*) from audit_entries) as audit, (select count(*) from audit_details) as details`,
    );
    return row;
  }

  async function prompt() {
    await fixture.send(pregnantGirl());
    return only(await fixture.prompts());
  }

  /** Each act that changes something, and the entries it leaves. */
  const acts: readonly [string, () => Promise<() => Promise<unknown>>, readonly string[]][] = [
    ['a visit with an indication', async () => () => fixture.post(pregnantGirl()), ['encounter.assessed', 'prompt.shown']],
    [
      'a correction',
      async () => {
        await prompt();
        return () => fixture.post(pregnantGirl({ observations: [hcg('2', 'corrected')] }));
      },
      ['encounter.assessed', 'prompt.closed'],
    ],
    [
      'seeing it',
      async () => {
        const { id } = await prompt();
        return () => fixture.act(id, 'seen');
      },
      ['prompt.seen'],
    ],
    [
      'opening it',
      async () => {
        const { id } = await prompt();
        return () => fixture.act(id, 'open');
      },
      ['prompt.opened'],
    ],
    [
      'deferring it',
      async () => {
        const { id } = await prompt();
        return () => fixture.act(id, 'defer');
      },
      ['prompt.deferred'],
    ],
    [
      'deciding it',
      async () => {
        const { id } = await prompt();
        return () => fixture.act(id, 'decide', { version: 1, code: 'coding-error', text: 'x' });
      },
      ['prompt.decided'],
    ],
    [
      'a press',
      async () => {
        const chosen = await prompt();
        fixture.relay.behave = answers(503, '{}');
        return () => fixture.press(chosen);
      },
      ['prompt.pressed', 'press.committed'],
    ],
    [
      'erasing a visit',
      async () => {
        const { id } = await prompt();
        // An answered prompt stays as it was answered.
        await fixture.act(id, 'decide', { version: 1, code: 'coding-error', text: 'x' });
        fixture.clock.advance(91 * 86_400_000);
        return () => fixture.gateway.purgeOnce().catch(() => undefined);
      },
      ['encounter.purged'],
    ],
    [
      'ending a prompt whose visits are erased',
      async () => {
        await prompt();
        fixture.clock.advance(91 * 86_400_000);
        breakable.breaks = (text) => text.startsWith('update "prompts"');
        await fixture.gateway.purgeOnce().catch(() => undefined);
        breakable.breaks = () => false;
        return () => fixture.gateway.purgeOnce().catch(() => undefined);
      },
      ['prompt.expired'],
    ],
  ];

  test.each(acts)('%s', async (_what, prepare, entries) => {
    const act = await prepare();
    const before = await snapshot();
    const known = (await fixture.actions()).length;
    for (const nth of entries.keys()) {
      let seen = -1;
      breakable.breaks = (text) => /insert into audit_entries/.test(text) && (seen += 1) === nth;
      await act();
      breakable.breaks = () => false;
      expect(await snapshot()).toEqual(before);
    }
    breakable.breaks = (text) => text === 'commit';
    await act();
    breakable.breaks = () => false;
    expect(await snapshot()).toEqual(before);
    await act();
    await waitUntil(async () => (await fixture.actions()).length >= known + entries.length, { what: 'the entries' });
    expect((await fixture.actions()).slice(known).toSorted()).toEqual([...entries].toSorted());
  });

  test('the relay’s answer is written with its entry or not at all, and asked for again', async () => {
    const chosen = await prompt();
    breakable.breaks = (text) => /update "presses" set "state"/.test(text);
    const first = await fixture.press(chosen);
    expect(first.statusCode).toBe(500);
    breakable.breaks = () => false;
    expect(await fixture.rows('select state from presses')).toEqual([{ state: 'held' }]);
    expect((await fixture.actions()).filter((action) => action === 'press.submitted')).toEqual([]);
    fixture.clock.advance(120_000);
    await waitUntil(async () => (await fixture.actions()).includes('press.submitted'), { what: 'the outbox has asked again' });
  });
});

describe('INV-11 nothing about a person is where it may not be', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(async () => fixture.close());

  /** A visit with a planted value in every field a person is in. */
  function planted() {
    return pregnantGirl({
      id: `V-${canaries.freeText}`,
      visitNumber: canaries.freeText,
      event: { kind: 'result', staffId: 'D1001', role: 'doctor' },
      patient: {
        id: `P-${canaries.childPhone}`,
        name: canaries.childName,
        sex: 'female',
        birthDate: '2013-03-18',
        phone: canaries.childPhone,
        identifiers: [{ system: 'cn-resident-id', value: canaries.childResidentId }],
        address: { text: canaries.address },
        school: canaries.school,
      },
      companion: { relationship: '母亲', name: canaries.guardianName, phone: canaries.guardianPhone },
      notes: [{ section: 'assessment', text: `${canaries.doctorsNote}，早孕，${canaries.childNickname}`, author: canaries.reporterName }],
    });
  }

  async function everyRow(): Promise<string> {
    const tables = await fixture.rows<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_name <> 'schema_migrations'`,
    );
    const texts = await Promise.all(
      tables.map(async ({ name }) => JSON.stringify(await fixture.rows(`select to_jsonb(t) as row, t::text as raw from "${name}" t`))),
    );
    return texts.join('\n');
  }

  test('the planted values come back to the clinician alone, and are in no log, row, error or audit file', async () => {
    const responses: string[] = [];
    const clinician = { extra: { name: canaries.reporterName, staffId: canaries.reporterStaffId, phone: canaries.reporterPhone } };
    await fixture.send(planted());
    const [chosen] = await fixture.prompts('D1001', clinician);
    if (chosen === undefined) throw new Error('no prompt');
    expect(findCanaries(JSON.stringify(chosen.prefill))).toContain('childName');
    responses.push((await fixture.act(chosen.id, 'open')).body);
    // Every refusal, with planted values in what is refused.
    const secret = JSON.stringify({ patient: { name: canaries.childName } });
    responses.push(
      (await fixture.post(`${secret.slice(0, -1)}`)).body,
      (await fixture.post(secret)).body,
      (await fixture.post({ ...planted(), mode: 'training' })).body,
    );
    responses.push((await fixture.act(chosen.id, 'decide', { version: 'x', code: canaries.childName, text: canaries.doctorsNote })).body);
    responses.push((await fixture.act(chosen.id, 'decide', { version: 99, code: canaries.childName, text: canaries.doctorsNote })).body);
    responses.push((await fixture.act(canaries.childResidentId, 'seen')).body);
    responses.push(
      (await fixture.gateway.app.inject({ method: 'GET', url: `/${encodeURIComponent(canaries.childName)}?q=${canaries.childPhone}` }))
        .body,
    );
    // A relay that hangs up, then one that quotes the report in its error, then one that takes it.
    fixture.relay.behave = answers(500, JSON.stringify({ quoted: canaryValues }));
    responses.push((await fixture.press(chosen)).body);
    responses.push((await fixture.press(chosen, { body: JSON.stringify({ patient: { name: canaries.childName } }) })).body);
    responses.push((await fixture.press(chosen, { body: canaries.childName })).body);
    responses.push((await fixture.press(chosen, { headers: { 'press-ticket': canaries.freeText } })).body);
    await fixture.reset();
    await fixture.send(planted());
    const [again] = await fixture.prompts('D1001', clinician);
    if (again === undefined) throw new Error('no prompt');
    responses.push((await fixture.press(again)).body);
    await fixture.gateway.sequencer.runOnce();

    expect(findCanaries(responses.join('\n'))).toEqual([]);
    expect(findCanaries(fixture.log.join('\n'))).toEqual([]);
    expect(findCanaries(await everyRow())).toEqual([]);
    const files = readdirSync(fixture.dataDirectory, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(findCanaries(readFileSync(join(file.parentPath, file.name)))).toEqual([]);
  });

  test('no credential is logged, whoever logs it', async () => {
    const token = await fixture.clinician();
    fixture.gateway.app.log.warn(
      {
        headers: { authorization: `Bearer ${token}`, 'press-ticket': 'ticket-canary', 'idempotency-key': 'key-canary' },
        body: 'body-canary',
      },
      'x',
    );
    fixture.gateway.app.log.warn({ 'press-ticket': 'ticket-canary', 'idempotency-key': 'key-canary', token, ticket: 'ticket-canary' }, 'y');
    const text = fixture.log.join('\n');
    for (const secret of [token, 'ticket-canary', 'key-canary', 'body-canary']) expect(text).not.toContain(secret);
    expect(text).not.toContain('eyJ');
  });

  test('a relay whose failure quotes the request is quoted nowhere', async () => {
    if (!nock.isActive()) nock.activate();
    const away = await makeFixture({ settings: { outboxSweepMs: 3_600_000 } });
    try {
      const { origin } = new URL(away.relay.url);
      nock(origin).post('/v1/reports').replyWithError(`cannot deliver ${canaries.childName}`);
      await away.send(planted());
      const [chosen] = await away.prompts();
      if (chosen === undefined) throw new Error('no prompt');
      const answer = await away.press(chosen);
      expect(answer.statusCode).toBe(201);
      expect(nock.isDone()).toBe(true);
      expect(findCanaries(answer.body + away.log.join('\n') + JSON.stringify(await away.rows('select last_problem from presses')))).toEqual(
        [],
      );
    } finally {
      nock.cleanAll();
      nock.restore();
      await away.close();
    }
  });

  test('the trail of what was done is proven offline by the files and the published key', async () => {
    await fixture.gateway.sequencer.runOnce();
    const jwks = (await fixture.gateway.app.inject({ method: 'GET', url: '/.well-known/jwks.json' })).body;
    const verified = await verifyAuditDirectory(join(fixture.dataDirectory, 'audit'), { publicKeys: readPublicKeys(jwks) });
    expect(verified).toMatchObject({ ok: true, size: (await fixture.actions()).length, problems: [] });
  });
});
