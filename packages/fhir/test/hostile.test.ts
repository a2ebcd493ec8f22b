import { snapshotsFromBundle } from '@zhida/fhir';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batch, document, searchset, transaction } from './bundles.js';

const anything = fc.anything({ withDate: true, withMap: true, withBigInt: true, withNullPrototype: true, withSparseArray: true });
const types = [
  'Patient',
  'Encounter',
  'Condition',
  'Observation',
  'Procedure',
  'MedicationRequest',
  'ServiceRequest',
  'DiagnosticReport',
  'DocumentReference',
  'Composition',
  'RelatedPerson',
  'Bundle',
  'Other',
];
const keys = [
  'id',
  'subject',
  'patient',
  'encounter',
  'context',
  'period',
  'class',
  'code',
  'name',
  'birthDate',
  'participant',
  'hospitalization',
  'diagnosis',
  'section',
  'content',
  'presentedForm',
  'component',
  'valueQuantity',
  'valueString',
  'category',
  'extension',
  'contained',
  'identifier',
  'entry',
  'note',
  'reasonCode',
];

describe('hostile bundles', () => {
  test('INV-15 nothing at all makes the reader throw', () => {
    fc.assert(fc.property(anything, (input) => void snapshotsFromBundle(input)));
  });

  test('INV-15 anything in the place of an element: every Encounter is a snapshot all the same', () => {
    const resource = fc
      .tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...keys), anything))
      .map(([resourceType, fields]) => ({ ...fields, resourceType }));
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 6 }), (resources) => {
        const flat = resources.filter(({ resourceType }) => resourceType !== 'Bundle');
        const { snapshots } = snapshotsFromBundle({ resourceType: 'Bundle', entry: flat.map((one) => ({ resource: one })) });
        expect(snapshots).toHaveLength(flat.filter(({ resourceType }) => resourceType === 'Encounter').length);
        snapshotsFromBundle({ resourceType: 'Bundle', entry: resources.map((one) => ({ resource: one })) });
      }),
    );
  });

  test('INV-15 one element of a true bundle replaced by anything never makes it throw', () => {
    const bundles = [transaction, searchset, document, batch].map((bundle) => JSON.stringify(bundle));
    fc.assert(
      fc.property(fc.constantFrom(...bundles), fc.nat(), fc.jsonValue(), (text, position, replacement) => {
        const target = position % (text.match(/[:[,]/g)?.length ?? 1);
        let seen = 0;
        const mutated: unknown = JSON.parse(text, (_key, value: unknown) => {
          seen += 1;
          return seen === target ? replacement : value;
        });
        snapshotsFromBundle(mutated);
      }),
    );
  });

  test('a value that defends itself costs its own place only', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const input = {
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'Encounter', id: 'e1', period: proxy, class: proxy } }, { resource: proxy }, proxy],
    };
    const { snapshots, issues } = snapshotsFromBundle(input);
    expect(snapshots.map(({ id }) => id)).toEqual(['e1']);
    expect(issues.filter(({ code }) => code === 'RESOURCE_UNREADABLE').map(({ at }) => at)).toEqual([
      'entry[1].resource',
      'entry[2].resource',
    ]);
    expect(snapshotsFromBundle(proxy).snapshots).toEqual([]);
  });

  test.each([
    ['null', null],
    ['a patient', { resourceType: 'Patient' }],
    ['a list', []],
    ['text', '{"resourceType":"Bundle"}'],
  ])('%s is no bundle, and an error says so', (_why, input) => {
    expect(snapshotsFromBundle(input)).toEqual({
      snapshots: [],
      deleted: [],
      issues: [{ code: 'RESOURCE_UNREADABLE', severity: 'error', at: '' }],
    });
  });

  test('bundles in bundles are read, but not for ever', () => {
    const encounter = { resourceType: 'Encounter', id: 'e1' };
    let nest: unknown = { resourceType: 'Bundle', entry: [{ resource: encounter }] };
    const wrap = (inner: unknown): unknown => ({ resourceType: 'Bundle', entry: [{ resource: inner }] });
    expect(snapshotsFromBundle(wrap(nest)).snapshots).toHaveLength(1);
    for (let level = 0; level < 1000; level += 1) nest = wrap(nest);
    expect(snapshotsFromBundle(nest).issues.map(({ code }) => code)).toContain('DEPTH_LIMIT');
  });

  test('sections in sections end somewhere', () => {
    let section: unknown = { title: 'x' };
    for (let level = 0; level < 10_000; level += 1) section = { section: [section] };
    const { issues } = snapshotsFromBundle({
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'Encounter', id: 'e1' } }, { resource: { resourceType: 'Composition', section: [section] } }],
    });
    expect(issues.map(({ code }) => code)).toContain('DEPTH_LIMIT');
  });

  test('a flood of unreadable entries ends in one word about it', () => {
    const { issues } = snapshotsFromBundle({ resourceType: 'Bundle', entry: Array.from({ length: 50_000 }, () => 7) });
    expect(issues).toHaveLength(1_001);
    expect(issues.at(-1)?.code).toBe('ISSUES_TRUNCATED');
  });

  test('markup built to be slow is read in linear time', () => {
    const div = '<'.repeat(500_000) + '<a'.repeat(200_000) + '&'.repeat(200_000);
    const startMs = performance.now();
    snapshotsFromBundle({
      resourceType: 'Bundle',
      entry: [
        { resource: { resourceType: 'Encounter', id: 'e1' } },
        { resource: { resourceType: 'Composition', section: [{ text: { div } }] } },
      ],
    });
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  const within = (...resources: unknown[]): { resourceType: string; entry: unknown[] } => ({
    resourceType: 'Bundle',
    entry: [{ resourceType: 'Encounter', id: 'e1' }, ...resources].map((resource) => ({ resource })),
  });

  test('references in a circle, and objects that hold themselves, end', () => {
    const circle: Record<string, unknown> = {
      resourceType: 'Condition',
      id: 'c1',
      encounter: { reference: 'Encounter/e1' },
      code: { text: '咳嗽' },
    };
    circle['contained'] = [circle];
    circle['note'] = [circle, { text: circle }];
    const composition = {
      resourceType: 'Composition',
      id: 'd1',
      encounter: { reference: 'Encounter/e1' },
      section: [{ entry: [{ reference: 'Composition/d1' }] }],
    };
    const { snapshots } = snapshotsFromBundle(within(circle, composition));
    expect(snapshots[0]?.conditions).toEqual([{ text: '咳嗽' }]);
  });

  test('members with the names of prototypes are members nobody reads', () => {
    const input: unknown = JSON.parse(
      '{"resourceType":"Bundle","__proto__":{"entry":[{"resource":{"resourceType":"Encounter","id":"x"}}]},"entry":[{"resource":{"resourceType":"Encounter","id":"e1","__proto__":{"status":"entered-in-error"},"constructor":{"prototype":{"polluted":true}}}}]}',
    );
    expect(snapshotsFromBundle(input).snapshots.map(({ id }) => id)).toEqual(['e1']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a text of ten million characters costs its end, not the rest', () => {
    const long = 'x'.repeat(10_000_000);
    const { snapshots, issues } = snapshotsFromBundle(
      within(
        { resourceType: 'Condition', encounter: { reference: 'Encounter/e1' }, code: { text: long } },
        { resourceType: 'Condition', encounter: { reference: 'Encounter/e1' }, code: { text: '咳嗽' }, note: [{ text: long }] },
        {
          resourceType: 'DocumentReference',
          context: { encounter: [{ reference: 'Encounter/e1' }] },
          content: [{ attachment: { contentType: 'text/plain', data: long } }],
        },
      ),
    );
    expect(snapshots[0]?.conditions?.map(({ text }) => text?.length)).toEqual([4_000, 2]);
    expect(snapshots[0]?.notes?.map(({ text }) => text.length)).toEqual([200_000]);
    expect(issues.map(({ code }) => code)).toEqual(expect.arrayContaining(['FIELD_TOO_LONG', 'CONTENT_NOT_TEXT']));
    expect(JSON.stringify(issues)).not.toContain('xxxx');
  });

  test('a value is in no issue, wherever it stands', () => {
    const canary = '卡纳里不可外传';
    const bundles = [transaction, searchset, document, batch].map((bundle) => JSON.stringify(bundle));
    fc.assert(
      fc.property(fc.constantFrom(...bundles), fc.nat(), (text, position) => {
        const target = position % (text.match(/[:[,]/g)?.length ?? 1);
        let seen = 0;
        const mutated: unknown = JSON.parse(text, (_key, value: unknown) => ((seen += 1) === target ? canary : value));
        expect(JSON.stringify(snapshotsFromBundle(mutated).issues)).not.toContain(canary);
      }),
    );
  });
});
