import { type EncounterSnapshot, type Issue, readSnapshot } from '@zhida/core';
import type { RulePack } from '@zhida/packs';
import type { Collected } from '../src/facts/collect.js';
import { createReaderOfPack } from '../src/facts/reader-of-pack.js';
import { compileLexicon } from '../src/text/lexicon.js';
import { type Statement, createStatementReader, weighedSources } from '../src/weighing/statements.js';
import { GrowingTermTable } from '../src/weighing/terms.js';

/** What a record says, as the detector weighs it: names of terms, of terms it only denies, of concepts, of categories of diagnoses and of results. */
export interface Said {
  readonly terms: readonly string[];
  readonly denied: readonly string[];
  readonly concepts: readonly string[];
  readonly categories: readonly string[];
  readonly results: readonly string[];
}

/** Reads records as the detector does, but names every term, not only those a pack weighs. */
export function createSaidReader(pack: RulePack): (encounter: unknown) => Said {
  const lexicon = compileLexicon(pack);
  const reader = createReaderOfPack(pack, lexicon);
  const table = new GrowingTermTable();
  const deniable = new GrowingTermTable();
  const statements = createStatementReader(lexicon, table, deniable);
  const read = (snapshot: EncounterSnapshot): Collected => {
    const issues: Issue[] = [];
    const collected = reader.collect(snapshot, issues);
    reader.read(collected, issues);
    return collected;
  };
  return (encounter) => {
    const { snapshot } = readSnapshot(encounter);
    if (snapshot === undefined) return { terms: [], denied: [], concepts: [], categories: [], results: [] };
    const collected = read(snapshot);
    statements.reset();
    const sources = weighedSources(collected);
    const found: Statement[] = sources.flatMap(({ text, scan }) => [...statements.read(text, scan)]);
    const numbers = found.flatMap(({ first, count }) => [...statements.terms().subarray(first, first + count)]);
    return {
      terms: unique(numbers.map((number) => table.names[number] ?? '')),
      denied: unique(statements.denied(sources).map((number) => deniable.names[number] ?? '')),
      concepts: unique([...collected.mentions.keys()].map((concept) => lexicon.concepts[concept]?.id ?? '')),
      categories: unique(collected.codes.filter(({ system }) => system === 'icd-10').map(({ code }) => code.slice(0, 3))),
      results: unique([...collected.results].flatMap(([kind, facts]) => facts.map(({ positive }) => (positive ? kind : `not ${kind}`)))),
    };
  };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => name !== '').sort();
}
