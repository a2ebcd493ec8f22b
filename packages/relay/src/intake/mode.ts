import { assertPlanned, type Issue, ZhidaError } from '@zhida/core';
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
 * An exercise is taken as it is planned, and in a case that is of exercises alone.
 *
 * @throws ZhidaError `ZD_ERR_MODE_REFUSED`, at what does not fit.
 */
export async function refuseUnplanned(tenant: Tenant, context: IntakeContext, report: Report): Promise<void> {
  assertPlanned(context.exercises, report, { facility: tenant, nowMs: context.ledger.clock.now() });
  if (!(await isCaseOfExercises(tenant, context, report))) throw refused('chain.id', 'the case is not one of an exercise');
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
