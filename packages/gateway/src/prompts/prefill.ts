import type { EncounterSnapshot, FactStatus } from '@zhida/core';
import type { Companion, Pregnancy, Report, ReportPatient, ReportTrigger } from '@zhida/report';
import type { GatewayContext } from '../context.js';
import type { OpenedVisit } from '../encounters/store.js';
import { sentAs } from '../exercises.js';
import type { PayloadMode } from '@zhida/signing';
import { textsOf } from '../locales/texts-of.js';
import type { PromptRow } from './change.js';
import { describeEvidence, uniqueLines } from './evidence.js';
import { promptingIndications } from './reasons.js';
import type { KnownReport } from './reports.js';
import { type Told, toldInReport } from './told.js';
import { whereaboutsOf } from './whereabouts.js';

const PREGNANT_UNDER_FOURTEEN = 'R-PG-01';

/** A report as far as it can be filled; the page adds when it was pressed, and the relay the rest. */
export type PrefilledReport = Omit<Partial<Report>, 'reportId' | 'createdAt' | 'number' | 'mode'> & { readonly mode: PayloadMode };

/**
 * The report as far as the gateway can fill it from the visits of the episode, so that a clinician touches two fields and not
 * forty. What is not known is left out and becomes `unknown` at the reader; facts entered in error are left out for good.
 */
export function prefillReport(
  context: GatewayContext,
  prompt: PromptRow,
  main: OpenedVisit,
  { visits, reports, told }: { readonly visits: readonly OpenedVisit[]; readonly reports: readonly KnownReport[]; readonly told: Told },
): PrefilledReport {
  return {
    ...prefillVisit(context, main.snapshot),
    ...toldInReport(prompt, told),
    source: 'prompt',
    discoveredAt: prompt.created_at.toISOString(),
    trigger: triggerOf(prompt, main),
    suspicion: suspicionOf(visits),
    ...relatedOf(reports),
    clinical: { ...clinicalOf(main.snapshot), ...pregnancyOf(main) },
  };
}

/** The report a person begins: of the visit in the open chart, or of a child the gateway knows nothing of. */
export function prefillManual(context: GatewayContext, snapshot: EncounterSnapshot | undefined, basis: 'login' | 'typed'): PrefilledReport {
  return {
    ...prefillVisit(context, snapshot ?? { id: '' }),
    source: 'manual',
    reporter: { mode: 'unit', identityBasis: basis },
    ...(snapshot === undefined ? { whereabouts: { status: 'unknown' } } : { clinical: clinicalOf(snapshot) }),
    suspicion: {},
  };
}

/** What every report says of the hospital, and of the visit as far as there is one. */
function prefillVisit(context: GatewayContext, snapshot: EncounterSnapshot): PrefilledReport {
  const { facility } = context;
  const { mode, exerciseId } = sentAs(context, snapshot.patient);
  return {
    schemaVersion: '1',
    mode,
    ...(exerciseId === undefined ? {} : { exerciseId }),
    kind: 'initial',
    priority: 'urgent',
    profile: { id: context.profile.id, version: context.profile.version },
    facility: {
      code: facility.code,
      codeSystem: 'cn-uscc',
      name: facility.name,
      regionCode: facility.regionCode,
      address: facility.address,
      dutyContact: facility.dutyContact,
    },
    ...(snapshot.department?.name === undefined ? {} : { department: snapshot.department.name }),
    reporter: { mode: 'unit', identityBasis: 'login' },
    patient: patientOf(snapshot),
    whereabouts: whereaboutsOf(context, snapshot),
    ...companionsOf(snapshot),
    ...(snapshot.guardians === undefined ? {} : { guardians: snapshot.guardians }),
    safety: { immediateDanger: 'unknown', safeToGoHome: 'unknown' },
  };
}

/** A second report of one child is linked to those before it (仍单独报告), but for one that is kept from somebody: its number would tell them of it. */
function relatedOf(reports: readonly KnownReport[]): Pick<PrefilledReport, 'relatedReports'> {
  const related = reports.filter(({ linkable }) => linkable).map(({ number }) => ({ number, relation: 'same-child' }) as const);
  return related.length === 0 ? {} : { relatedReports: related };
}

/** A girl who is pregnant and not yet fourteen has conceived before; the telephone then says so. */
function pregnancyOf({ assessment }: OpenedVisit): { pregnancy?: Pregnancy } {
  const pregnant = promptingIndications(assessment).some(({ ruleId }) => ruleId === PREGNANT_UNDER_FOURTEEN);
  return pregnant ? { pregnancy: { conceivedBefore14: 'yes' } } : {};
}

function triggerOf(prompt: PromptRow, main: OpenedVisit): ReportTrigger {
  return {
    promptId: prompt.id,
    encounterId: main.snapshot.id,
    revision: main.revision,
    inputSha256: main.inputSha256,
    level: prompt.level,
    ruleIds: prompt.rule_ids,
    rulePack: main.assessment.rulePack,
  };
}

function patientOf({ patient = {} }: EncounterSnapshot): ReportPatient {
  const { name, school, birthDate, identityVerified } = patient;
  const { sex, statedAge, identifiers, address, registeredAddress, phone, nationality, ethnicity, disability, maritalStatus } = patient;
  const fields = {
    sex,
    birthDate,
    statedAge,
    identifiers,
    address,
    registeredAddress,
    phone,
    nationality,
    ethnicity,
    disability,
    maritalStatus,
  };
  return {
    ...(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ReportPatient),
    ...(name === undefined || name === '' ? {} : { name }),
    ...(school === undefined ? {} : { school: { name: school } }),
    ageBasis: birthDate !== undefined && identityVerified === true ? 'document' : 'stated',
  };
}

/** `[]` says that the child came alone; where the feed does not carry it, nothing is said. */
function companionsOf({ companion }: EncounterSnapshot): { companions?: readonly Companion[] } {
  if (companion === undefined) return {};
  if (companion === null) return { companions: [] };
  return { companions: [{ ...companion, isGuardian: 'unknown', mayBeInvolved: 'unknown', attitude: 'unknown' }] };
}

/** The words go to Chinese agencies, whatever language the screen is in. */
function suspicionOf(visits: readonly OpenedVisit[]): NonNullable<Report['suspicion']> {
  const texts = textsOf('zh');
  const shown = visits.flatMap(({ snapshot, assessment }) =>
    promptingIndications(assessment).map((indication) => ({ snapshot, indication })),
  );
  const lines = uniqueLines(
    shown.flatMap(({ snapshot, indication }) => indication.evidence.map((evidence) => describeEvidence(snapshot, evidence, texts))),
  );
  const situations = [...new Set(shown.map(({ indication }) => indication.situation))].toSorted((a, b) => a - b);
  return {
    situations: situations.map((situation) => `opinion-2020:4.${situation}`),
    observed: lines.map(({ label, value }) => `${label}${texts.valueSeparator}${value}`).join(texts.lineSeparator),
  };
}

function clinicalOf(snapshot: EncounterSnapshot): NonNullable<Report['clinical']> {
  const stands = <Fact extends { readonly status?: FactStatus }>(facts: readonly Fact[] | undefined): readonly Fact[] =>
    (facts ?? []).filter(({ status }) => status !== 'entered-in-error');
  return {
    conditions: stands(snapshot.conditions),
    observations: stands(snapshot.observations),
    procedures: stands(snapshot.procedures),
  };
}
