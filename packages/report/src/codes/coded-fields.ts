import type { CodeSystem } from './code-system.js';
import { APPROACHES, CONFLICTS, EVIDENCE_KINDS, INJURY_KINDS, INJURY_PATTERNS, INJURY_SIDES, INJURY_SITES, NEEDS } from './findings.js';
import { ETHNICITY, IDENTIFIER_TYPES, SEX } from './person.js';
import { RELATIONSHIPS } from './relationships.js';
import { HARM_TYPES, LOCAL_SITUATIONS, SITUATIONS } from './situations.js';

/** Every code system of a report by its name here. */
export const CODE_SYSTEMS = {
  sex: SEX,
  identifierTypes: IDENTIFIER_TYPES,
  ethnicity: ETHNICITY,
  relationships: RELATIONSHIPS,
  situations: SITUATIONS,
  localSituations: LOCAL_SITUATIONS,
  harmTypes: HARM_TYPES,
  injurySites: INJURY_SITES,
  injurySides: INJURY_SIDES,
  injuryKinds: INJURY_KINDS,
  injuryPatterns: INJURY_PATTERNS,
  evidenceKinds: EVIDENCE_KINDS,
  needs: NEEDS,
  approaches: APPROACHES,
  conflicts: CONFLICTS,
} as const satisfies Record<string, CodeSystem>;

export type CodeSystemName = keyof typeof CODE_SYSTEMS;

/** Which members of a report hold a code of which system. */
export const CODED_FIELDS: Readonly<Record<string, CodeSystemName>> = {
  'patient.sex': 'sex',
  'patient.identifiers[].system': 'identifierTypes',
  'patient.ethnicity': 'ethnicity',
  'companions[].relationship': 'relationships',
  'guardians[].relationship': 'relationships',
  'contactPlan.safeContact.relationship': 'relationships',
  'contactPlan.approach[]': 'approaches',
  'suspicion.situations[]': 'situations',
  'suspicion.localSituations[]': 'localSituations',
  'suspicion.harmTypes[]': 'harmTypes',
  'clinical.injuries[].site': 'injurySites',
  'clinical.injuries[].side': 'injurySides',
  'clinical.injuries[].kind': 'injuryKinds',
  'clinical.injuries[].pattern': 'injuryPatterns',
  'clinical.procedures[].consentBy.relationship': 'relationships',
  'allegedPersons[].relationship': 'relationships',
  'allegedPersons[].sex': 'sex',
  'conflictOfInterest[]': 'conflicts',
  'needs[]': 'needs',
  'evidence[].kind': 'evidenceKinds',
};
