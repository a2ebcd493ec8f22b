import { type Exercise, exerciseStage, isExercisePatient, type Issue, ZhidaError } from '@zhida/core';
import type { Report } from '@zhida/report';
import type { PayloadMode } from '@zhida/signing';
import type { Tenant } from '../ledger/context.js';
import type { IntakeContext } from './accept.js';

/**
 * The mode a press is of, as it stands in its signed payloads: what the body says, else what the ticket says, else the relay's own. A body
 * that says something else than the ticket it was pressed under is refused, so that no press becomes an exercise, or a real report, on its way.
 *
 * @throws ZhidaError `ZD_ERR_MODE_REFUSED`
 */
export function modeOf(
  stated: unknown,
  { own, ticket }: { readonly own: IntakeContext['mode']; readonly ticket: PayloadMode | undefined },
  issues: Issue[],
): PayloadMode {
  if (stated !== undefined && typeof stated !== 'string') issues.push({ code: 'FIELD_WRONG_TYPE', severity: 'warning', at: 'mode' });
  const pressedAs = ticket ?? own;
  if (typeof stated !== 'string') return pressedAs;
  const carried = stated === own || (stated === 'exercise' && own === 'production');
  if (!carried || (ticket !== undefined && stated !== ticket)) throw refused('mode', 'the report is of another mode');
  return stated as PayloadMode;
}

/**
 * What is taken as an exercise: in the window of one that is planned for this facility, of a patient of its record alone, in a case that is
 * of exercises alone. Anything else would let a real child be taken for one (INV-16).
 *
 * @throws ZhidaError `ZD_ERR_MODE_REFUSED`, at what does not fit.
 */
export async function refuseUnplanned(tenant: Tenant, context: IntakeContext, report: Report): Promise<void> {
  const exercise = exerciseNamed(tenant, context, report);
  if (exercise === undefined) throw refused('exerciseId', 'no such exercise is planned for this facility');
  if (exerciseStage(exercise, context.ledger.clock.now()) !== 'running') throw refused('mode', 'the exercise is outside its window');
  if (!isExercisePatient(exercise, report.patient ?? {})) throw refused('patient', 'the patient is not one of the exercise record');
  if (!(await isCaseOfExercises(tenant, context, report))) throw refused('chain.id', 'the case is not one of an exercise');
}

function exerciseNamed(tenant: Tenant, { exercises }: IntakeContext, { exerciseId }: Report): Exercise | undefined {
  return exercises.find(({ id, facilities }) => id === exerciseId && facilities.includes(tenant));
}

/** A correction or an error notice is sent to whoever has the case: an exercise must not have a real report put away. */
async function isCaseOfExercises(tenant: Tenant, { ledger }: IntakeContext, { reportId, chain }: Report): Promise<boolean> {
  const named = chain?.id ?? '';
  const reports = await ledger.db
    .selectFrom('reports')
    .select('mode')
    .where('facility', '=', tenant)
    .where('chain_id', '=', named === '' ? reportId : named)
    .execute();
  const begins = named === '' || named === reportId;
  return reports.every(({ mode }) => mode === 'exercise') && (begins || reports.length > 0);
}

function refused(at: string, why: string): ZhidaError {
  return new ZhidaError('ZD_ERR_MODE_REFUSED', why, { at });
}
