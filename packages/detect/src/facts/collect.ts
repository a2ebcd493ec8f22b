import { type EncounterSnapshot, type Issue, localDate, parseInstant } from '@zhida/core';
import type { Lexicon } from '../text/lexicon.js';
import { type Scanner, createScanner } from '../text/scan.js';
import { BOUNDARY } from '../text/fold.js';
import { readClauses } from '../text/clauses.js';
import { assertConcepts } from '../text/assertion.js';
import type { Derive } from './derive.js';
import { icd10Codes, icd9Code, mayBeIcd10 } from './codes.js';
import type { CodeFact, Document, Mention, ResultFact } from './facts.js';
import type { ResultReader } from './results.js';
import { type VisitFact, readVisits } from './visits.js';

/** The facts of an encounter that do not depend on the patient's age. */
export interface Collected {
  readonly sources: Source[];
  readonly documents: Document[];
  readonly mentions: Map<number, Mention[]>;
  readonly codes: CodeFact[];
  readonly results: Map<string, ResultFact[]>;
  readonly visits: readonly VisitFact[];
}

export interface Collector {
  collect(snapshot: EncounterSnapshot, issues: Issue[], options: { readonly everyWord: boolean }): Collected;
}

const WITHDRAWN = new Set(['corrected', 'entered-in-error']);
const NOT_DONE = new Set([
  'cancelled',
  'canceled',
  'revoked',
  'stopped',
  'entered-in-error',
  'not-done',
  'draft',
  'aborted',
  '作废',
  '取消',
  '撤销',
  '停止',
]);

/** True where one of the codes belongs to a set of the pack. */
export type KnowsCodes = (codes: readonly CodeFact[]) => boolean;

/** What the rules of a pack make of the words. */
export interface CollectorNeeds {
  readonly knowsCodes: KnowsCodes;
  /** Concepts that are the trigger of some rule. */
  readonly telling: ReadonlySet<number>;
  readonly derive: Derive;
  readonly includeKinds: (seen: Set<number>) => void;
}

/** Reads texts, codes and results with one lexicon. Not re-entrant: the scanner's buffers are used again for each text. */
export function createCollector(
  lexicon: Lexicon,
  readers: ResultReader,
  { knowsCodes, telling, derive, includeKinds }: CollectorNeeds,
): Collector {
  const scanner = createScanner(lexicon);
  return {
    collect(snapshot, issues, { everyWord }) {
      const visits = readVisits(snapshot, (text, section, see) => readConcepts(text, section, lexicon, scanner, see));
      for (const visit of visits) includeKinds(visit.concepts);
      const into: Collected = { sources: [], documents: [], mentions: new Map(), codes: [], results: new Map(), visits };
      const read: Read = (at, text, section, time) => {
        if (text !== undefined && text !== '') into.sources.push({ at, text, section, time });
      };
      snapshot.notes?.forEach((note, index) => read(`notes[${index}].text`, note.text, note.section ?? 'other', note.at));
      collectConditions(snapshot, into, issues, read);
      collectProcedures(snapshot, into, issues, read);
      collectPlans(snapshot, read);
      collectObservations(snapshot, into, issues, readers, read);
      const inRecord = everyWord || snapshot.companion === null || hasFacts(into, knowsCodes);
      const noted = into.sources.length;
      collectRegistration(snapshot, read);
      const isFound =
        inRecord ||
        into.sources.some((source, index) =>
          index >= noted ? hasWords(source, lexicon, scanner) : isTelling(source, lexicon, scanner, readers, telling),
        );
      if (isFound) for (const source of into.sources) readText(into, lexicon, scanner, readers, source);
      withdrawRetracted(into, issues);
      derive(into.mentions);
      return into;
    },
  };
}

function collectPlans({ orders, medications }: EncounterSnapshot, read: Read): void {
  orders?.forEach((order, index) => {
    if (!isNotDone(order.status)) read(`orders[${index}].text`, order.text, 'plan');
  });
  medications?.forEach((medication, index) => {
    if (!isNotDone(medication.status)) read(`medications[${index}].text`, medication.text, 'plan');
  });
}

type Read = (at: string, text: string | undefined, section: string, time?: string) => void;

/** One text as it came, not yet read. */
export interface Source {
  readonly at: string;
  readonly text: string;
  readonly section: string;
  readonly time: string | undefined;
}

function hasFacts({ codes, results, visits }: Collected, knowsCodes: KnowsCodes): boolean {
  if (visits.some((visit) => visit.concepts.size > 0 || visit.codes.length > 0 || visit.reported)) return true;
  for (const facts of results.values()) if (facts.some(({ positive }) => positive)) return true;
  return codes.length > 0 && knowsCodes(codes);
}

/** A relative who came along is in nearly every record and says nothing; only what a rule asks of the desk does. */
function hasWords({ text }: Source, lexicon: Lexicon, scanner: Scanner): boolean {
  const scan = scanner(text);
  if (scan.hasSubject) return true;
  for (let hit = 0; hit < scan.hitCount; hit += 1) if (lexicon.isDeskWord[scan.terms[hit] ?? 0] === 1) return true;
  return false;
}

/**
 * Whether a text asserts anything of the patient. Most texts only deny, ask and teach; they are read without the words that help
 * others, and no further.
 */
function isTelling(
  { text, section }: Source,
  lexicon: Lexicon,
  scanner: Scanner,
  readers: ResultReader,
  concepts: ReadonlySet<number>,
): boolean {
  const scan = scanner(text);
  if (!scan.hasSubject) return false;
  let telling = false;
  const clauses = readClauses(text, scan, lexicon, { wordless: true });
  const document: Document = { at: '', text, section, on: undefined, clauses, folded: undefined };
  const results = new Map<string, ResultFact[]>();
  assertConcepts(clauses, lexicon.concepts, section, (token, assertion) => {
    if (telling || !assertion.actual || !assertion.patient) return;
    if (lexicon.concepts[token.concept]?.kind !== 'test') telling = assertion.polarity !== 'negated' && concepts.has(token.concept);
    else {
      readers.fromText(document, token, assertion, results);
      for (const facts of results.values()) telling ||= facts.some(({ positive }) => positive);
    }
  });
  return telling;
}

function readConcepts(text: string, section: string, lexicon: Lexicon, scanner: Scanner, see: (concept: number) => void): void {
  const scan = scanner(text);
  if (!scan.hasSubject) return;
  assertConcepts(readClauses(text, scan, lexicon), lexicon.concepts, section, (token, assertion) => {
    if (assertion.actual && assertion.patient && assertion.polarity !== 'negated') see(token.concept);
  });
}

function readText(into: Collected, lexicon: Lexicon, scanner: Scanner, readers: ResultReader, { at, text, section, time }: Source): void {
  const scan = scanner(text);
  if (scan.hitCount === 0) return;
  const clauses = readClauses(text, scan, lexicon);
  const instant = time === undefined ? undefined : parseInstant(time);
  const on = instant === undefined ? undefined : localDate(instant);
  const document: Document = { at, text, section, on, clauses, folded: undefined };
  const index = into.documents.push(document) - 1;
  assertConcepts(clauses, lexicon.concepts, section, (token, assertion, where) => {
    if (!assertion.actual || !assertion.patient || !mayStandAtDesk(section, lexicon.concepts[token.concept]?.kind)) return;
    if (lexicon.concepts[token.concept]?.kind === 'test') {
      readers.fromText(document, token, assertion, into.results);
      return;
    }
    if (assertion.polarity === 'negated') return;
    const mentions = into.mentions.get(token.concept) ?? [];
    if (mentions.length === 0) into.mentions.set(token.concept, mentions);
    mentions.push({
      document: index,
      section: where,
      start: token.start,
      end: token.end,
      segment: token.segment,
      run: clauses.segments[token.segment]?.run ?? 0,
      sentence: clauses.segments[token.segment]?.sentence ?? 0,
      bracketed: clauses.segments[token.segment]?.opener === BOUNDARY.open,
      affirmed: assertion.polarity === 'affirmed',
      historical: assertion.historical,
    });
  });
}

/** 标本贴错，重留阴性: a note that takes a result back and gives the same test as negative leaves no positive one, and that is said. */
function withdrawRetracted({ documents, results }: Collected, issues: Issue[]): void {
  const note = documents.find(({ clauses }) => clauses.tokens.some(({ kind }) => kind === 'retracted'));
  if (note === undefined) return;
  for (const [kind, facts] of results) {
    const isTakenBack =
      facts.some(({ positive, evidence }) => !positive && evidence.at === note.at) && facts.some(({ positive }) => positive);
    if (!isTakenBack) continue;
    results.set(
      kind,
      facts.filter(({ positive }) => !positive),
    );
    issues.push({ code: 'FACT_WITHDRAWN', severity: 'information', at: note.at });
  }
}

/** 姐姐（孕35周）came along: what the desk writes of a companion is no fact of the patient. */
function mayStandAtDesk(section: string, kind: string | undefined): boolean {
  return !DESK_SECTIONS.has(section) || kind === 'word' || kind === 'agent';
}

const DESK_SECTIONS: ReadonlySet<string> = new Set(['companion', 'consent']);

function collectConditions(snapshot: EncounterSnapshot, into: Collected, issues: Issue[], read: Read): void {
  snapshot.conditions?.forEach((condition, index) => {
    if (isWithdrawn(condition.status, `conditions[${index}]`, issues) || condition.certainty === 'ruled-out') return;
    if (condition.code !== undefined && mayBeIcd10(condition.system)) {
      for (const code of icd10Codes(condition.code)) into.codes.push({ system: 'icd-10', code, at: `conditions[${index}].code` });
    }
    read(`conditions[${index}].text`, condition.text, condition.role === 'history' ? 'past-history' : 'assessment');
  });
}

function collectProcedures(snapshot: EncounterSnapshot, into: Collected, issues: Issue[], read: Read): void {
  snapshot.procedures?.forEach((procedure, index) => {
    if (isWithdrawn(procedure.status, `procedures[${index}]`, issues)) return;
    const code = procedure.code === undefined ? undefined : icd9Code(procedure.code);
    if (code !== undefined) into.codes.push({ system: 'icd-9-cm-3', code, at: `procedures[${index}].code` });
    read(`procedures[${index}].text`, procedure.text, 'procedure', procedure.at);
  });
}

function collectObservations(snapshot: EncounterSnapshot, into: Collected, issues: Issue[], readers: ResultReader, read: Read): void {
  snapshot.observations?.forEach((observation, index) => {
    const at = `observations[${index}]`;
    if (isWithdrawn(observation.status, at, issues)) return;
    const known = readers.fromObservation(observation, at, into.results);
    // A report that came as a "result" (a scan, a consultation) is read like a note.
    if (!known && typeof observation.value === 'string') read(`${at}.value`, observation.value, 'laboratory', observation.at);
  });
}

/** What the desk wrote down: who came along, who signed, what the patient is. */
function collectRegistration(snapshot: EncounterSnapshot, read: Read): void {
  read('companion.relationship', snapshot.companion?.relationship, 'companion');
  snapshot.procedures?.forEach(({ consentBy }, index) =>
    read(`procedures[${index}].consentBy.relationship`, consentBy?.relationship, 'consent'),
  );
  snapshot.patient?.disability?.forEach((text, index) => read(`patient.disability[${index}]`, text, 'past-history'));
  read('patient.maritalStatus', snapshot.patient?.maritalStatus, 'social');
}

/** Facts marked corrected or entered in error are no facts; that they were set aside is said (INV-13). */
function isWithdrawn(status: string | undefined, at: string, issues: Issue[]): boolean {
  if (status === undefined || !WITHDRAWN.has(status)) return false;
  issues.push({ code: 'FACT_WITHDRAWN', severity: 'information', at });
  return true;
}

function isNotDone(status: string | undefined): boolean {
  return status !== undefined && NOT_DONE.has(status.toLowerCase());
}
