import type { RulePack } from '@zhida/packs';
import { ZhidaError } from '@zhida/core';
import type { Ask, Evidence } from '../assessment.js';
import type { Facts } from '../facts/facts.js';
import type { Lexicon } from '../text/lexicon.js';

/** 0 no, 1 possible (an age not known well enough decides), 2 yes. */
export type Truth = 0 | 1 | 2;

/** What an evaluation gathers on its way. */
export interface Trace {
  readonly evidence: Evidence[];
  readonly asks: Set<Ask>;
}

export type Test = (facts: Facts, trace: Trace) => Truth;

/** What compiling needs of the pack. */
export interface Sources {
  readonly pack: RulePack;
  readonly lexicon: Lexicon;
}

export function emptyTrace(): Trace {
  return { evidence: [], asks: new Set() };
}

/** Evidence for a stretch of a document. */
export function evidenceOf(facts: Facts, index: number, start: number, end: number): Evidence {
  const document = facts.documents[index];
  return { at: document?.at ?? '', start, end, text: document?.text.slice(start, end) ?? '' };
}

/** @throws ZhidaError `ZD_ERR_PACK_INVALID` for a name the pack does not define */
export function known<T>(value: T | undefined, at: string): T {
  if (value === undefined) throw new ZhidaError('ZD_ERR_PACK_INVALID', 'a rule names something the pack does not define', { at });
  return value;
}

export function conceptIndex({ lexicon }: Sources, id: string, at: string): number {
  return known(lexicon.conceptIndex.get(id), at);
}
