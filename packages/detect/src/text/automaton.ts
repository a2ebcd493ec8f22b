import { invariant } from '@zhida/core';
import type { Trie } from './trie.js';

/**
 * A multi-term automaton: every term is found in one walk over the text, however many terms there are.
 *
 * Aho–Corasick in one table by row displacement. A state is where its cell begins in the table; the edge of state `s` for symbol
 * `c` leads to the cell at `base(s) + c` if that cell names `s` as its owner. Where a state has no edge the walk falls back to the
 * longest suffix that has edges, so a text of n characters takes at most 2 n steps. The root is state 0 with base 0 and owns the
 * cell of every symbol: a character that begins no term leads to a state without edges, one that no term has to the root itself.
 *
 * Where a state falls back to is looked up by {@link meet} when a walk first comes to it: ordinary records never come to most of them.
 */
export interface Automaton {
  /** Cells of {@link CELL}.size numbers. */
  readonly cells: Int32Array;
  /** Of every term two numbers: what was given for it, and where the two of the next shorter term are that ends where it ends, 0 for none. */
  readonly outputs: Int32Array;
  /** States below this one are of one character, and fall back to the root. */
  readonly firstDeep: number;
}

/** What stands where in a cell. Symbols, states and bases are multiples of `size`, which leaves the last bits of a base for flags. */
export const CELL = {
  size: 4,
  /** The state whose edge leads here, -1 for a free cell. */
  owner: 0,
  /** The base, and 1 more where a term ends or the state has not been met. */
  base: 1,
  /** The state to fall back to, -1 for one that has not been met. */
  fail: 2,
  /** Where in `outputs` the longest term is that ends here, 0 for none; of a state that has not been met, the term of its own. */
  outputs: 3,
} as const;

/** Builds the automaton of a trie. `values` is what a term shows when it is found: by number of the term, never 0. */
export function buildAutomaton(trie: Trie, values: Int32Array): Automaton {
  const { parents, terms, stateCount, symbolCount } = trie;
  const children = childrenOf(trie);
  const { bases, places, size } = displace(trie, children);
  const cells = new Int32Array(size * CELL.size);
  for (let cell = symbolCount; cell < size; cell += 1) cells[cell * CELL.size] = -1;
  for (let state = 1; state < stateCount; state += 1) {
    const cell = (places[state] ?? 0) * CELL.size;
    const parent = parents[state] ?? 0;
    const isMet = parent === 0;
    const output = ((terms[state] ?? -1) + 1) * 2;
    cells[cell] = (places[parent] ?? 0) * CELL.size;
    cells[cell + CELL.base] = (bases[state] ?? 0) * CELL.size + (isMet && output === 0 ? 0 : 1);
    cells[cell + CELL.fail] = isMet ? 0 : -1;
    cells[cell + CELL.outputs] = output;
  }
  const outputs = new Int32Array((values.length + 1) * 2);
  for (let term = 0; term < values.length; term += 1) outputs[(term + 1) * 2] = values[term] ?? 0;
  return { cells, outputs, firstDeep: symbolCount * CELL.size };
}

/** The states below a state: `list[start[s] … start[s + 1] - 1]`. */
interface Children {
  readonly start: Int32Array;
  readonly list: Int32Array;
}

function childrenOf({ parents, stateCount }: Trie): Children {
  const start = new Int32Array(stateCount + 1);
  for (let state = 1; state < stateCount; state += 1) {
    const after = (parents[state] ?? 0) + 1;
    start[after] = (start[after] ?? 0) + 1;
  }
  for (let state = 0; state < stateCount; state += 1) start[state + 1] = (start[state + 1] ?? 0) + (start[state] ?? 0);
  const next = start.slice();
  const list = new Int32Array(stateCount - 1);
  for (let state = 1; state < stateCount; state += 1) {
    const parent = parents[state] ?? 0;
    list[next[parent] ?? 0] = state;
    next[parent] = (next[parent] ?? 0) + 1;
  }
  return { start, list };
}

/** States that have children, those with the most first; the root has a place of its own. */
function byFullness(children: Children): Int32Array {
  const { length } = children.start;
  let most = 0;
  for (let state = 1; state < length - 1; state += 1) most = Math.max(most, countOf(children, state));
  const first = new Int32Array(most + 2);
  for (let state = 1; state < length - 1; state += 1) {
    const rank = most - countOf(children, state);
    first[rank + 1] = (first[rank + 1] ?? 0) + 1;
  }
  for (let rank = 0; rank <= most; rank += 1) first[rank + 1] = (first[rank + 1] ?? 0) + (first[rank] ?? 0);
  const rows = new Int32Array(first[most] ?? 0);
  for (let state = 1; state < length - 1; state += 1) {
    const rank = most - countOf(children, state);
    if (rank === most) continue;
    const row = first[rank] ?? 0;
    rows[row] = state;
    first[rank] = row + 1;
  }
  return rows;
}

function countOf({ start }: Children, state: number): number {
  return (start[state + 1] ?? 0) - (start[state] ?? 0);
}

interface Displaced {
  readonly bases: Int32Array;
  /** The cell of every state. */
  readonly places: Int32Array;
  readonly size: number;
}

/** First fit, the fullest rows first. */
function displace(trie: Trie, children: Children): Displaced {
  const { labels, stateCount, symbolCount } = trie;
  const bases = new Int32Array(stateCount);
  const places = new Int32Array(stateCount);
  const settle = (state: number, base: number): void => {
    bases[state] = base;
    const last = children.start[state + 1] ?? 0;
    for (let at = children.start[state] ?? 0; at < last; at += 1) {
      const child = children.list[at] ?? 0;
      places[child] = base + (labels[child] ?? 0);
      if (base > 0) free.take(base + (labels[child] ?? 0));
    }
  };
  const free = new FreeCells(stateCount + symbolCount, symbolCount);
  settle(0, 0);
  const rows = byFullness(children);
  let from = symbolCount;
  let next = 0;
  for (; next < rows.length && countOf(children, rows[next] ?? 0) > 1; next += 1) {
    const state = rows[next] ?? 0;
    const { base, tried } = free.fit(labels, children, state, from);
    from = tried;
    settle(state, base);
  }
  fillGaps(trie, children, rows.subarray(next), free, { bases, places });
  let highest = 0;
  for (const base of bases) if (base > highest) highest = base;
  // Every symbol of every state can be looked up without a bounds check.
  return { bases, places, size: highest + symbolCount };
}

/** Most states have one child: these take the gaps that are left, one after the other. */
function fillGaps(
  { labels, symbolCount }: Trie,
  { start, list }: Children,
  states: Int32Array,
  free: FreeCells,
  { bases, places }: Omit<Displaced, 'size'>,
): void {
  let gap = symbolCount;
  for (let at = 0; at < states.length; at += 1) {
    const state = states[at] ?? 0;
    const child = list[start[state] ?? 0] ?? 0;
    while (!free.isFree(gap)) gap += 1;
    places[child] = gap;
    bases[state] = gap - (labels[child] ?? 0);
    gap += 1;
  }
}

/** One step of the walk from a state that has been met. */
export function nextState({ cells, firstDeep }: Automaton, from: number, symbol: number): number {
  let state = from;
  for (;;) {
    const cell = ((cells[state + CELL.base] ?? 0) & -2) + symbol;
    if (cells[cell] === state) return cell;
    if (state < firstDeep) return symbol;
    state = cells[state + CELL.fail] ?? 0;
  }
}

/**
 * Gives a state, once, the longest suffix to fall back to, and what ends in that suffix. A walk calls it for every state whose fallback is
 * -1: it has then met the state before.
 *
 * @returns what now stands at {@link CELL}.base
 */
export function meet(automaton: Automaton, state: number): number {
  const { cells, outputs } = automaton;
  const owner = cells[state + CELL.owner] ?? 0;
  const base = cells[state + CELL.base] ?? 0;
  const symbol = state - ((cells[owner + CELL.base] ?? 0) & -2);
  const suffix = nextState(automaton, cells[owner + CELL.fail] ?? 0, symbol);
  const suffixBase = (cells[suffix + CELL.fail] ?? 0) < 0 ? meet(automaton, suffix) : (cells[suffix + CELL.base] ?? 0);
  // A suffix that has no edges would only be passed through.
  cells[state + CELL.fail] = suffixBase > 1 ? suffix : (cells[suffix + CELL.fail] ?? 0);
  const own = cells[state + CELL.outputs] ?? 0;
  const shorter = cells[suffix + CELL.outputs] ?? 0;
  if (own === 0) cells[state + CELL.outputs] = shorter;
  else outputs[own + 1] = shorter;
  return (cells[state + CELL.base] = (base & -2) | (own === 0 && shorter === 0 ? 0 : 1));
}

/** After so many gaps that did not fit, the next row begins its search where this one ended. */
const FIT_TRIES_MAX = 16;

/** Which cells are taken, with leaps over runs of taken ones (a union-find over positions), so that building stays fast. */
class FreeCells {
  #leap: Int32Array;

  /** Cells below `reserved` are taken. */
  constructor(expected: number, reserved: number) {
    this.#leap = sequence(0, expected);
    for (let cell = 0; cell < reserved; cell += 1) this.#leap[cell] = reserved;
  }

  take(cell: number): void {
    this.#reach(cell + 1);
    this.#leap[cell] = cell + 1;
  }

  /** The first base from which the cells of all these states are free. Gaps that did not fit are left to rows of one state. */
  fit(labels: Uint16Array, { start, list }: Children, state: number, from: number): { base: number; tried: number } {
    const first = start[state] ?? 0;
    const last = start[state + 1] ?? 0;
    const lowest = labels[list[first] ?? 0] ?? 0;
    let cell = this.#freeFrom(from);
    for (let tries = 0; ; tries += 1) {
      const base = cell - lowest;
      if (base >= 0 && this.#areFree(labels, list, first, last, base)) return { base, tried: tries >= FIT_TRIES_MAX ? cell : from };
      cell = this.#freeFrom(cell + 1);
    }
  }

  isFree(cell: number): boolean {
    return cell >= this.#leap.length || this.#leap[cell] === cell;
  }

  #areFree(labels: Uint16Array, list: Int32Array, first: number, last: number, base: number): boolean {
    for (let at = first; at < last; at += 1) {
      const cell = base + (labels[list[at] ?? 0] ?? 0);
      this.#reach(cell);
      if (this.#leap[cell] !== cell) return false;
    }
    return true;
  }

  /** The first free cell at or behind `from`. */
  #freeFrom(from: number): number {
    this.#reach(from);
    let cell = from;
    while (this.#leap[cell] !== cell) {
      cell = this.#leap[cell] ?? cell;
      this.#reach(cell);
    }
    for (let at = from; at < cell; ) {
      const next = this.#leap[at] ?? cell;
      this.#leap[at] = cell;
      at = next;
    }
    return cell;
  }

  #reach(cell: number): void {
    if (cell < this.#leap.length) return;
    const length = Math.max(cell + 1, this.#leap.length * 2);
    invariant(length < 1 << 28, 'a lexicon of this size fits no table');
    const larger = sequence(this.#leap.length, length);
    larger.set(this.#leap);
    this.#leap = larger;
  }
}

/** Every position from `from` on holds itself. */
function sequence(from: number, length: number): Int32Array {
  const positions = new Int32Array(length);
  for (let position = from; position < length; position += 1) positions[position] = position;
  return positions;
}
