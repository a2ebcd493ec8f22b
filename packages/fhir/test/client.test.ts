import { type FhirCursor, type FhirSourceOptions, createFhirSource, cursorFrom } from '@zhida/fhir/client';
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import {
  type Answer,
  BASE,
  bundle,
  DAY,
  finding,
  lastCursor,
  meta,
  oldVisit,
  options,
  ORIGIN,
  patient,
  pulled,
  type Query,
  reachNoOtherServer,
  type Resource,
  serve,
  start,
  timeOf,
  visit,
  visitsIn,
} from './server.js';

reachNoOtherServer();

describe('a pull', () => {
  test('brings the changed visits whole, with the earlier ones as history, and moves the cursor with its last batch', async () => {
    serve([patient, oldVisit, visit, finding]);
    const batches = await pulled(cursorFrom(`${DAY}T22:01:30+08:00`), { overlapMs: 0 });
    expect(visitsIn(batches)).toEqual(['e1']);
    expect(batches[0]?.snapshots[0]).toMatchObject({
      patient: { id: 'p1', sex: 'female', birthDate: '2013-04-05' },
      conditions: [{ text: '左耳瘀斑' }],
      history: [{ id: 'e0', start: '2026-01-03T09:00:00+08:00' }],
    });
    expect(batches.map(({ cursor }) => cursor.since)).toEqual([`${DAY}T22:01:30+08:00`, `${DAY}T22:02:00+08:00`]);
  });

  test('again without a change brings nothing, and with one only that', async () => {
    const first = await (serve([patient, visit, finding]), pulled(start));
    const again = await pulled(lastCursor(first));
    expect(visitsIn(again)).toEqual([]);
    expect(lastCursor(again)).toEqual(lastCursor(first));
    nock.cleanAll();
    serve([patient, visit, { ...finding, meta: { versionId: '2', lastUpdated: `${DAY}T22:02:30+08:00` } }]);
    expect(visitsIn(await pulled(lastCursor(first)))).toEqual(['e1']);
  });

  test('a change stamped before the last one but shown later is still seen', async () => {
    const first = await (serve([patient, visit, finding]), pulled(start));
    nock.cleanAll();
    serve([patient, visit, finding, { ...finding, id: 'c0', meta: { versionId: '1', lastUpdated: `${DAY}T22:01:20+08:00` } }]);
    expect(visitsIn(await pulled(lastCursor(first)))).toEqual(['e1']);
  });

  test('a fact without an encounter brings the visits of the last days, not those of years ago', async () => {
    const { encounter: _, ...loose } = finding;
    serve([patient, oldVisit, visit, { ...loose, resourceType: 'Condition', id: 'c2', recordedDate: `${DAY}T22:00:00+08:00` }]);
    const batches = await pulled(cursorFrom(`${DAY}T22:01:30+08:00`), { overlapMs: 0 });
    expect(visitsIn(batches)).toEqual(['e1']);
    expect(batches[0]?.snapshots[0]?.conditions).toEqual([{ text: '左耳瘀斑' }]);
  });

  test('of somebody who was certainly an adult at the visit no fact is asked for', async () => {
    const asked = serve([{ ...patient, birthDate: '1980-01-01' }, visit, finding]);
    const batches = await pulled(start);
    expect(visitsIn(batches)).toEqual(['e1']);
    expect(asked.filter((uri) => uri.includes('Condition?patient='))).toEqual([]);
  });

  test.each([
    ['under a birth date that nobody has', { birthDate: '1900-01-01' }],
    ['under an adult’s, with a number of their own', { birthDate: '1980-01-01', identifier: [{ value: '440299201902030029' }] }],
  ])('a child %s is read whole', async (_how, told) => {
    const asked = serve([{ ...patient, ...told }, visit, finding]);
    await pulled(start);
    expect(asked.filter((uri) => uri.includes('Condition?patient='))).toHaveLength(1);
  });

  test('a text that lies beside the record as a Binary is fetched, a film is not', async () => {
    const note = {
      resourceType: 'DocumentReference',
      id: 'd1',
      status: 'current',
      subject: { reference: 'Patient/p1' },
      context: { encounter: [{ reference: 'Encounter/e1' }] },
      content: [
        { attachment: { contentType: 'text/plain', url: 'Binary/b1' } },
        { attachment: { contentType: 'application/dicom', url: 'Binary/b2' } },
      ],
      meta: meta(2),
    };
    const binary = {
      resourceType: 'Binary',
      id: 'b1',
      contentType: 'text/plain',
      data: Buffer.from('自述被打').toString('base64'),
      meta: meta(0),
    };
    const asked = serve([patient, visit, note, binary]);
    expect((await pulled(start))[0]?.snapshots[0]?.notes?.map(({ text }) => text)).toEqual(['自述被打']);
    expect(asked.filter((uri) => uri.includes('/Binary/'))).toEqual(['/fhir/Binary/b1']);
  });

  test('what names no patient, no time or no id is named by type, never lost in silence', async () => {
    serve([patient, visit], (type, query) =>
      type === 'Observation' && query['_lastUpdated'] !== undefined
        ? [
            200,
            bundle([
              { resourceType: 'Observation', id: 'o1', meta: meta(3) },
              { resourceType: 'Observation', id: 'o2' },
            ]),
          ]
        : undefined,
    );
    expect((await pulled(start)).at(-1)?.issues).toEqual([
      { code: 'FIELD_MISSING', severity: 'error', at: 'Observation.meta.lastUpdated' },
      { code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: 'Observation.subject' },
    ]);
  });

  test('a type the server does not have is named, the rest is read', async () => {
    serve([patient, visit, finding], (type) => (type === 'Composition' ? [404, { resourceType: 'OperationOutcome' }] : undefined));
    const batches = await pulled(start);
    expect(visitsIn(batches)).toEqual(['e1']);
    expect(batches.flatMap(({ issues }) => issues)).toEqual([
      { code: 'RESOURCE_UNREADABLE', severity: 'warning', at: 'Composition' },
      { code: 'RESOURCE_UNREADABLE', severity: 'warning', at: 'Composition' },
    ]);
  });
});

describe('pages', () => {
  const many = Array.from({ length: 5 }, (_, index): Resource => ({ ...finding, id: `c${index}`, meta: meta(10 + index) }));

  /** Serves the changed conditions two a page. */
  const paged = (next: (page: number) => string): ((type: string, query: Query) => Answer | undefined) => {
    return (type, query) => {
      if (type !== 'Condition' || query['patient'] !== undefined) return undefined;
      const page = Number(query['page'] ?? 0);
      const from = Date.parse(((query['_lastUpdated'] as string | undefined) ?? `ge${DAY}T00:00:00Z`).slice(2));
      const due = many.filter((resource) => timeOf(resource) >= from);
      return [200, bundle(due.slice(page * 2, page * 2 + 2), page * 2 + 2 < due.length ? next(page + 1) : undefined)];
    };
  };

  test('are followed by the server’s next links, relative ones too', async () => {
    serve(
      [patient, visit, ...many],
      paged((page) => (page === 1 ? `${BASE}/Condition?page=1` : `Condition?page=${page}`)),
    );
    const batches = await pulled(start);
    expect(batches[0]?.snapshots[0]?.conditions).toHaveLength(5);
    expect(lastCursor(batches).since).toBe(`${DAY}T22:14:00+08:00`);
  });

  test('a next link to another origin is refused: no token goes there', async () => {
    serve(
      [patient, visit, ...many],
      paged(() => 'https://elsewhere.example/fhir/Condition?page=1'),
    );
    const elsewhere = nock('https://elsewhere.example').get(/.*/).reply(200, bundle([]));
    await expect(pulled(start)).rejects.toMatchObject({ code: 'ZD_ERR_HTTP', at: 'Condition' });
    expect(elsewhere.isDone()).toBe(false);
  });

  test('a circle of pages ends with an error, not never', async () => {
    serve(
      [patient, visit, ...many],
      paged(() => `${BASE}/Condition?page=1`),
    );
    await expect(pulled(start)).rejects.toMatchObject({ code: 'ZD_ERR_HTTP', at: 'Condition' });
  });

  test('a list longer than the cap is pulled in parts, and no part is skipped', async () => {
    serve(
      [patient, visit, ...many],
      paged((page) => `${BASE}/Condition?page=${page}`),
    );
    let cursor: FhirCursor = cursorFrom(`${DAY}T22:09:00+08:00`);
    const times: string[] = [];
    for (let pull = 0; pull < 4; pull += 1) {
      cursor = lastCursor(await pulled(cursor, { pagesMax: 1, overlapMs: 0 }));
      times.push(cursor.since.slice(14, 16));
    }
    expect(times).toEqual(['11', '12', '13', '14']);
  });
});

describe('a server in trouble', () => {
  test('is asked again after what Retry-After says, in seconds or as a date, else after pauses that double', async () => {
    const now = Date.parse(`${DAY}T14:00:00Z`);
    const answers: Answer[] = [
      [429, '', { 'retry-after': '7' }],
      [503, '', { 'retry-after': new Date(now + 9_000).toUTCString() }],
      [500, ''],
    ];
    serve([patient, visit, finding], () => answers.shift());
    const pauses: number[] = [];
    const sleep = async (durationMs: number): Promise<void> => void pauses.push(durationMs);
    expect(visitsIn(await pulled(start, { sleep, clock: { now: () => now } }))).toEqual(['e1']);
    expect(pauses).toEqual([7_000, 9_000, 4_000]);
  });

  test('that asks for an hour is left to the next pull, at once', async () => {
    const asked = serve([], () => [503, '', { 'retry-after': '3600' }]);
    await expect(pulled(start)).rejects.toMatchObject({ code: 'ZD_ERR_HTTP', message: 'the server answered 503' });
    expect(asked).toHaveLength(1);
  });

  test('that stays away ends the pull after the attempts allowed, and the error holds no address', async () => {
    nock(ORIGIN).persist().get(/.*/).replyWithError('connect ECONNREFUSED his.example');
    const pauses: number[] = [];
    const sleep = async (durationMs: number): Promise<void> => void pauses.push(durationMs);
    const failure: unknown = await pulled(start, { sleep, attemptsMax: 3 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ZD_ERR_HTTP', at: 'Encounter', remedy: 'retry' });
    expect(String(failure)).not.toContain('his.example');
    expect(pauses).toEqual([1_000, 2_000]);
  });

  test('that never ends its answer is given up after the time-out', async () => {
    nock(ORIGIN).persist().get(/.*/).delay(60_000).reply(200, bundle([]));
    await expect(pulled(start, { attemptTimeoutMs: 30, attemptsMax: 2 })).rejects.toMatchObject({ message: 'no answer in time' });
    nock.abortPendingRequests();
  });

  test.each<[string, Answer]>([
    ['no JSON', [200, '<html>登录</html>']],
    ['no bundle', [200, { resourceType: 'OperationOutcome' }]],
    ['refused', [401, '']],
    ['a redirect', [302, '', { location: 'https://elsewhere.example/' }]],
  ])('%s is an error with a code and a type, and the cursor stays', async (_why, answer) => {
    serve([], () => answer);
    await expect(pulled(start, { attemptsMax: 1 })).rejects.toMatchObject({ code: 'ZD_ERR_HTTP', at: 'Encounter' });
  });

  test('one record it cannot give is set aside, the next child is read, and the record can be asked for again', async () => {
    const other = { ...patient, id: 'p2', meta: meta(4) };
    const otherVisit = { ...visit, id: 'e2', subject: { reference: 'Patient/p2' }, meta: meta(5) };
    let broken = true;
    serve([patient, visit, finding, other, otherVisit], (type) => (broken && type === 'Patient/p1' ? [500, ''] : undefined));
    const batches = await pulled(start, { attemptsMax: 2 });
    expect(visitsIn(batches)).toEqual(['e2']);
    expect(batches[0]?.unread).toEqual({
      record: { patientId: 'p1', encounterIds: ['e1'], since: expect.any(String) },
      code: 'ZD_ERR_HTTP',
      at: 'Patient',
    });
    broken = false;
    const source = createFhirSource(options());
    const record = batches[0]?.unread?.record;
    expect((record === undefined ? undefined : await source.read(record))?.snapshots.map(({ id }) => id)).toEqual(['e1']);
  });

  test('an aborted pull stops', async () => {
    serve([patient, visit, finding]);
    const controller = new AbortController();
    const pulling = createFhirSource(options()).pull(start, { signal: controller.signal });
    controller.abort(new Error('stopped'));
    await expect(pulling.next()).rejects.toThrow('stopped');
  });
});

test('every request carries headers asked for anew, and nothing else is asked than the base', async () => {
  const tokens: string[] = [];
  nock(ORIGIN)
    .persist()
    .get(/.*/)
    .reply(function reply() {
      tokens.push(String(new Headers(this.req.headers as unknown as Record<string, string>).get('authorization')));
      return [200, bundle([]) as nock.Body];
    });
  let issued = 0;
  await pulled(start, { headers: async () => ({ authorization: `Bearer ${(issued += 1)}` }) });
  expect(tokens.slice(0, 3)).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3']);
});

test.each<[string, Partial<FhirSourceOptions>]>([
  ['baseUrl', { baseUrl: 'ftp://his.example' }],
  ['baseUrl', { baseUrl: 'https://user:secret@his.example/fhir' }],
  ['pageSize', { pageSize: 0 }],
  ['attemptTimeoutMs', { attemptTimeoutMs: Number.NaN }],
])('a wrong %s is refused when the source is made', (at, more) => {
  expect(() => createFhirSource(options(more))).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at }));
});
