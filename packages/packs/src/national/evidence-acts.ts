import type { EvidenceAct } from '../evidence-acts.js';
import acts from './evidence-acts.data.json' with { type: 'json' };

/** 流产, 清宫, 引产 and 缝合; not reviewed by clinical and legal experts. */
export const nationalEvidenceActs: readonly EvidenceAct[] = acts;
