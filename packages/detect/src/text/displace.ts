import { invariant } from '@zhida/core';

/** States numbered from the root, which is 0, each with its parent and with the symbol that leads to it. */
export interface Rows {
  readonly parents: Int32Array;
  readonly labels: Uint16Array;
  readonly stateCount: number;
  readonly symbolCount: number;
}

/** The states below a state: `list[start[s] … start[s + 1] - 1]`. */
interface Children {
  readonly start: Int32Array;
  readonly list: Int32Array;
}

function childrenOf({ parents, stateCount }: Rows): Children {
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

/** Lays the rows of all states over one another in one table: first fit, the fullest rows first. State 0 has the first cells to itself. */
export function displace(rows: Rows): Displaced {
  const { labels, stateCount, symbolCount } = rows;
  const children = childrenOf(rows);
  const bases = new Int32Array(stateCount);
  const places = new Int32Array(stateCount);
  const settle = (state: number, base: number): number => {
    const last = children.start[state + 1] ?? 0;
    for (let at = children.start[state] ?? 0; at < last; at += 1) {
      const child = children.list[at] ?? 0;
      places[child] = base + (labels[child] ?? 0);
      if (base > 0) free.take(base + (labels[child] ?? 0));
    }
    return base;
  };
  const free = new FreeCells(stateCount + symbolCount, symbolCount);
  let from = symbolCount;
  let highest = settle(0, 0);
  for (const state of byFullness(children)) {
    const isSingle = countOf(children, state) === 1;
    const { base, tried } = free.fit(labels, children, state, isSingle ? symbolCount : from);
    if (!isSingle) from = tried;
    bases[state] = settle(state, base);
    highest = Math.max(highest, base);
  }
  // Every symbol of every state can be looked up without a bounds check.
  return { bases, places, size: highest + symbolCount };
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
