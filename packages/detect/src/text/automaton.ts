import { invariant } from '@zhida/core';

/**
 * A multi-term automaton: every term is found in one walk over the text, however many terms there are.
 *
 * Aho–Corasick with its failure links resolved beforehand, so each character costs one step. A state keeps only the
 * transitions in which it differs from the root; they are laid into one table by row displacement, each cell telling
 * whose it is. Characters are compacted into classes first: class 0 is every character no term has, and leads to the root.
 */
export interface Automaton {
  readonly classes: Uint16Array;
  readonly root: Int32Array;
  readonly base: Int32Array;
  /** Pairs of state and target: `cells[2 i]` is the state whose transition this is, `cells[2 i + 1]` where it leads. */
  readonly cells: Int32Array;
  /** 1 for a state in which a term ends. */
  readonly hasOutput: Uint8Array;
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
  const hasOutput = Uint8Array.from(outputs, (list) => (list.length > 0 ? 1 : 0));
  return {
    classes,
    root,
    ...rows,
    hasOutput,
    outputStart,
    outputs: Int32Array.from(outputs.flat()),
    classCount,
    stateCount: outputs.length,
  };
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
  const rootRow = transitions[0] ?? new Map<number, number>();
  const queue: number[] = [...rootRow.values()];
  for (const state of queue) {
    const failure = fail[state] ?? 0;
    const inherited = transitions[failure] ?? rootRow;
    outputs[state]?.push(...(outputs[failure] ?? []));
    for (const [symbol, target] of trie.children[state] ?? []) {
      fail[target] = inherited.get(symbol) ?? rootRow.get(symbol) ?? 0;
      queue.push(target);
    }
    if (failure !== 0) inherit(transitions[state], inherited);
  }
  return { transitions, outputs };
}

function inherit(own: Map<number, number> | undefined, inherited: ReadonlyMap<number, number>): void {
  for (const [symbol, target] of inherited) if (own?.has(symbol) === false) own.set(symbol, target);
}

interface Row {
  readonly state: number;
  /** Ascending. */
  readonly symbols: readonly number[];
}

/** First fit, the fullest rows first. Where a state goes as the root does, it needs no cell of its own. */
function displace(transitions: readonly Map<number, number>[], root: Int32Array, classCount: number): Pick<Automaton, 'base' | 'cells'> {
  const rows: Row[] = transitions
    .map((row, state) => ({ state, symbols: [...row.keys()].filter((symbol) => root[symbol] !== row.get(symbol)).sort((a, b) => a - b) }))
    .filter(({ state, symbols }) => state > 0 && symbols.length > 0)
    .sort((a, b) => b.symbols.length - a.symbols.length || a.state - b.state);
  const base = new Int32Array(transitions.length);
  const free = new FreeCells();
  for (const { state, symbols } of rows) {
    const offset = firstFit(free, symbols);
    base[state] = offset;
    for (const symbol of symbols) free.take(offset + symbol);
  }
  // Every class of every state can be looked up without a bounds check.
  const size = base.reduce((highest, offset) => Math.max(highest, offset), 0) + classCount;
  const table = new Int32Array(size * 2).fill(-1);
  for (const { state, symbols } of rows) {
    for (const symbol of symbols) {
      const cell = ((base[state] ?? 0) + symbol) * 2;
      table[cell] = state;
      table[cell + 1] = transitions[state]?.get(symbol) ?? 0;
    }
  }
  return { base, cells: table };
}

function firstFit(cells: FreeCells, symbols: readonly number[]): number {
  const lowest = symbols[0] ?? 0;
  let cell = cells.freeFrom(lowest);
  for (let tries = 0; tries < FIT_TRIES_MAX; tries += 1) {
    const offset = cell - lowest;
    if (symbols.every((symbol) => cells.isFree(offset + symbol))) return offset;
    cell = cells.freeFrom(cell + 1);
  }
  return cells.length;
}

/** Gaps that never fit are not tried for ever: a slightly longer table costs less than the search. */
const FIT_TRIES_MAX = 64;

/** Which cells are taken, with leaps over runs of taken ones (a union-find over positions), so that building stays fast. */
class FreeCells {
  readonly #leap: number[] = [];

  /** Behind the last cell that was ever taken. */
  get length(): number {
    return this.#leap.length;
  }

  isFree(cell: number): boolean {
    return (this.#leap[cell] ?? cell) === cell;
  }

  take(cell: number): void {
    while (this.#leap.length <= cell) this.#leap.push(this.#leap.length);
    this.#leap[cell] = cell + 1;
  }

  /** The first free cell at or behind `from`. */
  freeFrom(from: number): number {
    let cell = from;
    while (!this.isFree(cell)) cell = this.#leap[cell] ?? cell;
    for (let at = from; at < cell; ) {
      const next = this.#leap[at] ?? cell;
      this.#leap[at] = cell;
      at = next;
    }
    return cell;
  }
}
