import { ZhidaError } from '@zhida/core';
import type { Concept, Pattern, RulePack } from '@zhida/packs';
import { type Near, type Place, compileNear } from '../rules/near.js';
import { type ConceptsOfReadings, type Lexicon, flatten, isHelper } from '../text/lexicon.js';
import type { Mention } from './facts.js';
import type { Together } from './places.js';
import type { Seen } from './seen.js';

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
export function compileDerived({ concepts }: RulePack, lexicon: Lexicon): Derive {
  const indexOf = (id: string): number => lexicon.conceptIndex.get(id) ?? -1;
  const ordered = inOrder(concepts);
  const steps = ordered.map(
    ({ id, includes = [], patterns = [] }): Step => ({
      index: indexOf(id),
      includes: includes.map(indexOf),
      patterns: patterns.map((pattern) => compileNear(pattern, indexOf)),
    }),
  );
  // Nearly every step is passed over by a look at these: without one of them there is nothing it could be made of.
  const makers = flatten(
    ordered.map(({ includes = [], patterns = [] }) => [...includes, ...patterns.map(({ near }) => rarest(near, lexicon))]),
    indexOf,
  );
  const isThere = new Uint8Array(concepts.length);
  return (mentions) => {
    if (mentions.size === 0) return;
    isThere.fill(0);
    for (const concept of mentions.keys()) isThere[concept] = 1;
    for (let step = 0; step < steps.length; step += 1) {
      const made = steps[step];
      if (made === undefined || !hasMaker(makers, step, isThere) || !makeMentions(made, mentions)) continue;
      isThere[made.index] = 1;
    }
  };
}

function hasMaker({ start, concepts }: ConceptsOfReadings, step: number, isThere: Uint8Array): boolean {
  const last = start[step + 1] ?? 0;
  for (let at = start[step] ?? 0; at < last; at += 1) if (isThere[concepts[at] ?? 0] === 1) return true;
  return false;
}

/** True where the step made mentions of its concept. */
function makeMentions({ index, includes, patterns }: Step, mentions: Map<number, Mention[]>): boolean {
  const found: Mention[] = [];
  for (const kind of includes) found.push(...(mentions.get(kind) ?? []));
  for (const pattern of patterns) for (const place of pattern(mentions)) found.push(mentionOf(place));
  if (found.length === 0) return false;
  const all = [...(mentions.get(index) ?? []), ...found].sort(byPlace);
  mentions.set(
    index,
    all.filter((mention, at) => at === 0 || !isSamePlace(mention, all[at - 1])),
  );
  return true;
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

/** Marks every concept that the concepts seen so far may make. */
export function compileSeen(pack: RulePack, lexicon: Lexicon): (seen: Seen) => void {
  const indexOf = (id: string): number => lexicon.conceptIndex.get(id) ?? -1;
  const steps = inOrder(pack.concepts).flatMap(({ id, includes = [], patterns = [] }) => [
    ...includes.map((kind) => ({ made: indexOf(id), of: indexOf(kind), together: undefined })),
    ...patterns.map((pattern) => ({
      made: indexOf(id),
      of: indexOf(rarest(pattern.near, lexicon)),
      together: compileTogether(pattern, lexicon),
    })),
  ]);
  // One concept settles most steps, and these are looked up in one list.
  const needed = Int32Array.from(steps, ({ of }) => of);
  return (seen) => {
    for (let step = 0; step < needed.length; step += 1) {
      if (seen.concepts[needed[step] ?? 0] !== 1) continue;
      const { made, together } = steps[step] ?? NO_STEP;
      if (together !== undefined && !mayStandTogether(together, seen)) continue;
      seen.concepts[made] = 1;
      if (together !== undefined) seen.places?.addMade(made);
    }
  };
}

const NO_STEP = { made: -1, together: undefined };

/** Of concepts that must stand together, the last that can be asserted: helpers stand in every text. */
export function rarest(near: Pattern['near'], { concepts, conceptIndex }: Lexicon): string {
  return near.findLast((id) => !isHelper(concepts[conceptIndex.get(id) ?? -1]?.kind)) ?? near[0];
}

/** What a pattern needs of the places of its concepts. */
export function compileTogether({ near, within, ordered = false }: Pattern, { conceptIndex, concepts }: Lexicon): Together {
  const wordsOf = (id: string, into: Set<number>): Set<number> => {
    const index = conceptIndex.get(id) ?? -1;
    if (into.has(index)) return into;
    into.add(index);
    for (const kind of concepts[index]?.includes ?? []) wordsOf(kind, into);
    return into;
  };
  const [first, ...others] = near.map((id) => Int32Array.from(wordsOf(id, new Set())));
  return { first: first ?? new Int32Array(), others, within, ordered };
}

/** False where one of the concepts was not seen, or not near the others. */
export function mayStandTogether(together: Together, { concepts, places }: Seen): boolean {
  if (concepts[together.first[0] ?? -1] !== 1) return false;
  for (const other of together.others) if (concepts[other[0] ?? -1] !== 1) return false;
  return places === undefined || places.mayStandTogether(together);
}

/** The concepts that make a concept, by being kinds of it or by standing together. */
export function makersOf({ includes = [], patterns = [] }: Concept): readonly string[] {
  return [...includes, ...patterns.flatMap(({ near }) => near)];
}

/** The concepts a concept is made of, those that keep it from being made among them. */
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
