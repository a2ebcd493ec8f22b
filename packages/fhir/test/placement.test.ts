import { snapshotsFromBundle } from '@zhida/fhir';
import type { Condition, Encounter, Observation, Patient } from 'fhir/r4.js';
import { describe, expect, test } from 'vitest';
import { child, collection, condition, visit as encounter } from './bundles.js';

describe('which visit a resource belongs to', () => {
  const later: Encounter = { ...encounter, id: 'e2', period: { start: '2026-05-10T08:00:00+08:00', end: '2026-05-10T09:00:00+08:00' } };
  const conditionsOf = (resource: Condition, ...visits: Encounter[]): (readonly [string, number])[] =>
    snapshotsFromBundle(collection(child, ...visits, resource)).snapshots.map(({ id, conditions }) => [id, conditions?.length ?? 0]);

  test('without an encounter: the one of the same patient whose period contains its time', () => {
    expect(conditionsOf(condition({ recordedDate: '2026-05-10T08:30:00+08:00' }), encounter, later)).toEqual([
      ['e1', 0],
      ['e2', 1],
    ]);
    expect(conditionsOf(condition({ recordedDate: '2026-05-03' }), encounter, later)).toEqual([
      ['e1', 1],
      ['e2', 0],
    ]);
  });

  test('after the end of a visit, within thirty days: the visit before it', () => {
    expect(conditionsOf(condition({ recordedDate: '2026-05-05' }), encounter, later)).toEqual([
      ['e1', 1],
      ['e2', 0],
    ]);
    expect(conditionsOf(condition({ recordedDate: '2026-06-02' }), encounter)).toEqual([['e1', 1]]);
  });

  test('the patient’s one visit takes it where the visit has no time', () => {
    const { period: _, ...timeless } = encounter;
    expect(conditionsOf(condition({ recordedDate: '2026-05-05' }), timeless)).toEqual([['e1', 1]]);
  });

  test.each(['2026-05-01', '2026-06-20'])('before or long after every visit (%s): no visit, and an issue names it', (recordedDate) => {
    const { snapshots, issues } = snapshotsFromBundle(collection(child, encounter, later, condition({ recordedDate })));
    expect(snapshots.every(({ conditions }) => conditions === undefined)).toBe(true);
    expect(issues).toEqual([{ code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: 'entry[3].resource' }]);
  });

  test('without any time: the patient’s one visit, none where there are two', () => {
    expect(conditionsOf(condition({}), encounter)).toEqual([['e1', 1]]);
    expect(conditionsOf(condition({}), encounter, later)).toEqual([
      ['e1', 0],
      ['e2', 0],
    ]);
  });

  test('a visit without an end contains what comes after its start', () => {
    expect(
      conditionsOf(condition({ recordedDate: '2026-05-09T00:00:00Z' }), { ...encounter, period: { start: '2026-05-03T21:10:00+08:00' } }),
    ).toEqual([['e1', 1]]);
  });

  test('another patient’s visit never takes it', () => {
    const other: Patient = { resourceType: 'Patient', id: 'p2' };
    const { snapshots, issues } = snapshotsFromBundle(
      collection(child, other, encounter, condition({ subject: { reference: 'Patient/p2' }, recordedDate: '2026-05-03T22:00:00+08:00' })),
    );
    expect(snapshots[0]?.conditions).toBeUndefined();
    expect(issues).toHaveLength(1);
  });

  test('an encounter that is not in the bundle is another visit: no guess by time', () => {
    const { snapshots, issues } = snapshotsFromBundle(
      collection(child, encounter, condition({ encounter: { reference: 'Encounter/e9' }, recordedDate: '2026-05-03T22:00:00+08:00' })),
    );
    expect(snapshots[0]?.conditions).toBeUndefined();
    expect(issues).toEqual([{ code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: 'entry[2].resource.encounter' }]);
  });

  test('a patient named by number alone is found, and contained ones of two encounters are two children', () => {
    const numbered: Patient = { resourceType: 'Patient', birthDate: '2013-04-05', identifier: [{ system: 'urn:his:mrn', value: 'ZY1' }] };
    const byNumber = { type: 'Patient', identifier: { system: 'urn:his:mrn', value: 'ZY1' } };
    const found = snapshotsFromBundle(
      collection(numbered, { resourceType: 'Patient', id: 'p9' }, { ...encounter, subject: byNumber }, condition({ subject: byNumber })),
    );
    expect(found.snapshots).toMatchObject([{ patient: { birthDate: '2013-04-05' }, conditions: [{}] }]);
    const inside = (id: string, birthDate: string, day: string): Encounter => {
      const own: Patient = { resourceType: 'Patient', id: 'p1', birthDate, identifier: [{ value: id }] };
      return { ...encounter, id, period: { start: `2026-05-${day}T08:00:00+08:00` }, contained: [own], subject: { reference: '#p1' } };
    };
    const { snapshots, issues } = snapshotsFromBundle(collection(inside('e1', '2013-04-05', '03'), inside('e2', '2001-02-03', '04')));
    expect(snapshots.map(({ patient, history }) => [patient?.birthDate, history])).toEqual([
      ['2013-04-05', undefined],
      ['2001-02-03', undefined],
    ]);
    expect(issues).toEqual([]);
  });

  test('a resource that comes twice is read once, in its newest version', () => {
    const told = (version: string, status: 'final' | 'entered-in-error'): Observation => ({
      resourceType: 'Observation',
      id: 'o1',
      meta: { versionId: version, lastUpdated: `2026-05-03T22:0${version}:00Z` },
      status,
      code: { text: '尿HCG' },
      valueString: '阳性',
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/e1' },
    });
    const { snapshots, issues } = snapshotsFromBundle(
      collection(child, encounter, told('2', 'entered-in-error'), told('1', 'final'), encounter, child),
    );
    expect(snapshots.map(({ id, observations }) => [id, observations?.map(({ status }) => status)])).toEqual([
      ['e1', ['entered-in-error']],
    ]);
    expect(issues).toEqual([]);
  });

  test('a `Type/id` of two servers means nobody: two children are never mixed', () => {
    const { snapshots, issues } = snapshotsFromBundle({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        { fullUrl: 'https://a.example/Patient/p1', resource: child },
        { fullUrl: 'https://b.example/Patient/p1', resource: { resourceType: 'Patient', id: 'p1', gender: 'male' } },
        { resource: encounter },
        { fullUrl: 'https://b.example/Encounter/e2', resource: { ...encounter, id: 'e2' } },
      ],
    });
    expect(snapshots.map(({ patient }) => patient?.sex)).toEqual([undefined, 'male']);
    expect(issues.map(({ at }) => at)).toEqual(['entry[2].resource.subject']);
  });
});
