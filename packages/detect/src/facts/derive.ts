import { ZhidaError } from '@zhida/core';
import type { Concept, RulePack } from '@zhida/packs';
import { type Near, type Place, compileNear } from '../rules/near.js';
import type { Lexicon } from '../text/lexicon.js';
import type { Mention } from './facts.js';

/** Adds to the mentions read from the text those that follow from others: a concept's kinds, and concepts that stand together. */
export type Derive = (mentions: Map<number, Mention[]>) => void;

interface Step {
  readonly index: number;
  readonly includes: readonly number[];
  readonly patterns: readonly Near[];
}

/**
 * Compiles what the concepts of a pack derive from one another, each after those it is made of.
 *
 * @throws ZhidaError `ZD_ERR_PACK_INVALID` for an unknown concept or a circle
 */
export function compileDerived({ concepts }: RulePack, { conceptIndex }: Lexicon): Derive {
  const steps = inOrder(concepts).map((concept): Step => {
    const indexOf = (id: string): number => conceptIndex.get(id) ?? -1;
    return {
      index: indexOf(concept.id),
      includes: (concept.includes ?? []).map(indexOf),
      patterns: (concept.patterns ?? []).map((pattern) => compileNear(pattern, indexOf)),
    };
  });
  return (mentions) => {
    if (mentions.size === 0) return;
    for (const { index, includes, patterns } of steps) {
      const found: Mention[] = [];
      for (const kind of includes) found.push(...(mentions.get(kind) ?? []));
      for (const pattern of patterns) for (const place of pattern(mentions)) found.push(mentionOf(place));
      if (found.length === 0) continue;
      const all = [...(mentions.get(index) ?? []), ...found].sort(byPlace);
      mentions.set(
        index,
        all.filter((mention, at) => at === 0 || !isSamePlace(mention, all[at - 1])),
      );
    }
  };
}

/** Every concept that is a kind of another, in that other as well. */
export function includedIn({ concepts }: RulePack, { conceptIndex }: Lexicon): (seen: Set<number>) => void {
  const steps = inOrder(concepts).map(({ id, includes = [] }) => ({ id, includes }));
  return (seen) => {
    for (const { id, includes } of steps) {
      if (includes.some((kind) => seen.has(conceptIndex.get(kind) ?? -1))) seen.add(conceptIndex.get(id) ?? -1);
    }
  };
}

/** Marks every concept that the concepts marked so far may make, wherever they stand. */
export function compileSeen({ concepts }: RulePack, { conceptIndex }: Lexicon): (seen: Uint8Array) => void {
  const indexOf = (id: string): number => conceptIndex.get(id) ?? -1;
  const steps = inOrder(concepts).map(({ id, includes = [], patterns = [] }) => ({
    index: indexOf(id),
    includes: includes.map(indexOf),
    patterns: patterns.map(({ near }) => near.map(indexOf)),
  }));
  return (seen) => {
    const isSeen = (index: number): boolean => seen[index] === 1;
    for (const { index, includes, patterns } of steps) {
      if (includes.some(isSeen) || patterns.some((near) => near.every(isSeen))) seen[index] = 1;
    }
  };
}

/** The concepts a concept is made of. */
export function partsOf({ includes = [], patterns = [] }: Concept): readonly string[] {
  return [...includes, ...patterns.flatMap(({ near, without = [], notBetween = [] }) => [...near, ...without, ...notBetween])];
}

function inOrder(concepts: readonly Concept[]): readonly Concept[] {
  const byId = new Map(concepts.map((concept) => [concept.id, concept]));
  const state = new Map<string, 'open' | 'done'>();
  const ordered: Concept[] = [];
  const visit = (id: string, from: string): void => {
    const concept = byId.get(id);
    if (concept === undefined || state.get(id) === 'open')
      throw new ZhidaError('ZD_ERR_PACK_INVALID', 'a concept is made of itself or of one the pack does not define', {
        at: `concepts.${from}`,
      });
    if (state.get(id) === 'done') return;
    state.set(id, 'open');
    for (const part of partsOf(concept)) visit(part, id);
    state.set(id, 'done');
    if (partsOf(concept).length > 0) ordered.push(concept);
  };
  for (const { id } of concepts) visit(id, id);
  return ordered;
}

/** It stands where the first of its parts stands, and is as certain as the least certain of them. */
function mentionOf({ first, parts, document, start, end }: Place): Mention {
  return { ...first, document, start, end, affirmed: parts.every(({ affirmed }) => affirmed) };
}

function byPlace(a: Mention, b: Mention): number {
  return a.document - b.document || a.start - b.start || a.end - b.end;
}

function isSamePlace(a: Mention, b: Mention | undefined): boolean {
  return b !== undefined && a.document === b.document && a.start === b.start && a.end === b.end;
}
