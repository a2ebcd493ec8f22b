import { type EncounterSnapshot, isNotDone, type Issue } from '@zhida/core';
import type { Clauses } from '../text/clauses.js';
import type { Scan, Scanner } from '../text/scan.js';
import { diagnosisCodes, icd9Code, maritalCode } from './codes.js';
import type { CodeFact, Document, Mention, ResultFact } from './facts.js';
import type { ResultReader } from './results.js';
import type { VisitFact } from './visits.js';
import type { Weights } from '../weighing/weigh.js';
import { WORK_OF_CODE, WORK_OF_HIT, type Work } from './work.js';

/** The facts of an encounter that do not depend on the patient's age. */
export interface Collected {
  readonly sources: Source[];
  readonly documents: Document[];
  readonly mentions: Map<number, Mention[]>;
  readonly codes: CodeFact[];
  /** Names of the code sets that they belong to, once somebody has asked. */
  codeSets: ReadonlySet<string> | undefined;
  readonly results: Map<string, ResultFact[]>;
  /** Those the feed sends along, in its order. */
  readonly visits: VisitFact[];
  /** True for a boy: where a woman is named, 她 in his record is somebody else. 他 is written of everybody. */
  readonly isBoy: boolean;
  /** Made when they are asked for. */
  weights: Weights | undefined;
  /** True once every text has been read: what they assert and tell is in `documents`, `mentions` and `results`. */
  isRead: boolean;
}

/** One text as it came, and what the one walk over it found. */
export interface Source {
  readonly at: string;
  readonly text: string;
  readonly section: string;
  readonly time: string | undefined;
  readonly scan: Scan;
  /** Made of the scan when they are asked for. */
  clauses: Clauses | undefined;
  /** What this text asserts by itself, once somebody has asked. */
  mentions: ReadonlyMap<number, readonly Mention[]> | undefined;
  /** As {@link Document} has it. */
  folded: string | undefined;
}

const WITHDRAWN = new Set(['corrected', 'entered-in-error']);

/** Gathers codes, results and texts of a record; every text is scanned as it is found, and never again. */
export function collectFacts(snapshot: EncounterSnapshot, issues: Issue[], scanner: Scanner, readers: ResultReader, work: Work): Collected {
  const isBoy = snapshot.patient?.sex === 'male';
  const into: Collected = {
    sources: [],
    documents: [],
    mentions: new Map(),
    codes: [],
    codeSets: undefined,
    results: new Map(),
    visits: [],
    isBoy,
    weights: undefined,
    isRead: false,
  };
  const read: Read = (at, text, section, time) => {
    if (text === undefined || text === '' || !work.mayRead(at, text.length)) return;
    const scan = scanner.scan(text);
    work.spend(scan.hitCount * WORK_OF_HIT);
    into.sources.push({ at, text, section, time, scan, clauses: undefined, mentions: undefined, folded: undefined });
  };
  snapshot.notes?.forEach((note, index) => read(`notes[${index}].text`, note.text, note.section ?? 'other', note.at));
  collectConditions(snapshot, into, issues, read, work);
  collectProcedures(snapshot, into, issues, read);
  collectPlans(snapshot, read);
  collectObservations(snapshot, into, issues, readers, read);
  collectRegistration(snapshot, into, read);
  return into;
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

function collectConditions(snapshot: EncounterSnapshot, into: Collected, issues: Issue[], read: Read, work: Work): void {
  snapshot.conditions?.forEach((condition, index) => {
    if (isWithdrawn(condition.status, `conditions[${index}]`, issues) || condition.certainty === 'ruled-out') return;
    if (condition.code !== undefined) {
      const at = `conditions[${index}].code`;
      const codes = work.mayRead(at, condition.code.length) ? diagnosisCodes(condition.code, condition.system) : [];
      work.spend(codes.length * WORK_OF_CODE);
      for (const code of codes) into.codes.push({ system: 'icd-10', code, at });
    }
    read(`conditions[${index}].text`, condition.text, condition.role === 'history' ? 'past-history' : 'assessment');
  });
}

function collectProcedures(snapshot: EncounterSnapshot, into: Collected, issues: Issue[], read: Read): void {
  snapshot.procedures?.forEach((procedure, index) => {
    if (isWithdrawn(procedure.status, `procedures[${index}]`, issues)) return;
    const code = procedure.code === undefined ? undefined : icd9Code(procedure.code, procedure.system);
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
function collectRegistration(snapshot: EncounterSnapshot, into: Collected, read: Read): void {
  read('companion.relationship', snapshot.companion?.relationship, 'companion');
  snapshot.procedures?.forEach(({ consentBy }, index) =>
    read(`procedures[${index}].consentBy.relationship`, consentBy?.relationship, 'consent'),
  );
  snapshot.patient?.disability?.forEach((text, index) => read(`patient.disability[${index}]`, text, 'past-history'));
  const at = 'patient.maritalStatus';
  const code = maritalCode(snapshot.patient?.maritalStatus);
  if (code === undefined) read(at, snapshot.patient?.maritalStatus, 'marital-status');
  else into.codes.push({ system: 'marital-status', code, at });
}

/** Facts marked corrected or entered in error are no facts; that they were set aside is said (INV-13). */
function isWithdrawn(status: string | undefined, at: string, issues: Issue[]): boolean {
  if (status === undefined || !WITHDRAWN.has(status)) return false;
  issues.push({ code: 'FACT_WITHDRAWN', severity: 'information', at });
  return true;
}
