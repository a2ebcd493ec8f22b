export { nationalCalendar } from './calendar.js';
export { packDigest } from './digest.js';
export type { PackManifest } from './digest.js';
export type { EvidenceAct } from './evidence-acts.js';
export { FALLBACK_SENTENCE, clinicalSentence } from './legal.js';
export type { LegalPack, LegalSentence, LegalSource } from './legal.js';
export { nationalEvidenceActs } from './national/evidence-acts.js';
export { legalPack } from './national/legal-pack.js';
export { nationalRulePack } from './national/rule-pack.js';
export { nationalQuestions, nationalWording } from './national/wording.js';
export { type JurisdictionProfile, type ProfileClocks, type ProfileRecipient, toldAtOnce } from './profile.js';
export { nationalProfile, sampleCountyProfile } from './profiles.js';
export type {
  CodeSet,
  Concept,
  ConceptKind,
  Condition,
  CueKind,
  GestationTerms,
  Guard,
  Heading,
  Level,
  LevelChoice,
  LocalText,
  PaediatricContext,
  Pattern,
  RedWeighing,
  ResultKind,
  Rule,
  RulePack,
  Situation,
  SituationChoice,
  Suppressor,
  Weighing,
} from './rule-pack.js';
export { type PackDates, type PackValidity, packValidity, wrongDate } from './validity.js';
export type { Question, QuestionSets, RuleWording } from './wording.js';
