import { displace } from './displace.js';
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
  const { bases, places, size } = displace(trie);
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
