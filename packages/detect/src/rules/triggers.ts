import type { Condition } from '@zhida/packs';
import type { Facts } from '../facts/facts.js';
import type { Sources } from './test.js';

/** Facts without which a condition cannot hold; `undefined` where it may hold without any. */
export interface Triggers {
  readonly concepts: ReadonlySet<number>;
  readonly codeSets: ReadonlySet<string>;
  readonly results: ReadonlySet<string>;
  /** Parts of the record around the notes: `visits`, `mother`, `alone`, `disposition`, `measures`, `identity`. */
  readonly parts: ReadonlySet<string>;
}

const NOTHING: Triggers = { concepts: new Set(), codeSets: new Set(), results: new Set(), parts: new Set() };

/**
 * Of the parts of an `all` the one with the fewest triggers is enough; of an `any` all count. A rule none of whose triggers is
 * among the facts is not evaluated.
 */
export function triggersOf(condition: Condition, sources: Sources): Triggers | undefined {
  if ('all' in condition) {
    const known = condition.all.map((part) => triggersOf(part, sources)).filter((part) => part !== undefined);
    return known.sort((left, right) => costOf(left, sources) - costOf(right, sources))[0];
  }
  if ('any' in condition) return union(condition.any.map((part) => triggersOf(part, sources)));
  if ('score' in condition) return union(condition.score.map(({ when }) => triggersOf(when, sources)));
  if ('use' in condition) {
    const named = sources.pack.conditions[condition.use];
    return named === undefined ? undefined : triggersOf(named, sources);
  }
  return factTriggers(condition, sources);
}

function factTriggers(condition: Condition, sources: Sources): Triggers | undefined {
  if ('mention' in condition) return ofConcept(condition.mention, sources);
  if ('near' in condition) return ofConcept(tellingOf(condition.near, sources), sources);
  if ('lasting' in condition) return ofConcept(condition.lasting, sources);
  if ('mentionAtAge' in condition) return ofConcept(condition.mentionAtAge, sources);
  if ('code' in condition) return { ...NOTHING, codeSets: new Set([condition.code]) };
  if ('result' in condition) return { ...NOTHING, results: new Set([condition.result]) };
  if ('visits' in condition || 'visit' in condition || 'reportedBefore' in condition) return ofPart('visits');
  if ('mother' in condition) return ofPart('mother');
  if ('alone' in condition) return ofPart('alone');
  if ('disposition' in condition) return ofPart('disposition');
  if ('identityChanged' in condition) return ofPart('identity');
  return 'severeWasting' in condition ? ofPart('measures') : undefined;
}

/** Every concept that is the trigger of some rule: a text that asserts none of them is not read further. */
export function tellingConcepts(all: readonly (Triggers | undefined)[]): ReadonlySet<number> {
  return new Set(all.flatMap((triggers) => [...(triggers?.concepts ?? [])]));
}

/** True when one of the triggers is among the facts. */
export function mayHold(triggers: Triggers | undefined, facts: Facts, codeSets: ReadonlySet<string>): boolean {
  if (triggers === undefined) return true;
  for (const concept of triggers.concepts) if (facts.mentions.has(concept)) return true;
  if (codeSets.size > 0) for (const name of triggers.codeSets) if (codeSets.has(name)) return true;
  if (facts.results.size > 0) for (const name of triggers.results) if (facts.results.has(name)) return true;
  for (const part of triggers.parts) if (hasPart(part, facts)) return true;
  return false;
}

function hasPart(part: string, { snapshot, visits, mother, age }: Facts): boolean {
  switch (part) {
    case 'visits':
      return visits.length > 0;
    case 'mother':
      return mother !== undefined;
    case 'alone':
      return snapshot.companion === null;
    case 'disposition':
      return snapshot.disposition !== undefined;
    case 'identity':
      return visits.length > 0 || (snapshot.patient?.identifiers?.length ?? 0) > 0;
    default:
      return age.bounds !== undefined && age.bounds.min.months < GROWTH_TABLE_MONTHS;
  }
}

const GROWTH_TABLE_MONTHS = 60;

/** Of concepts that must stand together, the last that can tell something by itself. */
function tellingOf(near: readonly string[], { lexicon }: Pick<Sources, 'lexicon'>): string {
  const kindOf = (id: string): string => lexicon.concepts[lexicon.conceptIndex.get(id) ?? -1]?.kind ?? 'word';
  return near.findLast((id) => kindOf(id) !== 'word' && kindOf(id) !== 'agent') ?? near[0] ?? '';
}

/** A concept made of others is there only where they are. */
function ofConcept(id: string, sources: Sources): Triggers | undefined {
  const index = sources.lexicon.conceptIndex.get(id);
  if (index === undefined) return undefined;
  const { terms, includes = [], patterns = [] } = sources.lexicon.concepts[index] ?? { terms: [] };
  const parts = [...includes, ...patterns.map(({ near }) => tellingOf(near, sources))].map((part) => ofConcept(part, sources));
  const own: Triggers = { ...NOTHING, concepts: new Set(terms.length > 0 ? [index] : []) };
  return union([own, ...parts]);
}

function ofPart(part: string): Triggers {
  return { ...NOTHING, parts: new Set([part]) };
}

/** A word that only helps others is a poor trigger: a text is not read for it. */
function costOf({ concepts, codeSets, results, parts }: Triggers, { lexicon }: Sources): number {
  const helpers = [...concepts].filter((index) => ['word', 'agent'].includes(lexicon.concepts[index]?.kind ?? 'word')).length;
  return concepts.size + codeSets.size + results.size + parts.size + helpers * HELPER_COST;
}

const HELPER_COST = 1000;

function union(all: readonly (Triggers | undefined)[]): Triggers | undefined {
  const known = all.filter((part) => part !== undefined);
  if (known.length < all.length) return undefined;
  return {
    concepts: new Set(known.flatMap(({ concepts }) => [...concepts])),
    codeSets: new Set(known.flatMap(({ codeSets }) => [...codeSets])),
    results: new Set(known.flatMap(({ results }) => [...results])),
    parts: new Set(known.flatMap(({ parts }) => [...parts])),
  };
}
