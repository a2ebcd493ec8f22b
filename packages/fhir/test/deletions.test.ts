import { snapshotsFromBundle } from '@zhida/fhir';
import { describe, expect, test } from 'vitest';

const patient = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '2013-03-18' };
const encounter = (lastUpdated?: string) => ({
  resourceType: 'Encounter',
  id: 'e1',
  ...(lastUpdated === undefined ? {} : { meta: { lastUpdated } }),
  status: 'in-progress',
  subject: { reference: 'Patient/p1' },
  period: { start: '2026-05-03T21:00:00+08:00' },
});
const hcg = (value: string) => ({
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  encounter: { reference: 'Encounter/e1' },
  code: { coding: [{ system: 'http://loinc.org', code: '21198-7' }] },
  valueString: value,
});
const told = (resource: { resourceType: string; id: string }) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});
const gone = (url: string, lastModified?: string) => ({
  request: { method: 'DELETE', url },
  ...(lastModified === undefined ? {} : { response: { status: '204', lastModified } }),
});
const read = (type: string, ...entry: readonly object[]) => snapshotsFromBundle({ resourceType: 'Bundle', type, entry });

describe('what a server says is deleted', () => {
  test.each(['Observation/o1', 'https://his.example/fhir/Observation/o1', 'Observation/o1/_history/3'])(
    'a fact (%s) is not in the visit any more, whichever version the history still has',
    (url) => {
      const { snapshots, issues, deleted } = read('history', gone(url), told(hcg('12500')), told(encounter()), told(patient));
      expect(snapshots).toMatchObject([{ id: 'e1', patient: { id: 'p1' } }]);
      expect(snapshots[0]).not.toHaveProperty('observations');
      expect([issues, deleted]).toEqual([[], []]);
    },
  );

  test('a visit is named, and is no snapshot', () => {
    for (const type of ['history', 'transaction', 'subscription-notification', 'batch']) {
      const { snapshots, deleted, issues } = read(type, gone('Encounter/e1'), told(patient));
      expect([snapshots, deleted, issues], type).toEqual([[], ['e1'], []]);
    }
    expect(read('history', gone('Encounter/e1'), told(encounter())).snapshots).toEqual([]);
  });

  test('what was created again afterwards is there: by its time, or by its place in a history, which has the newest first', () => {
    const [before, after] = ['2026-05-03T22:00:00+08:00', '2026-05-03T23:00:00+08:00'];
    const again = read('batch', gone('Encounter/e1', before), told(encounter(after)));
    expect([again.snapshots.length, again.deleted]).toEqual([1, []]);
    expect(read('batch', told(encounter(before)), gone('Encounter/e1', after)).deleted).toEqual(['e1']);
    expect(read('history', told(encounter()), gone('Encounter/e1'), told(encounter())).deleted).toEqual([]);
    expect(read('history', gone('Encounter/e1'), told(encounter())).deleted).toEqual(['e1']);
  });

  test('of what is not in the bundle nobody knows whose visit it was in: that is named, as is a deletion that names nothing', () => {
    const { issues } = read(
      'batch',
      told(encounter()),
      gone('Observation/o9'),
      gone('Observation?code=x'),
      gone('Location/l1'),
      told(patient),
    );
    expect(issues.map(({ code, at }) => `${code} ${at}`)).toEqual([
      'REFERENCE_UNRESOLVED entry[2].request.url',
      'REFERENCE_UNRESOLVED entry[1].request.url',
    ]);
  });
});
