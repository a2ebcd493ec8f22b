import { invariant } from '@zhida/core';

/**
 * A multi-term automaton: every term is found in one walk over the text, however many terms there are.
 *
 * Aho–Corasick. The edges of the trie lie in one table by row displacement, each cell telling whose it is; where a state has no
 * edge for a character the walk falls back to the longest suffix that is a prefix of a term, so a text of n characters takes at
 * most 2 n steps. Characters are compacted into classes first: class 0 is every character no term has, and leads to the root.
 */
export interface Automaton {
  readonly classes: Uint16Array;
  readonly root: Int32Array;
  readonly base: Int32Array;
  /** Pairs of state and target: `cells[2 i]` is the state whose edge this is, `cells[2 i + 1]` where it leads. */
  readonly cells: Int32Array;
  /** The state to fall back to; 0 is the root. */
  readonly fail: Int32Array;
  /** 1 for a state in which a term ends. */
  readonly hasOutput: Uint8Array;
  /** Terms that end in state `s` are `outputs[outputStart[s] … outputStart[s + 1] - 1]`, longest first. */
  readonly outputStart: Int32Array;
  readonly outputs: Int32Array;
  readonly classCount: number;
  readonly stateCount: number;
}

/** States are numbered in the order they are first needed; the children of a state are a chain through `sibling`. */
interface Trie {
  readonly symbol: number[];
  readonly firstChild: number[];
  readonly lastChild: number[];
  readonly sibling: number[];
  /** The term that ends in a state, -1 for none. */
  readonly term: number[];
}

/** Builds the automaton of folded, non-empty terms, each given once. The index of a term is its place in the list. */
export function buildAutomaton(terms: readonly string[]): Automaton {
  const { classes, classCount } = compactClasses(terms);
  const trie = buildTrie(terms, classes);
  const { base, cells, root } = displace(trie, classCount);
  const { fail, outputs } = resolve(trie, base, cells, root);
  const outputStart = new Int32Array(outputs.length + 1);
  outputs.forEach((list, state) => {
    outputStart[state + 1] = (outputStart[state] ?? 0) + list.length;
  });
  return {
    classes,
    root,
    base,
    cells,
    fail,
    hasOutput: Uint8Array.from(outputs, (list) => (list.length > 0 ? 1 : 0)),
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

/** Terms go in in ascending order, so a child that is already there is the last one. */
function buildTrie(terms: readonly string[], classes: Uint16Array): Trie {
  const trie: Trie = { symbol: [0], firstChild: [0], lastChild: [0], sibling: [0], term: [-1] };
  const order = [...terms.entries()].sort(([, a], [, b]) => (a < b ? -1 : 1));
  for (const [termIndex, term] of order) {
    let state = 0;
    for (let index = 0; index < term.length; index += 1) {
      const symbol = classes[term.charCodeAt(index)] ?? 0;
      const last = trie.lastChild[state] ?? 0;
      state = last !== 0 && trie.symbol[last] === symbol ? last : addChild(trie, state, symbol);
    }
    trie.term[state] = termIndex;
  }
  return trie;
}

function addChild(trie: Trie, parent: number, symbol: number): number {
  const child = trie.symbol.length;
  const last = trie.lastChild[parent] ?? 0;
  if (last === 0) trie.firstChild[parent] = child;
  else trie.sibling[last] = child;
  trie.lastChild[parent] = child;
  trie.symbol.push(symbol);
  trie.firstChild.push(0);
  trie.lastChild.push(0);
  trie.sibling.push(0);
  trie.term.push(-1);
  return child;
}

/** One step of the walk: the state's own edge, else that of the longest suffix that has one, else what the root has. */
export function nextState(
  { root, base, cells, fail }: Pick<Automaton, 'root' | 'base' | 'cells' | 'fail'>,
  from: number,
  symbol: number,
): number {
  let state = from;
  while (state !== 0) {
    const cell = ((base[state] ?? 0) + symbol) << 1;
    if (cells[cell] === state) return cells[cell + 1] ?? 0;
    state = fail[state] ?? 0;
  }
  return root[symbol] ?? 0;
}

/** Breadth first: each state falls back to the longest suffix that is a prefix, and ends what that suffix ends as well. */
function resolve(trie: Trie, base: Int32Array, cells: Int32Array, root: Int32Array): { fail: Int32Array; outputs: number[][] } {
  const fail = new Int32Array(trie.symbol.length);
  const outputs = trie.term.map((term) => (term < 0 ? [] : [term]));
  const queue: number[] = [0];
  for (const state of queue) {
    for (let child = trie.firstChild[state] ?? 0; child !== 0; child = trie.sibling[child] ?? 0) {
      queue.push(child);
      if (state === 0) continue;
      const symbol = trie.symbol[child] ?? 0;
      const target = nextState({ base, cells, root, fail }, fail[state] ?? 0, symbol);
      fail[child] = target;
      outputs[child]?.push(...(outputs[target] ?? []));
    }
  }
  return { fail, outputs };
}

interface Row {
  readonly state: number;
  /** Ascending. */
  readonly symbols: readonly number[];
}

/** First fit, the fullest rows first. The root has a table of its own. */
function displace(trie: Trie, classCount: number): { base: Int32Array; cells: Int32Array; root: Int32Array } {
  const root = new Int32Array(classCount);
  for (let child = trie.firstChild[0] ?? 0; child !== 0; child = trie.sibling[child] ?? 0) root[trie.symbol[child] ?? 0] = child;
  const rows = rowsOf(trie);
  const base = new Int32Array(trie.symbol.length);
  const free = new FreeCells();
  let from = 0;
  for (const { state, symbols } of rows) {
    const { offset, tried } = firstFit(free, symbols, from);
    from = tried;
    base[state] = offset;
    for (const symbol of symbols) free.take(offset + symbol);
  }
  // Every class of every state can be looked up without a bounds check.
  const size = base.reduce((highest, offset) => Math.max(highest, offset), 0) + classCount;
  const cells = new Int32Array(size * 2).fill(-1);
  for (const { state } of rows) {
    for (let child = trie.firstChild[state] ?? 0; child !== 0; child = trie.sibling[child] ?? 0) {
      const cell = ((base[state] ?? 0) + (trie.symbol[child] ?? 0)) * 2;
      cells[cell] = state;
      cells[cell + 1] = child;
    }
  }
  return { base, cells, root };
}

function rowsOf(trie: Trie): Row[] {
  const rows: Row[] = [];
  for (let state = 1; state < trie.symbol.length; state += 1) {
    const symbols: number[] = [];
    for (let child = trie.firstChild[state] ?? 0; child !== 0; child = trie.sibling[child] ?? 0) symbols.push(trie.symbol[child] ?? 0);
    if (symbols.length > 0) rows.push({ state, symbols: symbols.sort((a, b) => a - b) });
  }
  return rows.sort((a, b) => b.symbols.length - a.symbols.length || a.state - b.state);
}

/** Gaps that did not fit are left to the rows of one symbol, which come last and fit anywhere. */
function firstFit(cells: FreeCells, symbols: readonly number[], from: number): { offset: number; tried: number } {
  const lowest = symbols[0] ?? 0;
  let cell = cells.freeFrom(Math.max(lowest, symbols.length === 1 ? 0 : from));
  for (let tries = 0; ; tries += 1) {
    const offset = cell - lowest;
    if (symbols.every((symbol) => cells.isFree(offset + symbol))) return { offset, tried: tries >= FIT_TRIES_MAX ? cell : from };
    cell = cells.freeFrom(cell + 1);
  }
}

/** After so many gaps that did not fit, the next row begins its search where this one ended. */
const FIT_TRIES_MAX = 16;

/** Which cells are taken, with leaps over runs of taken ones (a union-find over positions), so that building stays fast. */
class FreeCells {
  readonly #leap: number[] = [];

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
