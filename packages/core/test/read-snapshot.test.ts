import { type EncounterSnapshot, SNAPSHOT_LIMITS, type SnapshotReading, canonicalJson, fingerprint, readSnapshot } from '@zhida/core';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { anyHostileSnapshot, anySnapshot } from './arbitraries.js';

describe('readSnapshot', () => {
  test('returns exactly the EncounterSnapshot type', () => {
    expectTypeOf(readSnapshot).returns.toEqualTypeOf<SnapshotReading>();
    expectTypeOf<SnapshotReading['snapshot']>().toEqualTypeOf<EncounterSnapshot | undefined>();
  });

  test('a valid snapshot comes back deep-equal and without issues', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        expect(readSnapshot(snapshot)).toEqual({ snapshot, issues: [] });
      }),
    );
  });

  test('INV-15 nothing at all makes it throw', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withSparseArray: true, withDate: true, withMap: true, withBigInt: true }),
        (input) => {
          readSnapshot(input);
        },
      ),
    );
  });

  test('INV-15 anything in the place of a field leaves the snapshot readable, reading twice changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anyHostileSnapshot, async (fields) => {
        const { snapshot } = readSnapshot({ ...(fields as object), id: 'V1' });
        expect(snapshot?.id).toBe('V1');
        expect(readSnapshot(snapshot)).toEqual({ snapshot, issues: readSnapshot(snapshot).issues });
        expect(await fingerprint(snapshot)).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  test('an object that defends itself costs its own field only', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const trap = new Proxy({ start: '' }, { getOwnPropertyDescriptor: () => fail() });
    const input = { id: 'V1', patient: proxy, period: trap, class: 'emergency', notes: [proxy, { section: 'plan', text: '观察' }] };
    Object.defineProperty(input, 'location', { enumerable: true, get: () => fail() });
    const reading = readSnapshot(input);
    expect(reading.snapshot).toEqual({ id: 'V1', class: 'emergency', notes: [{ section: 'other', text: '' }, input.notes[1]] });
    expect(reading.issues.map((issue) => issue.at)).toEqual(['location', 'period', 'patient', 'notes[0]']);
    expect(readSnapshot(proxy).snapshot).toBeUndefined();
  });

  test.each([
    ['no object', 5],
    ['null', null],
    ['a list', [{ id: 'V1' }]],
    ['no id', { class: 'emergency' }],
    ['an empty id', { id: '' }],
    ['an id of the wrong type', { id: 5 }],
    ['an id that is only inherited', Object.create({ id: 'V1' })],
  ])('%s has no snapshot, and an error says so', (_why, input) => {
    const { snapshot, issues } = readSnapshot(input);
    expect(snapshot).toBeUndefined();
    expect(issues).toContainEqual({ code: 'SNAPSHOT_UNREADABLE', severity: 'error', at: '' });
  });

  test.each([
    ['a field of the wrong type', { class: 7 }, 'FIELD_WRONG_TYPE', 'class'],
    ['a code nobody knows', { class: 'AMB' }, 'FIELD_UNKNOWN_CODE', 'class'],
    ['a list that is none', { notes: {} }, 'FIELD_WRONG_TYPE', 'notes'],
    ['a time nobody can read', { period: { start: 'gestern' } }, 'TIME_UNREADABLE', 'period.start'],
    ['a day that never was', { patient: { birthDate: '2019-02-29' } }, 'TIME_UNREADABLE', 'patient.birthDate'],
    ['an identifier without its value', { patient: { identifiers: [{ system: 'mrn' }] } }, 'FIELD_MISSING', 'patient.identifiers[0].value'],
    ['a field deep in the history', { history: [{}, { notes: [{ text: 1 }] }] }, 'FIELD_WRONG_TYPE', 'history[1].notes[0].text'],
    ['a number that is not finite', { observations: [{ value: Number.NaN }] }, 'FIELD_WRONG_TYPE', 'observations[0].value'],
    ['a negative revision', { revision: -1 }, 'FIELD_WRONG_TYPE', 'revision'],
  ])('%s becomes an issue with its path and never its value', (_why, fields, code, at) => {
    const { snapshot, issues } = readSnapshot({ ...fields, id: 'V1' });
    expect(snapshot?.id).toBe('V1');
    expect(issues).toContainEqual({ code, severity: 'warning', at });
  });

  test('a note under an unknown heading or none is kept under `other`', () => {
    const { snapshot } = readSnapshot({ id: 'V1', notes: [{ section: '专科情况', text: '甲' }, { text: '乙' }] });
    expect(snapshot?.notes).toEqual([
      { section: 'other', text: '甲' },
      { section: 'other', text: '乙' },
    ]);
  });

  test('an unreadable fact leaves its place empty, so the next one keeps its position', () => {
    const { snapshot } = readSnapshot({ id: 'V1', conditions: [5, { code: 'S06.500' }], notes: ['x', { section: 'plan', text: '观察' }] });
    expect(snapshot?.conditions).toEqual([{}, { code: 'S06.500' }]);
    expect(snapshot?.notes?.[1]?.text).toBe('观察');
  });

  test('a companion of null is kept: the child came alone', () => {
    expect(readSnapshot({ id: 'V1', companion: null, location: null })).toEqual({ snapshot: { id: 'V1', companion: null }, issues: [] });
  });

  test.each([
    ['20190203', '2019-02-03'],
    ['2019/02/03', '2019-02-03'],
    ['2019-02-03T00:00:00', '2019-02-03'],
    ['2019-02-02T16:00:00Z', '2019-02-03'],
  ])('the birth date %s is brought to %s and named', (given, read) => {
    const reading = readSnapshot({ id: 'V1', patient: { birthDate: given } });
    expect(reading.snapshot?.patient?.birthDate).toBe(read);
    expect(reading.issues).toEqual([{ code: 'VALUE_NORMALISED', severity: 'information', at: 'patient.birthDate' }]);
  });

  test('half a surrogate pair is mended without moving an offset', () => {
    const { snapshot, issues } = readSnapshot({ id: 'V1', notes: [{ section: 'plan', text: 'a\uD83Db😀' }] });
    expect(snapshot?.notes?.[0]?.text).toBe('a\uFFFDb😀');
    expect(issues).toEqual([{ code: 'TEXT_NOT_WELL_FORMED', severity: 'information', at: 'notes[0].text' }]);
    expect(() => canonicalJson(snapshot)).not.toThrow();
  });

  test('what is too long is cut and named', () => {
    const long = 'x'.repeat(SNAPSHOT_LIMITS.shortTextLength + 1);
    const history = Array.from({ length: SNAPSHOT_LIMITS.historyLength + 1 }, (_, index) => ({ summary: String(index) }));
    const { snapshot, issues } = readSnapshot({ id: 'V1', location: long, history, disability: Array(5000).fill('x') });
    expect(snapshot?.location).toHaveLength(SNAPSHOT_LIMITS.shortTextLength);
    expect(snapshot?.history?.at(0)?.summary).toBe('1');
    expect(snapshot?.history?.at(-1)?.summary).toBe(String(SNAPSHOT_LIMITS.historyLength));
    expect(issues.map(({ code, at }) => `${code} ${at}`)).toEqual(['FIELD_TOO_LONG location', 'FIELD_TOO_LONG history']);
  });

  test('a flood of bad items ends in one word about it', () => {
    const { issues } = readSnapshot({ id: 'V1', conditions: Array(100_000).fill(7) });
    expect(issues).toHaveLength(SNAPSHOT_LIMITS.issues + 1);
    expect(issues.at(-1)?.code).toBe('ISSUES_TRUNCATED');
  });

  test('a nest a hundred thousand levels deep is as harmless as any other wrong type', () => {
    const nest = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(readSnapshot({ id: 'V1', patient: nest, notes: [nest], extra: nest }).snapshot?.id).toBe('V1');
  });
});

function fail(): never {
  throw new Error('do not look');
}
