import { type FhirBatch, type FhirCursor, type FhirSourceOptions, createFhirSource, cursorFrom } from '@zhida/fhir/client';
import nock from 'nock';
import { afterEach, beforeEach } from 'vitest';

// An invented hospital; nothing here reaches a network.
export const ORIGIN = 'https://his.example';
export const BASE = `${ORIGIN}/fhir`;
export const DAY = '2026-05-03';

/** Each test of the file meets the servers it has put up, and no other. */
export function reachNoOtherServer(): void {
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });
}

export interface Resource extends Record<string, unknown> {
  readonly resourceType: string;
  readonly id: string;
}

export const meta = (minute: number): object => ({
  versionId: '1',
  lastUpdated: `${DAY}T22:${String(minute).padStart(2, '0')}:00+08:00`,
});
export const patient: Resource = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '2013-04-05', meta: meta(0) };
export const visit: Resource = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  class: { code: 'EMER' },
  subject: { reference: 'Patient/p1' },
  period: { start: `${DAY}T21:10:00+08:00`, end: `${DAY}T23:40:00+08:00` },
  meta: meta(1),
};
export const oldVisit: Resource = { ...visit, id: 'e0', period: { start: '2026-01-03T09:00:00+08:00', end: '2026-01-03T10:00:00+08:00' } };
export const finding: Resource = {
  resourceType: 'Condition',
  id: 'c1',
  subject: { reference: 'Patient/p1' },
  encounter: { reference: 'Encounter/e1' },
  code: { text: '左耳瘀斑' },
  meta: meta(2),
};

export const bundle = (resources: readonly unknown[], next?: string): object => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource })),
  link: next === undefined ? [] : [{ relation: 'next', url: next }],
});

export type Query = Readonly<Record<string, unknown>>;
export type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>];

/** A server with these resources; `answer` may say something else first. */
export function serve(
  resources: readonly Resource[],
  answer: (type: string, query: Query) => Answer | undefined = () => undefined,
): string[] {
  const asked: string[] = [];
  nock(ORIGIN)
    .persist()
    .get(/^\/fhir\//)
    .reply((uri) => {
      asked.push(uri);
      const url = new URL(uri, ORIGIN);
      const [type = '', id] = url.pathname.replace('/fhir/', '').split('/');
      const query = Object.fromEntries(url.searchParams);
      const said = answer(id === undefined ? type : `${type}/${id}`, query);
      if (said !== undefined) return [said[0], said[1] as nock.Body, said[2] ?? {}];
      const own = resources.filter((resource) => resource.resourceType === type);
      if (id !== undefined) {
        const found = own.find((resource) => resource.id === id);
        return found === undefined ? [404, { resourceType: 'OperationOutcome' }] : [200, found];
      }
      const owner = query['patient'];
      if (typeof owner === 'string') return [200, bundle(own.filter((resource) => isOf(resource, owner))) as nock.Body];
      const from = Date.parse((query['_lastUpdated'] as string).slice(2));
      return [200, bundle(own.filter((resource) => timeOf(resource) >= from)) as nock.Body];
    });
  return asked;
}

function isOf(resource: Resource, owner: string): boolean {
  const reference = (resource['subject'] ?? resource['patient']) as { reference?: string } | undefined;
  return reference?.reference === `Patient/${owner}`;
}

export function timeOf(resource: Resource): number {
  return Date.parse((resource['meta'] as { lastUpdated: string }).lastUpdated);
}

export const options = (more: Partial<FhirSourceOptions> = {}): FhirSourceOptions => ({
  baseUrl: BASE,
  sleep: async () => undefined,
  ...more,
});
export const start = cursorFrom(`${DAY}T00:00:00+08:00`);

export async function pulled(cursor: FhirCursor, more: Partial<FhirSourceOptions> = {}): Promise<FhirBatch[]> {
  const batches: FhirBatch[] = [];
  for await (const batch of createFhirSource(options(more)).pull(cursor)) batches.push(batch);
  return batches;
}

export const visitsIn = (batches: readonly FhirBatch[]): string[] => batches.flatMap(({ snapshots }) => snapshots.map(({ id }) => id));
export const lastCursor = (batches: readonly FhirBatch[]): FhirCursor => batches.at(-1)?.cursor as FhirCursor;

/** As {@link serve}, with what it answers to `Type/_history` and `Type/id/_history`. */
export function serveHistory(resources: readonly Resource[], answer: (path: string) => Answer): string[] {
  const asked: string[] = [];
  nock(ORIGIN)
    .persist()
    .get(/_history/)
    .reply((uri) => {
      asked.push(uri);
      const said = answer(new URL(uri, ORIGIN).pathname.replace('/fhir/', '').replace('/_history', ''));
      return [said[0], said[1] as nock.Body];
    });
  serve(resources);
  return asked;
}
