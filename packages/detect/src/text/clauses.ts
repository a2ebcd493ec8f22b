import { BOUNDARY, isCjk, isDigit, isLatinLetter, isSpace } from './fold.js';
import { type Lexicon, type TermMeaning, type TokenKind, byMeaning } from './lexicon.js';
import { isSilentSpace } from './passed-over.js';
import type { Scan } from './scan.js';

/** One meaning of one term at one place of the original text. */
export interface Token {
  readonly kind: TokenKind;
  /** Index of the concept, -1 for other kinds. */
  readonly concept: number;
  /** Section a heading opens, empty for other kinds. */
  readonly section: string;
  readonly start: number;
  readonly end: number;
  /** The clause it begins in. */
  readonly clause: number;
}

/** Tokens come and go with every text. They are kept and used again, which is quicker than making them. */
export interface TokenPool {
  readonly tokens: Writable<Token>[];
  used: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const POOL_SIZE_MAX = 20_000;

/** Gives every token free to be used again: no clauses read so far may be looked at any more. */
export function emptyPool(pool: TokenPool): void {
  pool.used = 0;
  if (pool.tokens.length > POOL_SIZE_MAX) pool.tokens.length = POOL_SIZE_MAX;
}

function takeToken({ kind, concept, section }: TermMeaning, start: number, end: number, pool: TokenPool): Writable<Token> {
  const token = pool.tokens[pool.used];
  pool.used += 1;
  if (token === undefined) {
    const made = { kind, concept, section, start, end, clause: 0 };
    pool.tokens.push(made);
    return made;
  }
  token.kind = kind;
  token.concept = concept;
  token.section = section;
  token.start = start;
  token.end = end;
  token.clause = 0;
  return token;
}

/** A clause: no cue reaches over its ends unless `assertion` says why. */
export interface Clause {
  readonly start: number;
  readonly end: number;
  readonly sentence: number;
  /** Clauses that only a space or a bracket parts belong to one run. */
  readonly run: number;
  /** Kind of the boundary in front of it, `hard` at the start of the text. */
  readonly opener: number;
}

/** What ends a quotation. */
export const CLOSING_QUOTE = /[”"」』’]/;

export interface Clauses {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly clauses: readonly Clause[];
  /** True where a box of a form stands in the text. */
  readonly hasBoxes: boolean;
  /** True where something quoted ends in the text. */
  readonly hasQuotes: boolean;
}

/** Turns a scan into clauses and the tokens in them; a token inside a longer one of a kind that outranks it is gone. */
export function readClauses(text: string, scan: Scan, lexicon: Lexicon, pool: TokenPool): Clauses {
  const kept = keepOutermost(tokensOf(scan, lexicon, pool), lexicon);
  const clauses = clausesIn(text, lexicon.boundaries, kept);
  const tokens: Token[] = [];
  let current = 0;
  let hasBoxes = false;
  for (const token of kept) {
    while (current + 1 < clauses.length && token.start >= (clauses[current + 1]?.start ?? 0)) current += 1;
    token.clause = current;
    if (token.kind !== 'guard') tokens.push(token);
    hasBoxes ||= token.kind === 'ticked' || token.kind === 'unticked';
  }
  return { text, tokens, clauses, hasBoxes, hasQuotes: CLOSING_QUOTE.test(text) };
}

/** One token for each meaning of each hit, by start; longest first where two begin together, and by what they mean where they end together. */
function tokensOf(scan: Scan, { meanings }: Lexicon, pool: TokenPool): Writable<Token>[] {
  const tokens: Writable<Token>[] = [];
  for (const hit of inOrder(scan)) {
    const start = scan.starts[hit] ?? 0;
    const end = scan.ends[hit] ?? 0;
    const isSame = tokens.at(-1)?.start === start && tokens.at(-1)?.end === end;
    for (const meaning of meanings[scan.readings[hit] ?? 0] ?? []) {
      const token = takeToken(meaning, start, end, pool);
      if (isSame) putAmongSame(tokens, token);
      else tokens.push(token);
    }
  }
  return tokens;
}

/** Two terms that are written alike are found as one, unless one of them goes on behind a head: then each is a hit of its own. */
function putAmongSame(tokens: Writable<Token>[], token: Writable<Token>): void {
  let place = tokens.length;
  for (; place > 0; place -= 1) {
    const before = tokens[place - 1];
    if (before === undefined || before.start !== token.start || before.end !== token.end || byMeaning(before, token) < 0) break;
  }
  tokens.splice(place, 0, token);
}

/** Hits come by their ends or those of their heads, so each has only a few places to go. */
function inOrder({ first, hitCount, starts, ends }: Scan): number[] {
  const order: number[] = [];
  for (let hit = first; hit < first + hitCount; hit += 1) {
    const start = starts[hit] ?? 0;
    const end = ends[hit] ?? 0;
    let place = order.length;
    for (; place > 0; place -= 1) {
      const before = order[place - 1] ?? 0;
      const startBefore = starts[before] ?? 0;
      if (startBefore < start || (startBefore === start && (ends[before] ?? 0) >= end)) break;
      order[place] = before;
    }
    order[place] = hit;
  }
  return order;
}

function keepOutermost(tokens: readonly Writable<Token>[], lexicon: Lexicon): Writable<Token>[] {
  // Sorted by start: whatever contains a token stands before it and has not ended yet.
  const open: Token[] = [];
  let openCount = 0;
  const kept: Writable<Token>[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    let stillOpen = 0;
    let isInside = false;
    for (let at = 0; at < openCount; at += 1) {
      const outer = open[at];
      if (outer === undefined || outer.end <= token.start) continue;
      open[stillOpen] = outer;
      stillOpen += 1;
      isInside ||= outer.end >= token.end && outranks(outer, token, lexicon);
    }
    open[stillOpen] = token;
    openCount = stillOpen + 1;
    if (!isInside) kept.push(token);
  }
  return kept;
}

function outranks(outer: Token, inner: Token, { concepts }: Lexicon): boolean {
  // A guard takes away what the words would mean, never the cues around them: 无 in 无青紫 still denies.
  // One that is itself a word of a concept (打篮球 is sport) only hides the shorter words in it.
  const longer = outer.end - outer.start > inner.end - inner.start;
  if (!longer) return false;
  if (outer.kind === 'guard') return isSubjectKind(inner);
  // 妊娠 inside 妊娠试验 is the name of a test.
  if (inner.kind === 'concept')
    return outer.kind === 'concept' && (outer.concept === inner.concept || concepts[outer.concept]?.kind === 'test');
  if (inner.kind === 'gestation' || inner.kind === 'last-period') return outer.kind === inner.kind;
  return inner.kind !== 'heading' && outer.kind !== 'heading';
}

function isSubjectKind({ kind }: Token): boolean {
  return kind === 'concept' || kind === 'gestation' || kind === 'gestation-after' || kind === 'last-period';
}

function clausesIn(text: string, boundaries: Uint8Array, tokens: readonly Token[]): Clause[] {
  const clauses: Clause[] = [];
  let start = 0;
  let opener: number = BOUNDARY.hard;
  let sentence = 0;
  let run = 0;
  let next = 0;
  let coveredTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    const marked = boundaries[text.charCodeAt(at)] ?? 0;
    if (marked === BOUNDARY.none) continue;
    const kind = boundaryOf(text, at, marked);
    for (let token = tokens[next]; token !== undefined && token.start <= at; token = tokens[next]) {
      if (token.kind !== 'gestation') coveredTo = Math.max(coveredTo, token.end);
      next += 1;
    }
    if (kind === BOUNDARY.none || isInTerm(kind, at, coveredTo)) continue;
    clauses.push({ start, end: at, sentence, run, opener });
    start = at + 1;
    opener = kind;
    if (kind !== BOUNDARY.space && kind !== BOUNDARY.open && kind !== BOUNDARY.close) run += 1;
    if (kind === BOUNDARY.hard || kind === BOUNDARY.dot) sentence += 1;
  }
  clauses.push({ start, end: text.length, sentence, run, opener });
  return clauses;
}

/** 打。 and 打，: a term that ends in a full stop or a comma ends its clause all the same. */
function isInTerm(kind: number, at: number, coveredTo: number): boolean {
  return kind === BOUNDARY.hard || kind === BOUNDARY.comma ? at + 1 < coveredTo : at < coveredTo;
}

/** Points, commas and colons inside numbers, dates and times separate nothing; a space does so only beside a Han character. */
function boundaryOf(text: string, index: number, kind: number): number {
  if (kind === BOUNDARY.space) return isSilentSpace(text, index) ? kind : BOUNDARY.none;
  if (kind !== BOUNDARY.dot && kind !== BOUNDARY.comma && kind !== BOUNDARY.colon) return kind;
  const after = index + 1 < text.length ? text.charCodeAt(index + 1) : 0x20;
  const before = index > 0 ? text.charCodeAt(index - 1) : 0x20;
  if (isDigit(before) && isDigit(after)) return BOUNDARY.none;
  if (kind !== BOUNDARY.dot) return kind;
  return (isDigit(before) && isCjk(after)) || isLatinLetter(after) ? BOUNDARY.none : BOUNDARY.dot;
}

/** The first position at or after `from` that is no space. */
export function skipSpaces(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}
