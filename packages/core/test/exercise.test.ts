import { describe, expect, test } from 'vitest';
import { checkExercises, type Exercise, exerciseStage, isExercisePatient } from '../src/index.js';

const PATIENT = {
  name: '演练患者甲',
  identifiers: [
    { system: 'hospital-mrn', value: 'YL-0001' },
    { system: 'cn-resident-id', value: '110101199001010015' },
  ],
};
const EXERCISE: Exercise = {
  id: 'autumn-2026',
  facilities: ['91440299MA5DEM0001'],
  from: '2026-11-22T20:00:00+08:00',
  until: '2026-11-22T22:00:00+08:00',
  patients: [PATIENT],
};

describe('INV-16 a schedule of exercises is refused at start where a report would fail for it', () => {
  test.each<[string, Partial<Exercise>, string]>([
    ['an id with other signs', { id: 'Autumn 2026' }, 'exercises[1].id'],
    ['an id that is taken', { id: 'autumn-2026' }, 'exercises[1].id'],
    ['no facility', { facilities: [] }, 'exercises[1].facilities'],
    ['a time without an offset', { from: '2026-11-22T20:00:00' }, 'exercises[1].from'],
    ['a day that is none', { until: '2026-02-30T20:00:00+08:00' }, 'exercises[1].until'],
    ['an end before the beginning', { until: '2026-11-22T11:59:00Z' }, 'exercises[1].until'],
    ['no patient', { patients: [] }, 'exercises[1].patients'],
    ['a patient without a name', { patients: [{ ...PATIENT, name: ' ' }] }, 'exercises[1].patients[0].name'],
    ['a patient known by a name alone', { patients: [PATIENT, { ...PATIENT, identifiers: [] }] }, 'exercises[1].patients[1].identifiers'],
    [
      'an identifier without a value',
      { patients: [{ ...PATIENT, identifiers: [{ system: 'hospital-mrn', value: '' }] }] },
      'exercises[1].patients[0].identifiers',
    ],
  ])('%s', (_, wrong, at) => {
    const check = (): void => checkExercises([EXERCISE, { ...EXERCISE, id: 'second', ...wrong }]);
    expect(check).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at }) as Error);
  });

  test('a good one is taken', () => {
    expect(() => checkExercises([EXERCISE, { ...EXERCISE, id: 'second' }])).not.toThrow();
  });
});

test('INV-16 an exercise runs from its first instant on and no longer at its last', () => {
  const at = (text: string) => exerciseStage(EXERCISE, Date.parse(text));
  expect([at('2026-11-22T19:59:59+08:00'), at(EXERCISE.from), at('2026-11-22T21:59:59+08:00'), at(EXERCISE.until)]).toEqual([
    'planned',
    'running',
    'running',
    'past',
  ]);
});

describe('INV-16 a patient of the exercise record', () => {
  test.each([
    ['all that the record has', PATIENT, true],
    ['one identifier of it', { ...PATIENT, identifiers: PATIENT.identifiers.slice(0, 1) }, true],
    ['another name on the record', { ...PATIENT, name: '张晓婷' }, false],
    ['the same name alone', { name: PATIENT.name }, false],
    ['the same name and another number', { ...PATIENT, identifiers: [{ system: 'hospital-mrn', value: 'P0002' }] }, false],
    ['the number in another system', { ...PATIENT, identifiers: [{ system: 'other-mrn', value: 'YL-0001' }] }, false],
    [
      'an identifier more than the record has',
      { ...PATIENT, identifiers: [...PATIENT.identifiers, { system: 'cn-health-card', value: 'H1' }] },
      false,
    ],
    ['nobody', {}, false],
  ])('%s', (_, patient, is) => {
    expect(isExercisePatient(EXERCISE, patient)).toBe(is);
  });
});
