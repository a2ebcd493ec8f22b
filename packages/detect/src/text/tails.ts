import { CELL } from './automaton.js';
import { SPACE_CLASS, type Symbols, isPassedOver } from './passed-over.js';

/**
 * How a term goes on behind its head. A term whose choices stand for more phrases than are worth their place in the automaton is in
 * it with its heads alone, and is followed from there.
 */
export interface Tail {
  /** The choices at each step, each a list of symbols; a stretch without braces is a single choice. */
  readonly steps: readonly (readonly Uint16Array[])[];
  /** The symbols one of which comes next; none where the term may end with its head. */
  readonly firsts: Uint16Array;
  /** What the whole term may mean: a number of the lexicon's readings. */
  readonly reading: number;
  /** True when one of its meanings can be asserted. */
  readonly isSubject: boolean;
}

/** Which symbols may come first in these steps. */
export function firstsOf(steps: Tail['steps']): Uint16Array {
  const firsts: number[] = [];
  for (const choices of steps) {
    for (const [first] of choices) if (first !== undefined) firsts.push(first);
    if (choices.every(({ length }) => length > 0)) return Uint16Array.from(new Set(firsts));
  }
  return new Uint16Array();
}

/** Reads the rest of a term. `symbolOf` gives the symbol of a code unit as it comes. */
export function readTail(rest: string, symbolOf: (code: number) => number): Tail['steps'] {
  const symbolsOf = (choice: string): Uint16Array => {
    const symbols = new Uint16Array(choice.length);
    for (let index = 0; index < symbols.length; index += 1) symbols[index] = symbolOf(choice.charCodeAt(index)) * CELL.size;
    return symbols;
  };
  const steps: Uint16Array[][] = [];
  for (let at = 0; at < rest.length; ) {
    const open = rest.indexOf('{', at);
    const literalEnd = open < 0 ? rest.length : open;
    if (literalEnd > at) steps.push([symbolsOf(rest.slice(at, literalEnd))]);
    if (open < 0) break;
    const close = rest.indexOf('}', open);
    const end = close < 0 ? rest.length : close;
    steps.push(
      rest
        .slice(open + 1, end)
        .split('|')
        .map(symbolsOf),
    );
    at = end + 1;
  }
  return steps;
}

/** Bits for the symbols with which one of these tails may begin: most heads are told apart by them. */
export function sieveOf(tails: readonly Tail[]): number {
  let bits = 0;
  for (const { firsts } of tails) {
    if (firsts.length === 0) return -1;
    for (const first of firsts) bits |= bitOf(first);
  }
  return bits;
}

/** The bit of a symbol in a {@link sieveOf}. */
export function bitOf(symbol: number): number {
  return 1 << ((symbol / CELL.size) & 31);
}

/** Whether a tail may stand behind a head whose next symbol is this one. */
export function mayFollow({ firsts }: Tail, next: number): boolean {
  if (firsts.length === 0) return true;
  for (let index = 0; index < firsts.length; index += 1) if (firsts[index] === next) return true;
  return false;
}

/** Adds to `ends` every place where a tail that begins at `from` ends, once for each way through it. */
export function followTail(text: string, symbols: Symbols, tail: Tail, from: number, ends: number[], step = 0): void {
  const choices = step < tail.steps.length ? tail.steps[step] : undefined;
  if (choices === undefined) {
    ends.push(from);
    return;
  }
  const begin = skipPassedOver(text, symbols, from);
  const next = symbolAt(text, symbols, begin);
  for (const choice of choices) {
    // Nearly every choice is settled by its first symbol.
    if (choice.length === 0) followTail(text, symbols, tail, from, ends, step + 1);
    else if (choice[0] === next) {
      const end = endOf(choice, text, symbols, begin + 1);
      if (end >= 0) followTail(text, symbols, tail, end, ends, step + 1);
    }
  }
}

/** Where a choice ends whose first symbol ends at `from`, -1 where it does not stand. */
function endOf(choice: Uint16Array, text: string, symbols: Symbols, from: number): number {
  let at = from;
  for (let index = 1; index < choice.length; index += 1) {
    at = skipPassedOver(text, symbols, at);
    if (symbolAt(text, symbols, at) !== choice[index]) return -1;
    at += 1;
  }
  return at;
}

function skipPassedOver(text: string, { table }: Symbols, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const symbol = table[text.charCodeAt(at)] ?? 0;
    if (symbol < SPACE_CLASS || !isPassedOver(symbol, text, at)) break;
  }
  return at;
}

/** The first symbol at or behind a place. */
export function nextSymbol(text: string, symbols: Symbols, from: number): number {
  return symbolAt(text, symbols, skipPassedOver(text, symbols, from));
}

/** The symbol at a place, 0 behind the text. */
function symbolAt(text: string, { table, spaceSymbol }: Symbols, at: number): number {
  if (at >= text.length) return 0;
  const symbol = table[text.charCodeAt(at)] ?? 0;
  return symbol >= SPACE_CLASS ? spaceSymbol : symbol;
}
