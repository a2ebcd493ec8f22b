import { Array as ArrayOf, Enum, Literal, Null, Object as ObjectOf, Optional, String as Text, Union } from 'typebox';
import { clinicalSchema, evidenceSchema, safetySchema, suspicionSchema } from './case.js';
import { contact, flag, nullableText, text, texts, whole } from './parts.js';
import { allegedPersonSchema, companionSchema, contactPlanSchema, patientSchema, whereaboutsSchema } from './person.js';

const triggerSchema = ObjectOf({
  promptId: nullableText,
  encounterId: text,
  revision: whole,
  inputSha256: text,
  level: Optional(Enum(['red', 'orange', 'yellow', 'none'])),
  ruleIds: texts,
  rulePack: Optional(ObjectOf({ id: text, version: text, digest: text, overlay: text })),
});

const facilitySchema = ObjectOf({
  code: text,
  codeSystem: text,
  name: text,
  registrationNumber: text,
  regionCode: text,
  address: text,
  dutyContact: Optional(ObjectOf({ title: text, phone: text })),
});

const reporterSchema = ObjectOf({
  mode: Optional(Enum(['unit', 'person'])),
  identityBasis: Optional(Enum(['login', 'typed', 'card'])),
  sealed: text,
  threatened: flag,
  interference: nullableText,
});

const callSchema = ObjectOf({
  number: text,
  at: text,
  answeredBy: text,
  incidentNumber: text,
  outcome: Optional(Enum(['answered', 'no-answer', 'transferred'])),
});

/** An issue travels in the clear to whoever reads the report, so its texts are held to the alphabet of codes and paths. */
const issueSchema = ObjectOf({
  code: Text({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$' }),
  severity: Enum(['information', 'warning', 'error']),
  at: Text({ pattern: '^[A-Za-z$][A-Za-z0-9_.$\\[\\]-]{0,199}$' }),
});

/**
 * JSON Schema (2020-12) of a report of schema 1, in the order of the paper form. It is equal to the hand-written `Report`
 * by a type test, and the reader, the views and the renderers walk it: a member that is not here is read by none of them.
 */
export const reportSchema = ObjectOf({
  schemaVersion: Literal('1'),
  reportId: Text(),
  number: text,
  mode: Enum(['production', 'training', 'exercise', 'test']),
  exerciseId: nullableText,
  kind: Enum(['initial', 'follow-up', 'correction', 'error-notice']),
  errorReason: Optional(Union([Enum(['wrong-patient', 'duplicate', 'entered-in-error', 'new-findings']), Null()])),
  chain: Optional(ObjectOf({ id: text, sequence: whole, replaces: nullableText })),
  relatedReports: Optional(ArrayOf(ObjectOf({ number: text, relation: Optional(Enum(['same-child', 'sibling', 'same-event'])) }))),
  eventId: nullableText,
  priority: Optional(Enum(['urgent', 'routine'])),
  createdAt: Text(),
  discoveredAt: nullableText,
  source: Optional(Enum(['prompt', 'manual', 'phone-first', 'known-to-police', 'paper', 'retrospective'])),
  clockOffsetMs: whole,
  profile: Optional(ObjectOf({ id: text, version: text })),
  trigger: Optional(triggerSchema),
  facility: facilitySchema,
  department: text,
  reporter: Optional(reporterSchema),
  patient: Optional(patientSchema),
  whereabouts: Optional(whereaboutsSchema),
  companions: Optional(ArrayOf(companionSchema)),
  guardians: Optional(ArrayOf(contact)),
  contactPlan: Optional(contactPlanSchema),
  suspicion: Optional(suspicionSchema),
  clinical: Optional(clinicalSchema),
  allegedPersons: Optional(ArrayOf(allegedPersonSchema)),
  conflictOfInterest: texts,
  safety: Optional(safetySchema),
  needs: texts,
  childWishes: text,
  guardianInformed: Optional(Enum(['yes', 'no', 'defer-to-police'])),
  evidence: Optional(ArrayOf(evidenceSchema)),
  calls: Optional(ArrayOf(callSchema)),
  knownToPolice: Optional(
    ObjectOf({ by: Optional(Enum(['brought', '110', 'other-hospital', 'school'])), officer: text, incidentNumber: text, at: text }),
  ),
  attachments: Optional(ArrayOf(ObjectOf({ id: text, contentType: text, sha256: text }))),
  paper: Optional(ObjectOf({ number: text, sealed: flag })),
  issues: Optional(ArrayOf(issueSchema)),
});
