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
    expect(snapshotsFromBundle(input)).toEqual({ snapshots: [], issues: [{ code: 'RESOURCE_UNREADABLE', severity: 'error', at: '' }] });
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
});
