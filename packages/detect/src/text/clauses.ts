import type { CueKind } from '@zhida/packs';
import { BOUNDARY, SPACE_CODES, isCjk, isDigit, isLatinLetter } from './fold.js';
import type { Lexicon, TermMeaning } from './lexicon.js';
import { type Scan, isSilentSpace } from './scan.js';

export type TokenKind = Exclude<TermMeaning['kind'], 'cue'> | CueKind;

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
  segment: number;
}

/** A clause: no cue reaches over its ends unless `assertion` says why. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly sentence: number;
  /** Clauses that only a space or a bracket parts belong to one run. */
  readonly run: number;
  /** Kind of the boundary in front of it, `hard` at the start of the text. */
  readonly opener: number;
}

export interface Clauses {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly segments: readonly Segment[];
}

/** What to leave out: without the words and agents that only help others a text is read faster. */
export interface ClauseOptions {
  readonly wordless?: boolean;
}

/** Turns a scan into clauses and the tokens in them; a token inside a longer one of a kind that outranks it is gone. */
export function readClauses(text: string, scan: Scan, lexicon: Lexicon, { wordless = false }: ClauseOptions = {}): Clauses {
  const tokens = keepOutermost(collect(scan, wordless ? lexicon.subjectMeanings : lexicon.meanings), lexicon);
  const segments = segment(text, lexicon.boundaries, tokens);
  let current = 0;
  for (const token of tokens) {
    while (current + 1 < segments.length && token.start >= (segments[current + 1]?.start ?? 0)) current += 1;
    token.segment = current;
  }
  return { text, tokens: tokens.filter(({ kind }) => kind !== 'guard'), segments };
}

function collect(scan: Scan, meanings: Lexicon['meanings']): Token[] {
  const tokens: Token[] = [];
  for (let hit = 0; hit < scan.hitCount; hit += 1) {
    const start = scan.starts[hit] ?? 0;
    const end = scan.ends[hit] ?? 0;
    for (const meaning of meanings[scan.terms[hit] ?? 0] ?? []) {
      tokens.push({
        kind: meaning.kind === 'cue' ? meaning.cue : meaning.kind,
        concept: meaning.kind === 'concept' ? meaning.concept : -1,
        section: meaning.kind === 'heading' ? meaning.section : '',
        start,
        end,
        segment: 0,
      });
    }
  }
  // Longest first where two begin together, then by kind: the order never depends on the pack's order of terms.
  return tokens.sort((a, b) => a.start - b.start || b.end - a.end || a.concept - b.concept || (a.kind < b.kind ? -1 : 1));
}

function keepOutermost(tokens: readonly Token[], lexicon: Lexicon): Token[] {
  // Sorted by start: whatever contains a token stands before it, so most tokens are settled by the furthest end so far.
  let furthest = -1;
  return tokens.filter((token, index) => {
    const mayBeInside = furthest >= token.end;
    furthest = Math.max(furthest, token.end);
    return !(mayBeInside && isInside(token, index, tokens, lexicon)) && !isGuardedHere(token, index, tokens);
  });
}

function isInside(token: Token, index: number, tokens: readonly Token[], lexicon: Lexicon): boolean {
  for (let other = index - 1; other >= 0; other -= 1) {
    const outer = tokens[other];
    if (outer === undefined || outer.start < token.start - lexicon.longest * 2) return false;
    if (outer.end >= token.end && outranks(outer, token, lexicon)) return true;
  }
  return false;
}

/** A guard of the same extent may sort behind its concept. */
function isGuardedHere(token: Token, index: number, tokens: readonly Token[]): boolean {
  if (!isSubjectKind(token)) return false;
  for (let other = index + 1; tokens[other]?.start === token.start && tokens[other]?.end === token.end; other += 1) {
    if (tokens[other]?.kind === 'guard') return true;
  }
  return false;
}

function outranks(outer: Token, inner: Token, { concepts }: Lexicon): boolean {
  // A guard takes away what the words would mean, never the cues around them: 无 in 无青紫 still denies.
  if (outer.kind === 'guard') return isSubjectKind(inner);
  const longer = outer.end - outer.start > inner.end - inner.start;
  if (!longer) return false;
  // 妊娠 inside 妊娠试验 is the name of a test.
  if (inner.kind === 'concept')
    return outer.kind === 'concept' && (outer.concept === inner.concept || concepts[outer.concept]?.kind === 'test');
  if (inner.kind === 'gestation' || inner.kind === 'last-period') return outer.kind === inner.kind;
  return inner.kind !== 'heading' && outer.kind !== 'heading';
}

function isSubjectKind({ kind }: Token): boolean {
  return kind === 'concept' || kind === 'gestation' || kind === 'gestation-after' || kind === 'last-period';
}

function segment(text: string, boundaries: Uint8Array, tokens: readonly Token[]): Segment[] {
  const segments: Segment[] = [];
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
    if (kind === BOUNDARY.none || at < coveredTo) continue;
    segments.push({ start, end: at, sentence, run, opener });
    start = at + 1;
    opener = kind;
    if (kind !== BOUNDARY.space && kind !== BOUNDARY.open && kind !== BOUNDARY.close) run += 1;
    if (kind === BOUNDARY.hard || kind === BOUNDARY.dot) sentence += 1;
  }
  segments.push({ start, end: text.length, sentence, run, opener });
  return segments;
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
  while (at < text.length && SPACE_CODES.has(text.charCodeAt(at))) at += 1;
  return at;
}
