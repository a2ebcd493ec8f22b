import { isCjk } from './fold.js';

/** How the code units of a text are read as the symbols of an automaton. */
export interface Symbols {
  /** The symbol of every code unit as it comes, not yet folded; {@link SPACE_CLASS} and {@link INVISIBLE_CLASS} stand apart. */
  readonly table: Uint16Array;
  /** Symbol of the space inside Latin terms, 0 when no term has one. */
  readonly spaceSymbol: number;
}

/** A space: part of a Latin term, nothing in Chinese text. Above every symbol a pack can have. */
export const SPACE_CLASS = 65_534;
/** A character that is walked over without a step. */
export const INVISIBLE_CLASS = 65_535;

/** True for a character of one of these classes that is no part of any term. */
export function isPassedOver(symbol: number, text: string, index: number): boolean {
  return symbol === INVISIBLE_CLASS || isSilentSpace(text, index);
}

/** A space inside Chinese text, or one after another, is not part of any term: 瘀 斑 is 瘀斑. */
export function isSilentSpace(text: string, index: number): boolean {
  const before = index > 0 ? text.charCodeAt(index - 1) : 0x20;
  const after = index + 1 < text.length ? text.charCodeAt(index + 1) : 0x20;
  return isCjk(before) || isCjk(after) || before === 0x20 || before === 0x3000;
}
