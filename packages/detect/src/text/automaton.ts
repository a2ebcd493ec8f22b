import { invariant } from '@zhida/core';

/**
 * A multi-term automaton: every term is found in one walk over the text, however many terms there are.
 *
 * Aho–Corasick with its failure links resolved beforehand, so each character costs one step. A state keeps only the
 * transitions in which it differs from the root; they are laid into two arrays by row displacement, `check` telling whose
 * a cell is. Characters are compacted into classes first: class 0 is every character no term has, and leads to the root.
 */
export interface Automaton {
  readonly classes: Uint16Array;
  readonly root: Int32Array;
  readonly base: Int32Array;
  readonly next: Int32Array;
  readonly check: Int32Array;
  /** Terms that end in state `s` are `outputs[outputStart[s] … outputStart[s + 1] - 1]`, longest first. */
  readonly outputStart: Int32Array;
  readonly outputs: Int32Array;
  readonly classCount: number;
  readonly stateCount: number;
}

interface Trie {
  readonly children: Map<number, number>[];
  readonly terms: number[][];
}

/** Builds the automaton of folded, non-empty terms. The index of a term is its place in the list. */
export function buildAutomaton(terms: readonly string[]): Automaton {
  const { classes, classCount } = compactClasses(terms);
  const trie = buildTrie(terms, classes);
  const { transitions, outputs } = resolve(trie);
  const root = new Int32Array(classCount);
  for (const [symbol, target] of transitions[0] ?? []) root[symbol] = target;
  const rows = displace(transitions, root, classCount);
  const outputStart = new Int32Array(outputs.length + 1);
  outputs.forEach((list, state) => {
    outputStart[state + 1] = (outputStart[state] ?? 0) + list.length;
  });
  return { classes, root, ...rows, outputStart, outputs: Int32Array.from(outputs.flat()), classCount, stateCount: outputs.length };
}

function compactClasses(terms: readonly string[]): { classes: Uint16Array; classCount: number } {
  const classes = new Uint16Array(65_536);
  let classCount = 1;
  for (const term of terms) {
    invariant(term.length > 0, 'an empty term would match everywhere');
    for (let index = 0; index < term.length; index += 1) {
      const code = term.charCodeAt(index);
      if (classes[code] !== 0) continue;
      classes[code] = classCount;
      classCount += 1;
    }
  }
  return { classes, classCount };
}

function buildTrie(terms: readonly string[], classes: Uint16Array): Trie {
  const children: Map<number, number>[] = [new Map()];
  const ends: number[][] = [[]];
  terms.forEach((term, termIndex) => {
    let state = 0;
    for (let index = 0; index < term.length; index += 1) {
      const symbol = classes[term.charCodeAt(index)] ?? 0;
      let target = children[state]?.get(symbol);
      if (target === undefined) {
        target = children.length;
        children[state]?.set(symbol, target);
        children.push(new Map());
        ends.push([]);
      }
      state = target;
    }
    ends[state]?.push(termIndex);
  });
  return { children, terms: ends };
}

/** Failure links breadth first; a state takes over every transition of its failure state that it does not have itself. */
function resolve(trie: Trie): { transitions: Map<number, number>[]; outputs: number[][] } {
  const fail = new Int32Array(trie.children.length);
  const transitions: Map<number, number>[] = trie.children.map((row) => new Map(row));
  const outputs = trie.terms.map((list) => [...list]);
  const queue: number[] = [...(trie.children[0]?.values() ?? [])];
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] ?? 0;
    const failure = fail[state] ?? 0;
    outputs[state]?.push(...(outputs[failure] ?? []));
    const inherited = transitions[failure] ?? new Map<number, number>();
    for (const [symbol, target] of trie.children[state] ?? []) {
      fail[target] = inherited.get(symbol) ?? transitions[0]?.get(symbol) ?? 0;
      queue.push(target);
    }
    if (failure === 0) continue;
    const own = transitions[state];
    for (const [symbol, target] of inherited) if (own?.has(symbol) === false) own.set(symbol, target);
  }
  return { transitions, outputs };
}

function displace(
  transitions: readonly Map<number, number>[],
  root: Int32Array,
  classCount: number,
): Pick<Automaton, 'base' | 'next' | 'check'> {
  const base = new Int32Array(transitions.length);
  const next: number[] = [];
  const check: number[] = [];
  let firstFree = 0;
  for (let state = 1; state < transitions.length; state += 1) {
    const row = [...(transitions[state] ?? [])].filter(([symbol, target]) => root[symbol] !== target);
    if (row.length === 0) continue;
    while (check[firstFree] !== undefined && check[firstFree] !== -1) firstFree += 1;
    const lowest = Math.min(...row.map(([symbol]) => symbol));
    let offset = Math.max(0, firstFree - lowest);
    while (row.some(([symbol]) => (check[offset + symbol] ?? -1) !== -1)) offset += 1;
    base[state] = offset;
    for (const [symbol, target] of row) {
      while (check.length <= offset + symbol) {
        check.push(-1);
        next.push(0);
      }
      check[offset + symbol] = state;
      next[offset + symbol] = target;
    }
  }
  const size = Math.max(check.length, 1) + classCount + Math.max(...base, 0);
  const nextTable = new Int32Array(size);
  const checkTable = new Int32Array(size).fill(-1);
  nextTable.set(next);
  checkTable.set(check);
  return { base, next: nextTable, check: checkTable };
}
