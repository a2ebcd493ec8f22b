import type { EncounterSnapshot } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import type { GatewayContext } from '../options.js';
import { describeEvidence } from './evidence.js';

/**
 * The report as far as the gateway can fill it from the visit, so that a clinician touches two fields and not forty.
 * Names follow report schema 1; what is not known is left out and becomes `unknown` at the reader.
 */
export function prefillReport(
  context: GatewayContext,
  visit: { snapshot: EncounterSnapshot; assessment: Assessment; revision: number; inputSha256: string; promptId: string },
): Record<string, unknown> {
  const { snapshot, assessment } = visit;
  const { facility } = context;
  const patient = snapshot.patient ?? {};
  const shown = assessment.indications.filter((indication) => !indication.silent && indication.level !== 'none');
  return {
    schemaVersion: '1',
    mode: context.mode,
    kind: 'initial',
    source: 'prompt',
    priority: 'urgent',
    profile: { id: context.profile.id, version: context.profile.version },
    trigger: {
      promptId: visit.promptId,
      encounterId: snapshot.id,
      revision: visit.revision,
      inputSha256: visit.inputSha256,
      level: assessment.level,
      ruleIds: shown.map((indication) => indication.ruleId),
      rulePack: assessment.rulePack,
    },
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
    patient: { ...reportPatient(patient), name: patient.name ?? '不详' },
    whereabouts: { status: 'in-facility', place: [facility.name, snapshot.location].filter(Boolean).join(' ') },
    companions:
      snapshot.companion == null ? [] : [{ ...snapshot.companion, isGuardian: 'unknown', mayBeInvolved: 'unknown', attitude: 'unknown' }],
    guardians: snapshot.guardians ?? [],
    suspicion: {
      situations: assessment.situations.map((situation) => `opinion-2020:4.${situation}`),
      observed: shown
        .flatMap((indication) => indication.evidence)
        .map((evidence) => describeEvidence(snapshot, evidence))
        .filter((item, index, all) => all.findIndex((other) => other.label === item.label && other.value === item.value) === index)
        .map((item) => `${item.label}：${item.value}`)
        .join('；'),
    },
    clinical: {
      conditions: (snapshot.conditions ?? []).map(({ code, system, text }) => ({ code, system, text })),
      observations: (snapshot.observations ?? []).map(({ code, system, name, value, unit, at }) => ({
        code,
        system,
        name,
        value,
        unit,
        at,
      })),
    },
    safety: { immediateDanger: 'unknown', safeToGoHome: 'unknown' },
  };
}

function reportPatient(patient: NonNullable<EncounterSnapshot['patient']>): Record<string, unknown> {
  const {
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
    school,
  } = patient;
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
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    ...(school === undefined ? {} : { school: { name: school } }),
    ageBasis: birthDate === undefined ? 'stated' : patient.identityVerified === true ? 'document' : 'stated',
  };
}
