import { ZhidaError } from './errors.js';
import type { Identifier } from './snapshot.js';
import { hasOffset, parseInstant } from './time.js';

/** A patient who is nobody: named as the hospital's system names one, and nobody else is. */
export interface ExercisePatient {
  readonly name: string;
  /** All that the patient may be known by; at least one. */
  readonly identifiers: readonly Identifier[];
}

/** An exercise (演练) over the production lines: when, at which hospitals, and with which patients of the exercise record. */
export interface Exercise {
  /** In lower case; every report of it names it. */
  readonly id: string;
  /** 统一社会信用代码 of the facilities that take part. */
  readonly facilities: readonly string[];
  /** RFC 3339 with an offset. */
  readonly from: string;
  /** RFC 3339 with an offset; from this instant on no report of it is taken. */
  readonly until: string;
  readonly patients: readonly ExercisePatient[];
}

/** Where an exercise stands. */
export type ExerciseStage = 'planned' | 'running' | 'past';

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * Finds out at start what a report would fail for.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the place, never a value.
 */
export function checkExercises(exercises: readonly Exercise[]): void {
  for (const [index, { id, facilities, from, until, patients }] of exercises.entries()) {
    const at = `exercises[${index}]`;
    if (!ID.test(id)) refuse(`${at}.id`, 'an exercise has an id of lower-case letters, digits and hyphens');
    if (exercises.findIndex((other) => other.id === id) < index) refuse(`${at}.id`, 'another exercise has this id');
    if (facilities.length === 0) refuse(`${at}.facilities`, 'an exercise names the facilities that take part');
    const [begins, ends] = [instantAt(from, `${at}.from`), instantAt(until, `${at}.until`)];
    if (begins >= ends) refuse(`${at}.until`, 'an exercise ends after it begins');
    if (patients.length === 0) refuse(`${at}.patients`, 'an exercise has patients of its own');
    for (const [number, patient] of patients.entries()) checkPatient(patient, `${at}.patients[${number}]`);
  }
}

function instantAt(text: string, at: string): number {
  const instant = hasOffset(text) ? parseInstant(text) : undefined;
  return instant ?? refuse(at, 'this is a time with its offset (RFC 3339)');
}

function checkPatient({ name, identifiers }: ExercisePatient, at: string): void {
  if (name.trim() === '') refuse(`${at}.name`, 'a patient of an exercise has a name');
  const isNone = identifiers.length === 0 || identifiers.some(({ system, value }) => system === '' || value === '');
  // A name alone may be a child's.
  if (isNone) refuse(`${at}.identifiers`, 'a patient of an exercise has identifiers, each with system and value');
}

function refuse(at: string, why: string): never {
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at });
}

/** Where an exercise stands at an instant, in milliseconds since 1970. */
export function exerciseStage({ from, until }: Pick<Exercise, 'from' | 'until'>, nowMs: number): ExerciseStage {
  if (nowMs < (parseInstant(from) ?? Number.NaN)) return 'planned';
  return nowMs < (parseInstant(until) ?? Number.NaN) ? 'running' : 'past';
}

/**
 * What is taken as an exercise: in the window of one that is planned for this facility, of a patient of its record alone. Anything else
 * would let a real child be taken for one (design: INV-16).
 *
 * @throws ZhidaError `ZD_ERR_MODE_REFUSED`, at what does not fit.
 */
export function assertPlanned(
  exercises: readonly Exercise[],
  { exerciseId, patient }: { readonly exerciseId?: string | null | undefined; readonly patient?: NamedPatient | undefined },
  { facility, nowMs }: { readonly facility: string; readonly nowMs: number },
): void {
  const refused = (at: string, why: string): ZhidaError => new ZhidaError('ZD_ERR_MODE_REFUSED', why, { at });
  const exercise = exercises.find(({ id, facilities }) => id === exerciseId && facilities.includes(facility));
  if (exercise === undefined) throw refused('exerciseId', 'no such exercise is planned for this facility');
  if (exerciseStage(exercise, nowMs) !== 'running') throw refused('mode', 'the exercise is outside its window');
  if (!isExercisePatient(exercise, patient ?? {})) throw refused('patient', 'the patient is not one of the exercise record');
}

/** A patient as a visit or a report names one. */
export interface NamedPatient {
  readonly name?: string | undefined;
  readonly identifiers?: readonly Identifier[] | undefined;
}

/**
 * True for a patient of the exercise record and for nobody else: the same name, at least one identifier, and none that the record does
 * not have. A child who is written into that record, or shares its name, is no exercise.
 */
export function isExercisePatient({ patients }: Pick<Exercise, 'patients'>, { name = '', identifiers = [] }: NamedPatient): boolean {
  if (identifiers.length === 0) return false;
  return patients.some(
    (patient) =>
      patient.name === name &&
      identifiers.every(({ system, value }) => patient.identifiers.some((known) => known.system === system && known.value === value)),
  );
}
