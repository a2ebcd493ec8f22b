export type { AgeBasis, Ask, Assessment, Evidence, Indication } from './assessment.js';
export { type Detector, type DetectorOptions, type Overlay, createDetector } from './detector.js';
