export { type PackManifest, packDigest } from './digest.js';
export { nationalRulePack } from './national/rule-pack.js';
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
  ResultKind,
  Rule,
  RulePack,
  Situation,
  SituationChoice,
  Suppressor,
} from './rule-pack.js';
