import type { LegalPack } from '../legal.js';
import legal from './legal.data.json' with { type: 'json' };

/** Sentences of Chinese law on mandatory reporting. Those nobody has checked against a published text are marked so. */
export const legalPack: LegalPack = legal as unknown as LegalPack;
