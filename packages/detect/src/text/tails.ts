import { CELL } from './automaton.js';
import { SPACE_CLASS, type Symbols, isPassedOver } from './passed-over.js';

/**
 * How a term goes on behind its head. A term whose choices stand for more phrases than are worth their place in the automaton is in
 * it with its heads alone, and is followed from there.
 */
export interface Tail {
  /** The choices at each step, each a list of symbols; a stretch without braces is a single choice. */
  readonly steps: readonly (readonly Uint16Array[])[];
  /** What the whole term may mean: a number of the lexicon's readings. */
  readonly reading: number;
  /** True when one of its meanings can be asserted. */
  readonly isSubject: boolean;
}

/** Reads the rest of a term. `symbolOf` gives the symbol of a code unit as it comes. */
export function readTail(rest: string, symbolOf: (code: number) => number): Tail['steps'] {
  const symbolsOf = (choice: string): Uint16Array =>
    Uint16Array.from({ length: choice.length }, (_, index) => symbolOf(choice.charCodeAt(index)) * CELL.size);
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

/** Shows every place where a tail that begins at `from` ends, once for each way through it. */
export function followTail(text: string, symbols: Symbols, { steps }: Tail, from: number, show: (end: number) => void): void {
  const follow = (step: number, at: number): void => {
    const choices = steps[step];
    if (choices === undefined) {
      show(at);
      return;
    }
    for (const choice of choices) {
      const end = endOf(choice, text, symbols, at);
      if (end >= 0) follow(step + 1, end);
    }
  };
  follow(0, from);
}

/** Where a choice ends that begins at `from`, -1 where it does not stand. */
function endOf(choice: Uint16Array, text: string, { table, spaceSymbol }: Symbols, from: number): number {
  let at = from;
  for (const wanted of choice) {
    let symbol = table[text.charCodeAt(at)] ?? 0;
    for (; symbol >= SPACE_CLASS && isPassedOver(symbol, text, at); symbol = table[text.charCodeAt(at)] ?? 0) at += 1;
    if ((symbol >= SPACE_CLASS ? spaceSymbol : symbol) !== wanted) return -1;
    at += 1;
  }
  return at;
}
