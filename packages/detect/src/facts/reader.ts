import { type EncounterSnapshot, type Issue, localDate, parseInstant } from '@zhida/core';
import type { ConceptKind } from '@zhida/packs';
import { type Assertion, type Visit, assertConcepts } from '../text/assertion.js';
import { type Clauses, type Token, type TokenPool, emptyPool, readClauses } from '../text/clauses.js';
import { BOUNDARY } from '../text/fold.js';
import { type ConceptsOfReadings, type Lexicon, isHelper } from '../text/lexicon.js';
import { type Scan, createScanner } from '../text/scan.js';
import { type Collected, type Source, collectFacts } from './collect.js';
import type { Derive } from './derive.js';
import type { Document, Mention, ResultFact } from './facts.js';
import { Places } from './places.js';
import type { ResultReader } from './results.js';
import { type Seen, seeResults } from './seen.js';
import { readVisits } from './visits.js';
import { WORK_OF_HIT, createWork } from './work.js';

/** Reads records with one lexicon. Not re-entrant: the arrays of one record's scans are used again for the next. */
export interface RecordReader {
  /** Codes, results, earlier visits and the texts of a record, each text scanned once. */
  collect(snapshot: EncounterSnapshot, issues: Issue[]): Collected;
  /** What the record may show by the words that stand in it, whatever is said of them. Nothing but the scan is read. */
  glance(collected: Collected): Seen;
  /** The same of what the texts assert, as far as these concepts go (1 by index): a text without any of them is not read. */
  skim(collected: Collected, concepts: Uint8Array): Seen;
  /** What one text asserts by itself, as {@link read} would find it. */
  mentionsIn(source: Source, collected: Collected): ReadonlyMap<number, readonly Mention[]>;
  /** Whether a text may take a result back, which {@link read} says. */
  mayRetract(collected: Collected): boolean;
  /** Reads every text: documents, mentions and the results that stand in texts. */
  read(collected: Collected, issues: Issue[]): Seen;
}

export interface ReaderNeeds {
  readonly lexicon: Lexicon;
  readonly results: ResultReader;
  readonly codeSets: (codes: Collected['codes']) => ReadonlySet<string>;
  readonly derive: Derive;
  readonly includeKinds: (seen: Set<number>) => void;
  readonly seeDerived: (seen: Seen) => void;
}

/** Creates the reader of a detector. */
export function createRecordReader(needs: ReaderNeeds): RecordReader {
  const { lexicon, results, codeSets, derive, includeKinds, seeDerived } = needs;
  const scanner = createScanner(lexicon);
  const pool: TokenPool = { tokens: [], used: 0 };
  const concepts = new Uint8Array(lexicon.concepts.length + 1);
  const placesOfTexts = new Places(lexicon.concepts.length);
  /** The structured results and codes; one list of concepts and one of places serve all, one record at a time. */
  const nothingYet = (collected: Collected, places: Places | undefined): Seen => {
    concepts.fill(0);
    places?.clear();
    const seen: Seen = { concepts, places, results: new Set(), codeSets: (collected.codeSets ??= codeSets(collected.codes)) };
    if (seen.codeSets.size > 0) concepts[lexicon.concepts.length] = 1;
    if (collected.results.size === 0) return seen;
    seeResults(collected.results, seen.results);
    results.markConcepts(collected.results, concepts);
    return seen;
  };
  return {
    collect(snapshot, issues) {
      scanner.reset();
      emptyPool(pool);
      const work = createWork(issues);
      // This visit before the earlier ones: it is what a person is asked about.
      const collected = collectFacts(snapshot, issues, scanner, results, work);
      const visits = readVisits(snapshot, work, (text, section, see) => {
        const scan = scanner.scan(text);
        work.spend(scan.hitCount * WORK_OF_HIT);
        if (scan.hasSubject) readAsserted(lexicon, readClauses(text, scan, lexicon, pool), section, see);
      });
      for (const visit of visits) includeKinds(visit.concepts);
      collected.visits.push(...visits);
      return collected;
    },
    glance(collected) {
      const seen = nothingYet(collected, placesOfTexts);
      for (const source of collected.sources) glanceAt(source, seen, needs, placesOfTexts);
      seeDerived(seen);
      return seen;
    },
    skim(collected, wanted) {
      const seen = nothingYet(collected, placesOfTexts);
      for (const source of collected.sources) {
        skimText(source, wanted, seen, needs, pool, placesOfTexts);
        placesOfTexts.nextText(source.text.length);
      }
      seeDerived(seen);
      return seen;
    },
    mentionsIn: (source, { isBoy }) => (source.mentions ??= readAlone(source, isBoy, needs, pool)),
    mayRetract: createRetractionFinder(lexicon),
    read(collected, issues) {
      for (const source of collected.sources) if (source.scan.hitCount > 0) readText(source, collected, needs, pool);
      collected.isRead = true;
      withdrawRetracted(collected, issues);
      derive(collected.mentions);
      const seen = nothingYet(collected, undefined);
      for (const concept of collected.mentions.keys()) seen.concepts[concept] = 1;
      return seen;
    },
  };
}

function glanceAt(source: Source, seen: Seen, { lexicon, results }: ReaderNeeds, places: Places): void {
  see(source.scan, lexicon.all, seen.concepts, places);
  places.nextText(source.text.length);
  results.glance(source, seen.results);
}

function clausesOf(source: Source, lexicon: Lexicon, pool: TokenPool): Clauses {
  return (source.clauses ??= readClauses(source.text, source.scan, lexicon, pool));
}

function readAsserted(lexicon: Lexicon, clauses: Clauses, section: string, see: (concept: number) => void): void {
  assertConcepts(clauses, lexicon.concepts, section, (token, assertion) => {
    if (isTold(assertion) && assertion.polarity !== 'negated') see(token.concept);
  });
}

function skimText(
  source: Source,
  wanted: Uint8Array,
  { concepts, results: seenResults }: Seen,
  { lexicon, results }: ReaderNeeds,
  pool: TokenPool,
  places: Places,
): void {
  const { at, text, scan, section } = source;
  see(scan, lexicon.helpers, concepts, places);
  if (!scan.hasSubject || isAtDesk(section) || !stands(scan, lexicon.subjects, wanted)) return;
  const document: Document = { at, text, section, on: undefined, clauses: clausesOf(source, lexicon, pool), folded: source.folded };
  let written: Map<string, ResultFact[]> | undefined;
  assertConcepts(
    document.clauses,
    lexicon.concepts,
    section,
    (token, assertion) => {
      if (!isTold(assertion)) return;
      const isTest = lexicon.concepts[token.concept]?.kind === 'test';
      if (isTest) results.fromText(document, token, assertion, (written ??= new Map()));
      if (!isTest && assertion.polarity === 'negated') return;
      concepts[token.concept] = 1;
      places.add(token.concept, token.start, token.end);
    },
    { wanted },
  );
  if (written !== undefined) seeResults(written, seenResults);
}

/** Marks the concepts of every hit, and where they stand. */
function see(scan: Scan, { start, concepts }: ConceptsOfReadings, into: Uint8Array, places: Places): void {
  const { first, hitCount, readings, starts, ends } = scan;
  for (let hit = first; hit < first + hitCount; hit += 1) {
    const reading = readings[hit] ?? 0;
    const last = start[reading + 1] ?? 0;
    for (let at = start[reading] ?? 0; at < last; at += 1) {
      const concept = concepts[at] ?? 0;
      into[concept] = 1;
      places.add(concept, starts[hit] ?? 0, ends[hit] ?? 0);
    }
  }
}

/** Whether one of the concepts is among the hits. */
function stands({ first, hitCount, readings }: Scan, { start, concepts }: ConceptsOfReadings, wanted: Uint8Array): boolean {
  for (let hit = first; hit < first + hitCount; hit += 1) {
    const reading = readings[hit] ?? 0;
    const last = start[reading + 1] ?? 0;
    for (let at = start[reading] ?? 0; at < last; at += 1) if (wanted[concepts[at] ?? 0] === 1) return true;
  }
  return false;
}

/** What reading texts adds to. */
type Read = Pick<Collected, 'documents' | 'mentions' | 'isBoy'> & { readonly results: Collected['results'] | undefined };

function readText(source: Source, into: Read, { lexicon, results }: ReaderNeeds, pool: TokenPool): void {
  const { at, text, section, time } = source;
  const clauses = clausesOf(source, lexicon, pool);
  const instant = time === undefined ? undefined : parseInstant(time);
  const on = instant === undefined ? undefined : localDate(instant);
  const document: Document = { at, text, section, on, clauses, folded: source.folded };
  const index = into.documents.push(document) - 1;
  const tellsOfHer = into.isBoy && WOMAN.test(text);
  const visit: Visit = (token, assertion, where) => {
    const kind = lexicon.concepts[token.concept]?.kind;
    if (!isTold(assertion) || (isAtDesk(section) && !isHelper(kind))) return;
    if (tellsOfHer && isOfHer(text, token, kind)) return;
    if (kind === 'test') {
      if (into.results !== undefined) results.fromText(document, token, assertion, into.results);
      return;
    }
    if (assertion.polarity === 'negated') return;
    const mentions = into.mentions.get(token.concept);
    const mention = mentionOf(token, assertion, where, index, clauses);
    if (mentions === undefined) into.mentions.set(token.concept, [mention]);
    else mentions.push(mention);
  };
  assertConcepts(clauses, lexicon.concepts, section, visit, { tellsOfHer });
}

function readAlone(source: Source, isBoy: boolean, needs: ReaderNeeds, pool: TokenPool): ReadonlyMap<number, readonly Mention[]> {
  const mentions = new Map<number, Mention[]>();
  readText(source, { documents: [], mentions, results: undefined, isBoy }, needs, pool);
  needs.derive(mentions);
  return mentions;
}

function createRetractionFinder({ meanings }: Lexicon): RecordReader['mayRetract'] {
  const retracts = Uint8Array.from(meanings, (list) => (list.some(({ kind }) => kind === 'retracted') ? 1 : 0));
  return ({ sources }) =>
    sources.some(({ scan: { first, hitCount, readings } }) => {
      for (let hit = first; hit < first + hitCount; hit += 1) if (retracts[readings[hit] ?? 0] === 1) return true;
      return false;
    });
}

/**
 * 标本贴错，重留阴性: a note that takes a result back and gives the same test as negative leaves no positive one, and that is said. Every
 * note that does so is named, so that one more never hides another (INV-13).
 */
function withdrawRetracted({ documents, results }: Collected, issues: Issue[]): void {
  const retracting = new Set(
    documents.filter(({ clauses }) => clauses.tokens.some(({ kind }) => kind === 'retracted')).map(({ at }) => at),
  );
  if (retracting.size === 0) return;
  for (const [kind, facts] of results) {
    const negative = facts.filter(({ positive }) => !positive);
    const by = negative.filter(({ evidence }) => retracting.has(evidence.at));
    if (by.length === 0 || negative.length === facts.length) continue;
    results.set(kind, negative);
    for (const { evidence } of by) issues.push({ code: 'FACT_WITHDRAWN', severity: 'information', at: evidence.at });
  }
}

/** Asked, advised, taught, or somebody else's: no fact of this patient. */
function isTold({ actual, patient }: Assertion): boolean {
  return actual && patient;
}

function mentionOf(token: Token, { polarity, historical }: Assertion, section: string, document: number, { clauses }: Clauses): Mention {
  const clause = clauses[token.clause];
  return {
    document,
    section,
    start: token.start,
    end: token.end,
    clause: token.clause,
    run: clause?.run ?? 0,
    sentence: clause?.sentence ?? 0,
    bracketed: clause?.opener === BOUNDARY.open,
    affirmed: polarity === 'affirmed',
    historical,
  };
}

/** In a boy's text that names no woman or girl, 她 and "she" are slips of the pen and mean him. */
const WOMAN =
  /[母妈媽娘姐妹女婆奶姥姨姑婶嫂妻妇师]|姊|\b(?:m[uo]m|mummy|mommy|mother|stepmother|sister|aunt|auntie|girl|grand(?:ma|mother)|wife|woman|lady|nanny|teacher|daughter|cousin|maid)/i;

/** 打过她, "hit her" in a boy's record: the deed was done to a woman, unless it is "her son". */
function isOfHer(text: string, { start, end }: Token, kind: ConceptKind | undefined): boolean {
  if (kind !== 'event' && kind !== 'word') return false;
  const reach = kind === 'event' ? OBJECT_REACH : 0;
  if (text.slice(start, end + reach).includes('她')) return true;
  const words = ` ${text.slice(start, end + HER_REACH).toLowerCase()}`;
  const at = words.indexOf(' her ');
  if (at < 0 || start + at >= end + reach) return false;
  const owned = words.slice(at + ' her '.length);
  return !HER_BOY.some((boy) => owned.startsWith(boy));
}

/** How far behind a verb its object begins: 打过她, "hit her". */
const OBJECT_REACH = 2;
const HER_REACH = 16;
const HER_BOY = ['son', 'child', 'boy', 'baby', 'kid', 'little', 'grandson', 'nephew', 'infant', 'toddler', 'own'];

/** 姐姐（孕35周）came along: what the desk writes of a companion is no fact of the patient, whoever it names. */
function isAtDesk(section: string): boolean {
  return section === 'companion' || section === 'consent' || section === 'marital-status';
}
