import type { Pattern } from '@zhida/packs';
import type { Mention } from '../facts/facts.js';

/** Places where all the concepts stand together. */
export type Near = (mentions: ReadonlyMap<number, readonly Mention[]>) => readonly Place[];

type Scope = 'clause' | 'run' | 'sentence' | 'document';

export interface Place {
  readonly first: Mention;
  readonly parts: readonly Mention[];
  readonly document: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds, for each mention of the first concept, the nearest mention of every other one in the same clause or sentence, all
 * within a distance. Each list is sorted, so a window is found by bisection: the work grows with the text, not its square.
 */
export function compileNear(condition: Pattern, indexOf: (id: string) => number): Near {
  const { within, ordered = false } = condition;
  const concepts = condition.near.map(indexOf);
  const without = (condition.without ?? []).map(indexOf);
  const notBetween = (condition.notBetween ?? []).map(indexOf);
  const scope = SCOPES[condition.scope];
  const [anchor, ...others] = concepts;
  return (mentions) => {
    const places: Place[] = [];
    for (const first of mentions.get(anchor ?? -1) ?? []) {
      if (without.length > 0 && isBeside(mentions, first, without, scope)) continue;
      const parts = [first];
      for (const other of others) {
        const previous = parts.at(-1) ?? first;
        const next = nearest(mentions.get(other) ?? [], first, ordered ? previous.start : first.start - within, within, scope);
        if (next === undefined) break;
        parts.push(next);
      }
      if (parts.length < concepts.length) continue;
      const place = placeOf(first, parts);
      if (place.end - place.start > within + WORDS) continue;
      if (notBetween.length === 0 || !isBroken(mentions, place, notBetween)) places.push(place);
    }
    return withoutWrappers(places);
  };
}

/** True when one of the concepts stands inside the place and is none of its parts. */
function isBroken(
  mentions: ReadonlyMap<number, readonly Mention[]>,
  { parts, document, start, end }: Place,
  concepts: readonly number[],
): boolean {
  return concepts.some((concept) => {
    const list = mentions.get(concept) ?? [];
    for (let index = firstFrom(list, document, start); index < list.length; index += 1) {
      const other = list[index];
      if (other === undefined || other.document !== document || other.start >= end) return false;
      if (parts.every((part) => other.end <= part.start || other.start >= part.end)) return true;
    }
    return false;
  });
}

/** True when one of the concepts stands in the same clause or sentence as the mention, or in a bracket right behind the clause. */
export function isBeside(
  mentions: ReadonlyMap<number, readonly Mention[]>,
  at: Mention,
  concepts: readonly number[],
  scope: Scope,
): boolean {
  return concepts.some((concept) => {
    const list = mentions.get(concept) ?? [];
    if (list.length === 0) return false;
    const same = list[firstIn(list, at.document, scope, at[scope])];
    if (same !== undefined && same.document === at.document && same[scope] === at[scope]) return true;
    // 被打（摔伤）: a bracket right behind the clause explains it.
    const next = list[firstIn(list, at.document, 'clause', at.clause + 1)];
    return next?.document === at.document && next.clause === at.clause + 1 && next.bracketed && next.run === at.run;
  });
}

/** Index of the first mention of a document in this clause, run or sentence or a later one. Each counts up with the text. */
function firstIn(list: readonly Mention[], document: number, scope: Scope, from: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const mention = list[middle];
    if (mention !== undefined && (mention.document < document || (mention.document === document && mention[scope] < from)))
      low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of places that end together only the shortest says something: the agent nearest to the deed. */
function withoutWrappers(places: readonly Place[]): readonly Place[] {
  if (places.length < 2) return places;
  const shortest = new Map<string, Place>();
  for (const place of places) {
    const end = `${place.document}:${place.end}`;
    const known = shortest.get(end);
    if (known === undefined || known.start < place.start) shortest.set(end, place);
  }
  return [...shortest.values()];
}

const SCOPES: Readonly<Record<Pattern['scope'], Scope>> = { clause: 'clause', run: 'run', sentence: 'sentence', text: 'document' };

/** The words themselves are not counted into the distance; no term is longer than this. */
const WORDS = 12;

function nearest(list: readonly Mention[], anchor: Mention, from: number, within: number, scope: Scope): Mention | undefined {
  let best: Mention | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let index = firstFrom(list, anchor.document, from); index < list.length; index += 1) {
    const mention = list[index];
    if (mention === undefined || mention.document !== anchor.document || mention.start > anchor.end + within) break;
    if (mention[scope] !== anchor[scope]) continue;
    const distance = mention.start >= anchor.end ? mention.start - anchor.end : anchor.start - mention.end;
    if (distance > within || distance >= bestDistance) continue;
    best = mention;
    bestDistance = distance;
  }
  return best;
}

function firstFrom(list: readonly Mention[], document: number, from: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const mention = list[middle];
    if (mention !== undefined && (mention.document < document || (mention.document === document && mention.start < from))) low = middle + 1;
    else high = middle;
  }
  return low;
}

function placeOf(first: Mention, parts: readonly Mention[]): Place {
  const start = Math.min(...parts.map((part) => part.start));
  const end = Math.max(...parts.map((part) => part.end));
  return { first, parts, document: first.document, start, end };
}
