/**
 * The view table of report schema 1 (e4) as it was specified, kept apart from the code's own table so that one checks the
 * other. Full paths stand in place of the short names of the specification.
 */
export const SPECIFIED_VIEWS = `
| schemaVersion reportId number mode exerciseId kind errorReason chain priority profile | Y | Y | Y | Y | G | G | G | G |
| createdAt | Y | Y | Y | K date | K date | K date | K date | K date |
| guardianshipConcern | Y | Y | Y | – | – | – | – | – |
| authDegraded | Y | – | Y | – | – | – | – | – |
| unread | R | – | – | – | – | – | – | – |
| discoveredAt · source clockOffsetMs eventId · relatedReports | Y | – · – · Y | Y | K date · – · – | – | – | – | – |
| trigger | – | – | Y | – | – | – | – | – |
| facility | Y | Y | Y | Y | – | – | – | – |
| reporter.sealed reporter.mode reporter.identityBasis · reporter.interference | R · – | – | – · Y | – | – | – | – | – |
| reporter.threatened conflictOfInterest | Y | – | Y | – | – | – | – | – |
| patient.name | Y | C | R | – | G | G | G | – |
| patient.sex patient.ageBand | Y | Y | Y | Y | G | G | G | G |
| patient.birthDate patient.statedAge patient.ageBasis patient.identifiers patient.phone patient.nationality patient.ethnicity patient.registeredAddress patient.maritalStatus | Y | C | R | – | – | – | – | – |
| patient.address | Y | C, else K | K | K | – | K | G | K |
| patient.school suspicion.event.schoolRelated | Y | C | K | – | G | – | – | – |
| patient.disability patient.communication safety | Y | Y | Y | – | – | G | G | – |
| whereabouts.status · whereabouts.place whereabouts.since whereabouts.destination whereabouts.withWhom whereabouts.expectedLeaveAt | Y | Y · C | Y · R | – | – | – | G · – | – |
| companions guardians | Y | C | K | – | – | – | – | – |
| contactPlan | Y | C | R | – | G | G | G | – |
| suspicion.situations suspicion.localSituations · suspicion.harmTypes | Y | Y · K | Y | K | – | K · – | K · – | – |
| suspicion.observed | Y | R | R | – | – | – | – | – |
| suspicion.statements suspicion.inference clinical.conditions clinical.injuries clinical.observations clinical.procedures clinical.plannedProcedureAt clinical.pregnancy.gestationalAgeDays clinical.pregnancy.conceptionFrom clinical.pregnancy.conceptionTo clinical.pregnancy.outcome paper · department | Y | – | R · – | – | – | – | – | – |
| suspicion.event.occurredAt suspicion.event.place · suspicion.event.repeated suspicion.event.mechanismStated suspicion.event.mechanismFits suspicion.event.careDelayed | Y | – | K · – | – | – | – | – | – |
| clinical.severity clinical.outcome · clinical.pregnancy.conceivedBefore14 | Y | Y · – | Y | Y · – | – | – | – | – |
| allegedPersons | Y | K | K | – | – | – | – | – |
| needs | Y | Y | Y | – | K | G | G | K |
| childWishes guardianInformed | Y | C | – | – | – | – | G | – |
| evidence | Y | – | K | – | – | – | – | – |
| calls knownToPolice · attachments · issues | Y | K · – · – | Y · R · Y | – | – | – | – | – |
`;

/** What each `K` must leave of the full report, by path and column letter. */
export const COARSENED: Readonly<Record<string, unknown>> = {
  'createdAt H': '2026-11-23',
  'createdAt E': '2026-11-23',
  'createdAt W': '2026-11-23',
  'createdAt S': '2026-11-23',
  'createdAt Z': '2026-11-23',
  'discoveredAt H': '2026-11-23',
  'patient.address M': { regionCode: '440299101' },
  'patient.address J': { regionCode: '440299' },
  'patient.address H': { regionCode: '440299' },
  'patient.address W': { regionCode: '440299101' },
  'patient.address Z': { regionCode: '440299101' },
  'patient.school J': 'yes',
  'suspicion.event.schoolRelated J': 'no',
  'companions J': [{ relationship: 'local:boyfriend', attitude: 'refuses' }],
  'guardians J': [{ relationship: '52' }],
  'suspicion.harmTypes M': ['人身', 'bullying'],
  'suspicion.situations H': ['sexual', 'violence'],
  'suspicion.situations W': ['sexual', 'violence'],
  'suspicion.situations S': ['sexual', 'violence'],
  'suspicion.localSituations H': ['other'],
  'suspicion.localSituations W': ['other'],
  'suspicion.localSituations S': ['other'],
  'suspicion.harmTypes H': ['sexual', 'violence'],
  'suspicion.event.occurredAt J': '2026-10',
  'suspicion.event.place J': { regionCode: '440299', kind: 'home' },
  'allegedPersons M': [{ relationship: 'local:netizen', accessToChild: 'unknown' }],
  'allegedPersons J': [{ relationship: 'local:netizen', specialDuty: 'none' }],
  'needs E': ['education-support'],
  'needs Z': 'yes',
  'evidence J': [{ kind: 'clothing', status: 'kept', volatileUntil: '2026-11-24T00:00:00Z' }],
  'calls M': [{ incidentNumber: 'JQ-20261122-0031' }],
  'knownToPolice M': { incidentNumber: 'JQ-20261122-0031' },
};

/** Every member of the schema. A new one is listed here by the person who decided in which row it belongs. */
export const REVIEWED_MEMBERS = `
schemaVersion reportId number mode exerciseId kind errorReason chain.id chain.sequence chain.replaces relatedReports[].number
relatedReports[].relation eventId priority createdAt discoveredAt source clockOffsetMs profile.id profile.version trigger.promptId
trigger.encounterId trigger.revision trigger.inputSha256 trigger.level trigger.ruleIds[] trigger.rulePack.id trigger.rulePack.version
trigger.rulePack.digest trigger.rulePack.overlay facility.code facility.codeSystem facility.name facility.registrationNumber facility.regionCode facility.address
facility.dutyContact.title facility.dutyContact.phone department reporter.mode reporter.identityBasis reporter.sealed reporter.threatened
reporter.interference patient.name patient.sex patient.birthDate patient.statedAge patient.ageBasis patient.ageBand
patient.identifiers[].system patient.identifiers[].value patient.nationality patient.ethnicity patient.address.text
patient.address.regionCode patient.registeredAddress.text patient.registeredAddress.regionCode patient.phone patient.school.name
patient.school.grade patient.disability[] patient.communication[] patient.maritalStatus whereabouts.status whereabouts.place
whereabouts.since whereabouts.destination whereabouts.withWhom whereabouts.expectedLeaveAt companions[].relationship companions[].name
companions[].phone companions[].isGuardian companions[].mayBeInvolved companions[].attitude guardians[].relationship guardians[].name
guardians[].phone contactPlan.safeContact.relationship contactPlan.safeContact.name contactPlan.safeContact.phone
contactPlan.doNotContact[].phone contactPlan.doNotContact[].reason contactPlan.approach[] suspicion.situations[]
suspicion.localSituations[] suspicion.harmTypes[] suspicion.observed suspicion.statements[].speaker suspicion.statements[].verbatim
suspicion.statements[].at suspicion.statements[].prompted suspicion.inference suspicion.event.occurredAt suspicion.event.place.text
suspicion.event.place.regionCode suspicion.event.place.kind suspicion.event.repeated suspicion.event.mechanismStated
suspicion.event.mechanismFits suspicion.event.careDelayed suspicion.event.schoolRelated clinical.conditions[].code
clinical.conditions[].system clinical.conditions[].text clinical.conditions[].role clinical.conditions[].certainty
clinical.conditions[].status clinical.injuries[].site clinical.injuries[].side clinical.injuries[].kind clinical.injuries[].size
clinical.injuries[].ageOfInjury clinical.injuries[].pattern clinical.observations[].code clinical.observations[].system
clinical.observations[].name clinical.observations[].value clinical.observations[].unit clinical.observations[].interpretation
clinical.observations[].specimen clinical.observations[].performer clinical.observations[].status clinical.observations[].at
clinical.procedures[].code clinical.procedures[].system clinical.procedures[].text clinical.procedures[].at
clinical.procedures[].consentBy.relationship clinical.procedures[].status clinical.plannedProcedureAt
clinical.pregnancy.gestationalAgeDays clinical.pregnancy.conceptionFrom clinical.pregnancy.conceptionTo
clinical.pregnancy.conceivedBefore14 clinical.pregnancy.outcome clinical.severity clinical.outcome allegedPersons[].known
allegedPersons[].name allegedPersons[].relationship allegedPersons[].sex allegedPersons[].statedAge allegedPersons[].address
allegedPersons[].phone allegedPersons[].accessToChild allegedPersons[].specialDuty conflictOfInterest[] safety.immediateDanger
safety.safeToGoHome safety.otherChildrenAtRisk.count safety.otherChildrenAtRisk.note needs[] childWishes guardianInformed
evidence[].kind evidence[].status evidence[].collectedAt evidence[].place evidence[].sealNumber evidence[].hash
evidence[].volatileUntil evidence[].handedTo calls[].number calls[].at calls[].answeredBy calls[].incidentNumber calls[].outcome
knownToPolice.by knownToPolice.officer knownToPolice.incidentNumber knownToPolice.at attachments[].id attachments[].contentType
attachments[].sha256 paper.number paper.sealed issues[].code issues[].severity issues[].at
`
  .trim()
  .split(/\s+/);
