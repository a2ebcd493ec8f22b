import type { SnapshotObservation } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import { HL7_LIMITS } from '../limits.js';
import type { FactChange, FactList } from '../read/update.js';
import type { StoredFact } from './visit-state.js';

/** What a message did to the facts of a visit. */
export interface FoldedFacts {
  readonly facts: readonly StoredFact[];
  /** Facts that stand no more: corrected, withdrawn or deleted by the sender. */
  readonly withdrawn: number;
}

/**
 * Adds what a message tells to what is known. A fact under a known key takes its place and its place in the list; every fact
 * that stops to stand is named (INV-13). Nothing else ever removes a fact: a list sent again without one of its diagnoses
 * is not a deletion.
 */
export function foldFacts(
  known: readonly StoredFact[],
  changes: readonly FactChange[],
  clears: readonly string[],
  log: IssueLog,
): FoldedFacts {
  if (changes.length === 0 && clears.length === 0) return { facts: known, withdrawn: 0 };
  const board = boardOf(known);
  for (const parent of clears) if (board.dropChildren(parent) > 0) board.withdraw('TXA-12', log);
  for (const change of changes) apply(board, change, log);
  return { facts: thinned(board.facts(), log), withdrawn: board.withdrawn() };
}

interface Board {
  get(list: FactList, key: string): StoredFact | undefined;
  put(fact: StoredFact): void;
  drop(list: FactList, key: string): boolean;
  /** Drops what belongs to a document or a result; gives how many. */
  dropChildren(parent: string): number;
  withdraw(at: string, log: IssueLog): void;
  withdrawn(): number;
  facts(): StoredFact[];
}

function boardOf(known: readonly StoredFact[]): Board {
  const facts = new Map<string, StoredFact>(known.map((fact) => [`${fact.list}|${fact.key}`, fact]));
  const children = new Map<string, Set<string>>();
  const note = ({ list, key, parent }: StoredFact): void => {
    if (parent === undefined) return;
    const keys = children.get(parent);
    if (keys === undefined) children.set(parent, new Set([`${list}|${key}`]));
    else keys.add(`${list}|${key}`);
  };
  known.forEach(note);
  let withdrawn = 0;
  return {
    get: (list, key) => facts.get(`${list}|${key}`),
    put(fact) {
      facts.set(`${fact.list}|${fact.key}`, fact);
      note(fact);
    },
    drop: (list, key) => facts.delete(`${list}|${key}`),
    dropChildren(parent) {
      // A fact may have gone, or belong elsewhere, since it was noted.
      const own = [...(children.get(parent) ?? [])].filter((name) => facts.get(name)?.parent === parent);
      for (const name of own) facts.delete(name);
      children.delete(parent);
      return own.length;
    },
    withdraw(at, log) {
      withdrawn += 1;
      log.add('FACT_WITHDRAWN', at, 'information');
    },
    withdrawn: () => withdrawn,
    facts: () => [...facts.values()],
  };
}

function apply(board: Board, change: FactChange, log: IssueLog): void {
  const existing = board.get(change.list, change.key);
  switch (change.act) {
    case 'remove':
      if (dropEither(board, change)) board.withdraw(change.at, log);
      board.dropChildren(change.key);
      return;
    case 'withdraw':
      withdraw(board, change, existing, log);
      return;
    case 'set':
    case 'merge':
      put(board, change, existing, log);
  }
}

function withdraw(board: Board, change: FactChange, existing: StoredFact | undefined, log: IssueLog): void {
  const wasNote = dropTwin(board, change) && existing === undefined;
  if (!wasNote) board.put({ ...stored(change), value: { ...existing?.value, ...change.value, ...keptValue(existing, change) } });
  board.dropChildren(change.key);
  board.withdraw(change.at, log);
}

function put(board: Board, change: FactChange, existing: StoredFact | undefined, log: IssueLog): void {
  // Late mail: a preliminary result does not undo the final one.
  if (existing !== undefined && existing.preliminary !== true && change.preliminary === true) return;
  const replaces = dropTwin(board, change) || existing !== undefined;
  if (replaces && change.act === 'set') board.dropChildren(change.key);
  if (replaces && change.corrects === true) board.withdraw(change.at, log);
  board.put(change.act === 'merge' ? { ...stored(change), value: { ...existing?.value, ...change.value } } : stored(change));
}

function dropEither(board: Board, change: FactChange): boolean {
  const own = board.drop(change.list, change.key);
  return dropTwin(board, change) || own;
}

/** A value may come once as a report and once as a result; under one key there is one of them. */
function dropTwin(board: Board, { list, key }: FactChange): boolean {
  if (list === 'notes') return board.drop('observations', key);
  return list === 'observations' && board.drop('notes', key);
}

/** A withdrawal often says only which result it means: what it was stays readable beside its status. */
function keptValue(existing: StoredFact | undefined, { value }: FactChange): object {
  const before = (existing?.value as SnapshotObservation | undefined)?.value;
  const now = (value as SnapshotObservation).value;
  return before === undefined || (now !== undefined && now !== null) ? {} : { value: before };
}

function stored({ list, key, value, parent, preliminary }: FactChange): StoredFact {
  return { list, key, value, ...(parent === undefined ? {} : { parent }), ...(preliminary === true ? { preliminary } : {}) };
}

/**
 * Keeps a long stay within what a snapshot holds. Of observations the longest series of numbers under one code loses its
 * oldest, a heart rate of last month; of other lists the oldest go. It is named.
 */
function thinned(facts: readonly StoredFact[], log: IssueLog): readonly StoredFact[] {
  if (facts.length <= HL7_LIMITS.factsOfKind) return facts;
  const counts = countByList(facts);
  let kept = facts;
  for (const [list, count] of counts) {
    if (count <= HL7_LIMITS.factsOfKind) continue;
    log.add('FIELD_TOO_LONG', list);
    kept = without(kept, list, count - HL7_LIMITS.factsOfKind);
  }
  return kept;
}

function countByList(facts: readonly StoredFact[]): ReadonlyMap<FactList, number> {
  const counts = new Map<FactList, number>();
  for (const { list } of facts) counts.set(list, (counts.get(list) ?? 0) + 1);
  return counts;
}

function without(facts: readonly StoredFact[], list: FactList, excess: number): readonly StoredFact[] {
  const series = new Map<string, StoredFact[]>();
  for (const fact of facts) {
    if (fact.list !== list) continue;
    const name = seriesOf(fact);
    const known = series.get(name);
    if (known === undefined) series.set(name, [fact]);
    else known.push(fact);
  }
  const dropped = oldestOfLongest([...series.values()], excess);
  return facts.filter((fact) => !dropped.has(fact));
}

/** The facts to lose: again and again the oldest of the longest series. Goes down by length, so that many series cost no more. */
function oldestOfLongest(series: readonly (readonly StoredFact[])[], excess: number): ReadonlySet<StoredFact> {
  const byLength: (readonly StoredFact[])[][] = [];
  for (const one of series) (byLength[one.length] ??= []).push(one);
  const dropped = new Set<StoredFact>();
  for (let length = byLength.length - 1; length > 0; length -= 1) {
    for (const one of byLength[length] ?? []) {
      const oldest = one[one.length - length];
      if (dropped.size === excess || oldest === undefined) return dropped;
      dropped.add(oldest);
      (byLength[length - 1] ??= []).push(one);
    }
  }
  return dropped;
}

function seriesOf({ list, value }: StoredFact): string {
  if (list !== 'observations') return list;
  const { code, name, value: measured } = value as SnapshotObservation;
  return typeof measured === 'number' ? `${code ?? name ?? ''}` : 'text';
}
