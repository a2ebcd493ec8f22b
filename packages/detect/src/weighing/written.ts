import { ZhidaError, invariant } from '@zhida/core';
import type { Weighing } from '@zhida/packs';

type WrittenTerms = Weighing['terms'];

/** Terms as they are looked for, numbered from 0 on, the pairs first. */
export interface Terms {
  /** Two characters each, side by side. */
  readonly pairs: Uint16Array;
  readonly words: readonly string[];
  /** By number, in hundredths. */
  readonly weights: Float64Array;
  /** By number a digit of what they weigh for red; empty where none does. */
  readonly red: string;
}

/** Digits of a weight, least first, and what is added so that none is below 0. No digit is a quote or a backslash. */
const DIGITS = 32;
export const FIRST_DIGIT = 0x30;
const RAISED = 704;
/** The character furthest behind the first digit that is printed. */
const DIGIT_MAX = 0x7e - FIRST_DIGIT;
const LENGTH_LETTER = 0x41;
const SHARED_MAX = 25;
const SPACE = 0x20;
const HAN_FIRST = 0x3400;

/**
 * Reads the terms of a pack. Linear in what is written, and no string is made of a pair: a page does this before its first record.
 *
 * @param red a digit for each of them, or none
 * @throws ZhidaError `ZD_ERR_PACK_INVALID` for terms without a weight each
 */
export function readTerms({ pairs: written = '', words: front = '', high = '', low = '' }: Partial<WrittenTerms> = {}, red = ''): Terms {
  const pairs = new Uint16Array(written.length * 2);
  let count = 0;
  let first = 0;
  for (let at = 0; at < written.length; at += 1) {
    const code = written.charCodeAt(at);
    if (code === SPACE) first = 0;
    else if (first === 0) first = code;
    else {
      pairs[count] = first;
      pairs[count + 1] = code;
      count += 2;
    }
  }
  const words = readWords(front);
  const termCount = count / 2 + words.length;
  if (termCount !== high.length || termCount !== low.length || termCount !== (red || low).length)
    throw new ZhidaError('ZD_ERR_PACK_INVALID', 'the terms that are weighed have not a weight each', { at: 'weighing.terms' });
  const weights = new Float64Array(termCount);
  for (let number = 0; number < termCount; number += 1)
    weights[number] = (high.charCodeAt(number) - FIRST_DIGIT) * DIGITS + low.charCodeAt(number) - FIRST_DIGIT - RAISED;
  return { pairs: pairs.subarray(0, count), words, weights, red };
}

/** Each word begins with a capital that says how many letters it has in common with the one before. */
function readWords(front: string): string[] {
  const words: string[] = [];
  let word = '';
  for (let at = 0; at < front.length; ) {
    const from = at + 1;
    const shared = front.charCodeAt(at) - LENGTH_LETTER;
    do at += 1;
    while (at < front.length && !isLengthLetter(front.charCodeAt(at)));
    word = word.slice(0, shared) + front.slice(from, at);
    words.push(word);
  }
  return words;
}

function isLengthLetter(code: number): boolean {
  return code >= LENGTH_LETTER && code <= LENGTH_LETTER + SHARED_MAX;
}

/** Writes terms with their weights as a pack has them. */
export function writeTerms(weights: Readonly<Record<string, number>>): WrittenTerms {
  const terms = Object.keys(weights).sort((a, b) => (a < b ? -1 : 1));
  const pairs = terms.filter(isPair);
  const words = terms.filter((term) => !isPair(term));
  const raised = [...pairs, ...words].map((term) => Math.round(weights[term] ?? 0) + RAISED);
  const digit = (value: number): string => String.fromCharCode(FIRST_DIGIT + value);
  invariant(
    raised.every((weight) => weight >= 0 && weight < 2 * RAISED),
    'a weight of so many hundredths has more than two digits',
  );
  return {
    pairs: pairs
      .map((pair, at) => (pairs[at - 1]?.charAt(0) === pair.charAt(0) ? pair.charAt(1) : `${at === 0 ? '' : ' '}${pair}`))
      .join(''),
    words: words.map((word, at) => fronted(word, words[at - 1] ?? '')).join(''),
    high: raised.map((weight) => digit(Math.floor(weight / DIGITS))).join(''),
    low: raised.map((weight) => digit(weight % DIGITS)).join(''),
  };
}

function fronted(word: string, before: string): string {
  let shared = 0;
  while (shared < SHARED_MAX && shared < before.length && word.charAt(shared) === before.charAt(shared)) shared += 1;
  return String.fromCharCode(LENGTH_LETTER + shared) + word.slice(shared);
}

function isPair(term: string): boolean {
  return term.length === 2 && term.charCodeAt(0) >= HAN_FIRST;
}

/** Writes what terms weigh for red, in the order of {@link Terms}. */
export function writeRed(terms: Terms, weights: ReadonlyMap<string, number>): string {
  return namesOfTerms(terms)
    .map((term) => String.fromCharCode(FIRST_DIGIT + Math.min(DIGIT_MAX, weights.get(term) ?? 0)))
    .join('');
}

export function namesOfTerms({ pairs, words }: Terms): string[] {
  return [...Array.from({ length: pairs.length / 2 }, (_, at) => String.fromCharCode(...pairs.subarray(at * 2, at * 2 + 2))), ...words];
}
