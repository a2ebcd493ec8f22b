import { type Json, ZhidaError, type ScreenLocale } from '@zhida/core';
import { phoneScript, type Report, readReport } from '@zhida/report';
import { visibleTo } from '../escalation/hidden.js';
import { readBody } from '../intake/read-body.js';
import type { ReportRow } from '../schema.js';
import { audit } from './audit.js';
import type { LedgerContext, Tenant, Tx } from './context.js';
import { dataKeyOf, sealedAs } from './data-keys.js';

/** Who opens a case at the duty desk, and why. */
export interface CaseOpening {
  readonly reportId: string;
  /** The operator's account. */
  readonly by: string;
  readonly reason: string;
}

/**
 * What the duty desk sees of a case it has opened: whom it is about, where the child is, and how to come near without warning the
 * wrong person. An allow-list: what was found and who reported are not in it (INV-10).
 */
export interface OpenedCase {
  readonly number: string;
  readonly case: Json;
  /** What to say to the police, which still names nobody. */
  readonly script: { readonly zh: PhoneWords; readonly en: PhoneWords };
}

interface PhoneWords {
  readonly full: string;
  /** With somebody standing beside. */
  readonly short: string;
}

/**
 * Opens a case for a person at the duty desk. The log says who opened what, and commits to the reason, which may name somebody and is
 * sealed; both are committed before anything is shown.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this operator sees no such report.
 */
export async function openCase(tenant: Tenant, context: LedgerContext, { reportId, by, reason }: CaseOpening): Promise<OpenedCase> {
  return context.db.transaction().execute(async (tx) => {
    const row = await visibleReport(tenant, tx, { reportId, by });
    const dataKey = await dataKeyOf(tenant, tx, context, reportId, 'report');
    const body = readBody(Buffer.from(context.sealer.open(dataKey, row.body_sealed, sealedAs.body(reportId))));
    await audit(tx, context, { actor: by, action: 'report.opened', subject: { reportId } }, { detail: { reason }, dataKey });
    const { report: read } = readReport({ ...body.value, reportId, mode: row.mode }, { facility: { code: tenant } });
    const report: Report = { ...read, number: row.number };
    const words = (locale: ScreenLocale): PhoneWords => ({
      full: phoneScript(report, { locale }),
      short: phoneScript(report, { locale, short: true }),
    });
    return { number: row.number, case: caseOf(report), script: { zh: words('zh-CN'), en: words('en') } };
  });
}

/**
 * The row of a report, for a person who may see it.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this operator sees no such report.
 */
export async function visibleReport(tenant: Tenant, tx: Tx, { reportId, by }: Omit<CaseOpening, 'reason'>): Promise<ReportRow> {
  const row = await tx
    .selectFrom('reports')
    .selectAll()
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .where(visibleTo(by))
    .executeTakeFirst();
  if (row === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report', { at: 'id' });
  return row;
}

function caseOf({ department, patient, whereabouts, companions = [], contactPlan, safety }: Report): Json {
  return JSON.parse(
    JSON.stringify({
      department,
      patient: { name: patient?.name, sex: patient?.sex, birthDate: patient?.birthDate, statedAge: patient?.statedAge },
      whereabouts,
      companions: companions.map(({ relationship, name, mayBeInvolved, attitude }) => ({ relationship, name, mayBeInvolved, attitude })),
      contactPlan,
      immediateDanger: safety?.immediateDanger,
    }),
  ) as Json;
}
