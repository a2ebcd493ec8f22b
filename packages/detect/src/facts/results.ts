import type { SnapshotObservation } from '@zhida/core';
import type { ResultKind, RulePack } from '@zhida/packs';
import type { Assertion } from '../text/assertion.js';
import { type Token, readClauses } from '../text/clauses.js';
import { foldText } from '../text/fold.js';
import type { Lexicon } from '../text/lexicon.js';
import { type WrittenResult, readResult } from '../text/numbers.js';
import { type Scan, createScanner } from '../text/scan.js';
import { isLabel } from '../text/ticks.js';
import type { Source } from './collect.js';
import type { Document, ResultFact } from './facts.js';

/** Reads results of the kinds a pack names, from structured observations and from the text behind a test's name. */
export interface ResultReader {
  /** True when the observation is of a known kind, whether its result could be read or not. */
  fromObservation(observation: SnapshotObservation, at: string, into: Map<string, ResultFact[]>): boolean;
  /** Adds what a text may tell of results (kinds, and `not KIND`) by the words that stand in it, its clauses unread. */
  glance(source: Source, into: Set<string>): void;
  /** Marks the tests whose results these are with 1. */
  markConcepts(results: ReadonlyMap<string, readonly ResultFact[]>, concepts: Uint8Array): void;
  fromText(document: Document, token: Token, assertion: Assertion, into: Map<string, ResultFact[]>): void;
}

interface Kind extends ResultKind {
  readonly id: string;
  /** Stands for a result that is not positive. */
  readonly negated: string;
  readonly conceptIndex: number;
  readonly loincCodes: ReadonlySet<string>;
  /** Folded, the longest first, with what one of each is in the first. */
  readonly sizes: readonly (readonly [unit: string, factor: number])[];
}

const POSITIVE_INTERPRETATIONS = new Set(['pos', 'positive', 'det', 'detected', '阳性', '+']);
const NEGATIVE_INTERPRETATIONS = new Set(['neg', 'negative', 'nd', '阴性', '-']);

/** Compiles the result kinds of a pack. */
export function createResultReader(pack: RulePack, lexicon: Lexicon): ResultReader {
  const kinds: Kind[] = Object.entries(pack.results).map(([id, kind]) => ({
    ...kind,
    id,
    negated: `not ${id}`,
    conceptIndex: lexicon.conceptIndex.get(kind.concept) ?? -1,
    loincCodes: new Set(kind.loinc),
    sizes: sizesOf(kind, lexicon.fold),
  }));
  const kindOfName = createNameReader(kinds, lexicon);
  const kindsOf = lexicon.concepts.map((_, index) => kinds.filter(({ conceptIndex }) => conceptIndex === index));
  const writtenAt = (source: Source, end: number): WrittenResult | undefined =>
    readResult((source.folded ??= foldText(source.text, lexicon.fold)), end);
  /** What may be told of the result of a test that ends here; `isTold`: a cue of the text may say positive. */
  const glanceAt = (of: readonly Kind[], source: Source, end: number, isTold: boolean, into: Set<string>): void => {
    for (const kind of of) {
      into.add(kind.negated);
      if (into.has(kind.id)) continue;
      // A cue is known already; to read what is written behind the test, the text has to be folded first.
      if ((kind.qualitative && (isTold || isLabel(source.text, end))) || judgeText(kind, writtenAt(source, end), PLAIN) === true)
        into.add(kind.id);
    }
  };
  return {
    fromObservation(observation, at, into) {
      const kind = kinds.find(({ loincCodes }) => loincCodes.has(observation.code ?? '')) ?? kindOfName(observation.name ?? '');
      if (kind === undefined) return false;
      const positive = judgeObservation(kind, observation, lexicon.fold);
      if (positive !== undefined) add(into, kind, { positive, evidence: { at: `${at}.value` } });
      return true;
    },
    glance(source, into) {
      const { scan } = source;
      const { start, concepts } = lexicon.tests;
      let isTold: boolean | undefined;
      for (let hit = scan.first; hit < scan.first + scan.hitCount; hit += 1) {
        const reading = scan.readings[hit] ?? 0;
        for (let at = start[reading] ?? 0; at < (start[reading + 1] ?? 0); at += 1) {
          isTold ??= tellsPositive(scan, lexicon);
          glanceAt(kindsOf[concepts[at] ?? 0] ?? NO_KINDS, source, scan.ends[hit] ?? 0, isTold, into);
        }
      }
    },
    markConcepts(results, concepts) {
      for (const { id, conceptIndex } of kinds) if (results.has(id)) concepts[conceptIndex] = 1;
    },
    fromText(document, token, assertion, into) {
      document.folded ??= foldText(document.text, lexicon.fold);
      const written = readResult(document.folded, token.end);
      for (const kind of kindsOf[token.concept] ?? NO_KINDS) {
        const positive = judgeText(kind, written, assertion);
        if (positive === undefined) continue;
        const end = written === undefined || (assertion.positiveFrom >= 0 && !isReadable(kind, written)) ? token.end : written.end;
        const start = assertion.positiveFrom >= 0 ? Math.min(token.start, assertion.positiveFrom) : token.start;
        add(into, kind, { positive, evidence: { at: document.at, start, end, text: document.text.slice(start, end) } });
      }
    },
  };
}

/** Whether a cue stands in a text that can make the result of a test positive from where it is. */
function tellsPositive({ first, hitCount, readings }: Scan, { positives }: Lexicon): boolean {
  for (let hit = first; hit < first + hitCount; hit += 1) if (positives[readings[hit] ?? 0] === 1) return true;
  return false;
}

/** What a text says of a test when it says no more than what is written behind it. */
const PLAIN: Pick<Assertion, 'answered' | 'polarity' | 'positiveFrom'> = { answered: undefined, polarity: 'affirmed', positiveFrom: -1 };
const NO_KINDS: readonly Kind[] = [];

function sizesOf({ units, factors = {} }: ResultKind, fold: Uint16Array): Kind['sizes'] {
  const same = units.map((unit) => [foldText(unit, fold), 1] as const);
  const others = Object.entries(factors).map(([unit, factor]) => [foldText(unit, fold), factor] as const);
  return [...same, ...others].sort(([a], [b]) => b.length - a.length);
}

/** Local names of results are read by the same automaton as the notes, so that a stimulation test is not a pregnancy test. */
function createNameReader(kinds: readonly Kind[], lexicon: Lexicon): (name: string) => Kind | undefined {
  const scanner = createScanner(lexicon);
  const known = new Map<string, Kind | undefined>();
  return (name) => {
    if (name === '') return undefined;
    if (known.has(name)) return known.get(name);
    scanner.reset();
    const scan = scanner.scan(name);
    const tokens = scan.hasSubject ? readClauses(name, scan, lexicon, { tokens: [], used: 0 }).tokens : [];
    const found = kinds.find(({ conceptIndex }) => tokens.some(({ kind, concept }) => kind === 'concept' && concept === conceptIndex));
    // A hospital's names are few; a feed of rubbish must not fill the memory.
    if (known.size < KNOWN_NAMES_MAX && name.length <= KNOWN_NAME_LENGTH_MAX) known.set(name, found);
    return found;
  };
}

const KNOWN_NAMES_MAX = 2000;
const KNOWN_NAME_LENGTH_MAX = 40;

function judgeObservation(kind: Kind, { value, unit, interpretation }: SnapshotObservation, fold: Uint16Array): boolean | undefined {
  const foldedUnit = foldText(unit ?? '', fold);
  if (typeof value === 'boolean') return kind.qualitative ? value : undefined;
  if (typeof value === 'number') return judgeNumber(kind, value, '', foldedUnit);
  const written = typeof value === 'string' ? readResult(foldText(value.trim(), fold), 0) : undefined;
  if (written?.kind === 'number') return judgeNumber(kind, written.value, written.comparator, foldedUnit || written.unit);
  if (!kind.qualitative) return undefined;
  return written?.positive ?? judgeFlag(interpretation);
}

function judgeFlag(interpretation: string | undefined): boolean | undefined {
  const flag = (interpretation ?? '').trim().toLowerCase();
  if (POSITIVE_INTERPRETATIONS.has(flag)) return true;
  return NEGATIVE_INTERPRETATIONS.has(flag) ? false : undefined;
}

function judgeText(kind: Kind, written: WrittenResult | undefined, assertion: typeof PLAIN): boolean | undefined {
  if (assertion.answered !== undefined && kind.qualitative) return assertion.answered;
  const denied = assertion.polarity === 'negated';
  const read = written !== undefined && isReadable(kind, written) ? judgeWritten(kind, written) : undefined;
  if (read !== undefined) return read && !denied;
  if (!kind.qualitative) return undefined;
  if (denied) return false;
  return assertion.positiveFrom >= 0 ? true : undefined;
}

function judgeWritten(kind: Kind, written: WrittenResult): boolean | undefined {
  return written.kind === 'sign' ? written.positive : judgeNumber(kind, written.value, written.comparator, written.unit);
}

function isReadable(kind: Kind, written: WrittenResult): boolean {
  return written.kind === 'number' || kind.qualitative;
}

/** `<1.2` is at most 1.2, `>200000` at least that; a unit that is not this test's makes the number mean nothing. */
function judgeNumber(kind: Kind, value: number, comparator: string, unit: string): boolean | undefined {
  const compact = unit.replaceAll(' ', '').trim();
  const factor = compact === '' ? 1 : kind.sizes.find(([known]) => compact.startsWith(known))?.[1];
  if (factor === undefined) return undefined;
  const size = value * factor;
  if (kind.atLeast !== undefined) return comparator === '<' ? (size <= kind.atLeast ? false : undefined) : size >= kind.atLeast;
  if (kind.below !== undefined) return comparator === '>' ? (size >= kind.below ? false : undefined) : size < kind.below;
  return undefined;
}

function add(into: Map<string, ResultFact[]>, kind: Kind, fact: ResultFact): void {
  const facts = into.get(kind.id);
  if (facts === undefined) into.set(kind.id, [fact]);
  else facts.push(fact);
}
