import { assertPlanned, exerciseStage, isExercisePatient, type NamedPatient, parseInstant } from '@zhida/core';
import { type Report, readReport } from '@zhida/report';
import type { PayloadMode } from '@zhida/signing';
import type { GatewayContext } from './context.js';

/** What a report of a patient goes out as. */
interface SentAs {
  readonly mode: PayloadMode;
  readonly exerciseId?: string;
  /** False for a patient of an exercise that does not run now: nobody is prompted, and the relay would take no report. */
  readonly open: boolean;
}

/** A patient of an exercise's record is never real, and nobody else is ever of an exercise (INV-16). */
export function sentAs({ exercises, clock, mode }: GatewayContext, patient: NamedPatient = {}): SentAs {
  const own = exercises.filter((exercise) => isExercisePatient(exercise, patient));
  const running = own.find((exercise) => exerciseStage(exercise, clock.now()) === 'running');
  const exercise = running ?? own[0];
  return exercise === undefined ? { mode, open: true } : { mode: 'exercise', exerciseId: exercise.id, open: running !== undefined };
}

/** Since when an exercise runs, the longest where several do; `undefined` while none does. */
export function exercisingSince({ exercises, clock }: Pick<GatewayContext, 'exercises' | 'clock'>): Date | undefined {
  const running = exercises.filter((exercise) => exerciseStage(exercise, clock.now()) === 'running');
  return running.length === 0 ? undefined : new Date(Math.min(...running.map(({ from }) => parseInstant(from) ?? Number.NaN)));
}

/**
 * Judges the report of an exercise as the relay will, so that none is committed here that it refuses.
 *
 * @throws ZhidaError `ZD_ERR_MODE_REFUSED`
 */
export function refuseUnplanned({ exercises, facility, clock }: GatewayContext, body: Uint8Array): void {
  const said: unknown = JSON.parse(new TextDecoder().decode(body));
  const { report } = readReport(said as Partial<Report>, { facility: { code: facility.code } });
  assertPlanned(exercises, report, { facility: facility.code, nowMs: clock.now() });
}
