import { type EncounterSnapshot, type Issue, localDate, parseInstant } from '@zhida/core';
import type { Lexicon } from '../text/lexicon.js';
import { type Scanner, createScanner } from '../text/scan.js';
import { readClauses } from '../text/clauses.js';
import { assertConcepts } from '../text/assertion.js';
import { icd10Codes, icd9Code, mayBeIcd10 } from './codes.js';
import type { CodeFact, Document, Mention, ResultFact } from './facts.js';
import type { ResultReader } from './results.js';
import { type VisitFact, readVisits } from './visits.js';

/** The facts of an encounter that do not depend on the patient's age. */
export interface Collected {
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

/** Reads texts, codes and results with one lexicon. Not re-entrant: the scanner's buffers are used again for each text. */
export function createCollector(lexicon: Lexicon, readers: ResultReader): Collector {
  const scanner = createScanner(lexicon);
  return {
    collect(snapshot, issues, { everyWord }) {
      const visits = readVisits(snapshot, (text, section, see) => {
        const scan = scanner(text);
        if (scan.hasSubject)
          assertConcepts(readClauses(text, scan, lexicon), lexicon.concepts, section, (token, assertion) => {
            if (assertion.actual && assertion.patient && assertion.polarity !== 'negated') see(token.concept);
          });
      });
      const into: Collected = { documents: [], mentions: new Map(), codes: [], results: new Map(), visits };
      const wordsOnly: Source[] = [];
      const read = (at: string, text: string | undefined, section: string, time?: string): void => {
        if (text === undefined || text === '') return;
        const source = { at, text, section, time };
        if (!readText(into, lexicon, scanner, readers, source, everyWord)) wordsOnly.push(source);
      };
      snapshot.notes?.forEach((note, index) => read(`notes[${index}].text`, note.text, note.section ?? 'other', note.at));
      collectConditions(snapshot, into, issues, read);
      collectProcedures(snapshot, into, issues, read);
      snapshot.orders?.forEach((order, index) => {
        if (!isNotDone(order.status)) read(`orders[${index}].text`, order.text, 'plan');
      });
      snapshot.medications?.forEach((medication, index) => {
        if (!isNotDone(medication.status)) read(`medications[${index}].text`, medication.text, 'plan');
      });
      collectObservations(snapshot, into, issues, readers, read);
      const isFound = hasFacts(into, snapshot);
      collectRegistration(snapshot, (at, text, section) => {
        if (text !== undefined && text !== '') readText(into, lexicon, scanner, readers, { at, text, section, time: undefined }, true);
      });
      // Words alone say nothing; beside something else they may say how, where and by whom.
      if (isFound) for (const source of wordsOnly) readText(into, lexicon, scanner, readers, source, true);
      sortMentions(into);
      return into;
    },
  };
}

type Read = (at: string, text: string | undefined, section: string, time?: string) => void;

interface Source {
  readonly at: string;
  readonly text: string;
  readonly section: string;
  readonly time: string | undefined;
}

function hasFacts({ mentions, codes, results }: Collected, { history, companion }: EncounterSnapshot): boolean {
  return mentions.size > 0 || codes.length > 0 || results.size > 0 || history !== undefined || companion === null;
}

/** A text read late has the greater index, so that only the order of one concept's own lists must be kept. */
function sortMentions({ mentions }: Collected): void {
  for (const list of mentions.values()) list.sort((a, b) => a.document - b.document || a.start - b.start);
}

/** True when the text was read; false when it holds nothing but words that help others. */
function readText(
  into: Collected,
  lexicon: Lexicon,
  scanner: Scanner,
  readers: ResultReader,
  { at, text, section, time }: Source,
  everyWord: boolean,
): boolean {
  const scan = scanner(text);
  if (!scan.hasSubject && !everyWord) return scan.hitCount === 0;
  const clauses = readClauses(text, scan, lexicon);
  const instant = time === undefined ? undefined : parseInstant(time);
  const on = instant === undefined ? undefined : localDate(instant);
  const document: Document = { at, text, section, on, clauses, folded: undefined };
  const index = into.documents.push(document) - 1;
  assertConcepts(clauses, lexicon.concepts, section, (token, assertion, where) => {
    if (!assertion.actual || !assertion.patient) return;
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
      affirmed: assertion.polarity === 'affirmed',
      historical: assertion.historical,
    });
  });
  return true;
}

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
