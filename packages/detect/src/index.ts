export type { AgeBasis, Ask, Assessment, Evidence, Indication, RulesUsed } from './assessment.js';
export { type Detector, type DetectorOptions, createDetector } from './detector.js';
export { type LocalRule, type Overlay, applyOverlay } from './overlay.js';
export type { Explanation, Sighting } from './explanation.js';
export type { ConditionTrace } from './rules/trace.js';
