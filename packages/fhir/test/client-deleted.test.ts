import { cursorFrom } from '@zhida/fhir/client';
import { describe, expect, test } from 'vitest';
import {
  DAY,
  finding,
  lastCursor,
  oldVisit,
  patient,
  pulled,
  reachNoOtherServer,
  type Resource,
  serve,
  serveHistory,
  start,
  visit,
  visitsIn,
} from './server.js';

reachNoOtherServer();

describe('what the server has deleted', () => {
  const at = (minute: number): string => `${DAY}T22:${minute}:00+08:00`;
  const history = (entry: readonly unknown[]): object => ({ resourceType: 'Bundle', type: 'history', entry });
  const gone = (url: string, minute: number): object => ({
    request: { method: 'DELETE', url },
    response: { status: '204', lastModified: at(minute) },
  });
  const put = (resource: Resource): object => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } });
  /** A server that answers histories by these entries, by `Type` or `Type/id`. */
  const serveWith = (resources: readonly Resource[], histories: Readonly<Record<string, readonly unknown[]>>): string[] =>
    serveHistory(resources, (path) => [200, history(histories[path] ?? [])]);

  test('a fact is heard by the history of its type, and its visit is read again without it; once', async () => {
    const histories = {
      Condition: [gone('Condition/c1/_history/2', 30)],
      'Condition/c1': [gone('Condition/c1/_history/2', 30), put(finding)],
    };
    serveWith([patient, visit], histories);
    const batches = await pulled(cursorFrom(at(10)));
    expect(batches.flatMap(({ snapshots }) => snapshots.map(({ id, conditions }) => [id, conditions]))).toEqual([['e1', undefined]]);
    expect(lastCursor(batches).since).toBe(at(30));
    expect(visitsIn(await pulled(lastCursor(batches)))).toEqual([]);
  });

  test('a visit is named, once, and one that was created again is not', async () => {
    serveWith([patient], {
      Encounter: [gone('Encounter/e1/_history/2', 30), put(visit), put(oldVisit), gone('Encounter/e0/_history/2', 20)],
    });
    const batches = await pulled(cursorFrom(at(10)));
    expect(batches.flatMap(({ deleted }) => deleted)).toEqual(['e1']);
    expect(batches.flatMap(({ issues }) => issues)).toEqual([]);
    expect((await pulled(lastCursor(batches))).flatMap(({ deleted }) => deleted)).toEqual([]);
  });

  test.each([404, 403, 500])('a server that answers a history with %i is asked for the first alone, and read as before', async (status) => {
    const asked = serveHistory([patient, visit, finding], () => [status, {}]);
    expect(visitsIn(await pulled(start, { attemptsMax: 1 }))).toEqual(['e1']);
    expect(asked.filter((uri) => uri.includes('_history'))).toHaveLength(1);
  });

  test.each([404, 410])('without a history, a visit that is named by what changed and is answered %i is deleted', async (status) => {
    serve([patient, finding], (path) => (path === 'Encounter/e1' ? [status, {}] : undefined));
    expect((await pulled(start)).flatMap(({ deleted }) => deleted)).toEqual(['e1']);
  });
});
