import {
  DEFAULT_ZONE,
  type EncounterSnapshot,
  type Issue,
  type IssueLog,
  type SnapshotCondition,
  createIssueLog,
  parseInstant,
  readSnapshot,
  compact,
  orNone,
} from '@zhida/core';
import { withHistories } from '../read/history.js';
import { textOfXml } from './bytes.js';
import { type CdaDocument, readDocument } from './document.js';
import { FACT_LISTS } from './facts.js';
import { CDA_LIMITS } from './limits.js';
import { documentsIn } from './xml.js';

export interface CdaOptions {
  /** IANA zone in which a time without an offset is read. @defaultValue `Asia/Shanghai` */
  readonly zone?: string;
}

/** The documents of one file. */
export interface DocumentsReading {
  readonly documents: readonly CdaDocument[];
  /** `at` is like `/ClinicalDocument/recordTarget/patientRole/id`: names of CDA and numbers, never a value. */
  readonly issues: readonly Issue[];
  /** The file is none, breaks off, or holds a document of no visit: not all of it was read. */
  readonly isBroken: boolean;
}

export interface CdaReading {
  /** One for each visit, in order of its first document. */
  readonly snapshots: readonly EncounterSnapshot[];
  /** `at` is like `document[2]/ClinicalDocument/code`, the number being that of the file from 0. */
  readonly issues: readonly Issue[];
  /** Files of which not all could be read. */
  readonly unreadable: number;
}

/**
 * Reads files of CDA documents (WS/T 500, HL7 CDA R2; UTF-8, UTF-16 or GB18030, whatever they declare) into one EncounterSnapshot for each visit.
 *
 * Total: whatever the bytes are, the answer is snapshots and issues. What cannot be used is named by its place, the rest is read. Of
 * versions of one document the newest counts. Earlier visits of the same patient in the same files become the `history` of later ones.
 * Knows no rule, no network and no disk; no document type and no entity of a document's own has an effect.
 */
export function snapshotsFromDocuments(files: readonly { readonly bytes: Uint8Array }[], options: CdaOptions = {}): CdaReading {
  const log = createIssueLog(CDA_LIMITS.issues);
  const readings = files.map(({ bytes }) => readDocuments(bytes, options));
  for (const [index, { issues }] of readings.entries()) {
    for (const { code, severity, at } of issues) log.add(code, `document[${index}]${at}`, severity);
  }
  const { snapshots, issues } = snapshotsOfVisits(readings.flatMap(({ documents }) => documents));
  for (const { code, severity, at } of issues) log.add(code, at, severity);
  return { snapshots, issues: log.issues, unreadable: readings.filter(({ isBroken }) => isBroken).length };
}

/** Reads the documents of one file: one, or several in an envelope of whatever name. */
export function readDocuments(bytes: Uint8Array, { zone = DEFAULT_ZONE }: CdaOptions = {}): DocumentsReading {
  const log = createIssueLog(CDA_LIMITS.issues);
  const found = bytes.length > CDA_LIMITS.fileBytes ? undefined : documentsIn(textOfXml(bytes, log), log);
  if (found === undefined) log.add('FIELD_TOO_LONG', '/', 'error');
  else if (found.length === 0) log.add('MESSAGE_UNREADABLE', '/ClinicalDocument', 'error');
  const documents = (found ?? []).flatMap((document) => readDocument(document, log, zone) ?? []);
  return { documents, issues: log.issues, isBroken: log.issues.some(({ severity }) => severity === 'error') };
}

/** Puts documents together by visit, in order of each visit's first document. Given in the order they came: of equals the last counts. */
export function snapshotsOfVisits(documents: readonly CdaDocument[]): {
  readonly snapshots: readonly EncounterSnapshot[];
  readonly issues: readonly Issue[];
} {
  const log = createIssueLog(CDA_LIMITS.issues);
  const visits = visitsIn(documents);
  const snapshots = visits.flatMap((visit) => snapshotOf(standing(visit), log) ?? []);
  return { snapshots: withHistories(snapshots), issues: log.issues };
}

/** Two hospitals count alike; a document that names no hospital is of the one that the others name. */
function visitsIn(documents: readonly CdaDocument[]): CdaDocument[][] {
  const visits: CdaDocument[][] = [];
  const byId = new Map<string, Map<string | undefined, CdaDocument[]>>();
  for (const document of documents) {
    const facility = document.visit.facility?.code;
    const alike = byId.get(document.visitId) ?? new Map<string | undefined, CdaDocument[]>();
    byId.set(document.visitId, alike);
    const [first] = alike.values();
    const known = facility === undefined ? first : (alike.get(undefined) ?? alike.get(facility));
    if (known !== undefined) {
      known.push(document);
      continue;
    }
    const visit = [document];
    visits.push(visit);
    alike.set(facility, visit);
  }
  return visits;
}

/** The documents that no other has taken the place of, oldest first. */
function standing(documents: readonly CdaDocument[]): CdaDocument[] {
  const replaced = new Set(documents.flatMap(({ replaces }) => replaces));
  const newest = new Map<string, CdaDocument>();
  const loose: CdaDocument[] = [];
  for (const document of documents) {
    const key = document.setId ?? document.id;
    const known = key === undefined ? undefined : newest.get(key);
    if (key === undefined) loose.push(document);
    else if (known === undefined || known.version <= document.version) newest.set(key, document);
  }
  const left = [...newest.values(), ...loose].filter(
    ({ id, setId, replaces }) => !isIn(replaced, id) && (!isIn(replaced, setId) || replaces.length > 0),
  );
  const order = new Map(documents.map((document, index) => [document, index]));
  return left.toSorted((one, other) => instantOf(one) - instantOf(other) || (order.get(one) ?? 0) - (order.get(other) ?? 0));
}

function isIn(replaced: ReadonlySet<string>, id: string | undefined): boolean {
  return id !== undefined && replaced.has(id);
}

function instantOf({ writtenAt }: CdaDocument): number {
  return (writtenAt === undefined ? undefined : parseInstant(writtenAt)) ?? 0;
}

function snapshotOf(documents: readonly CdaDocument[], log: IssueLog): EncounterSnapshot | undefined {
  const last = documents.at(-1);
  if (last === undefined) return undefined;
  const draft = {
    schemaVersion: '1',
    id: last.visitId,
    revision: documents.reduce((sum, { version }) => sum + version, 0),
    ...headOf(documents),
    event: last.event,
    patient: patientOf(documents),
    ...peopleOf(documents),
    ...factsOf(documents),
    feedsPresent: [...new Set(documents.flatMap(({ feeds }) => feeds))],
  };
  const { snapshot, issues } = readSnapshot(compact(draft));
  for (const { code, severity, at } of issues) log.add(code, `visit.${at}`, severity);
  return snapshot;
}

/** Later documents know better, but for what they only guess. */
function headOf(documents: readonly CdaDocument[]): object {
  const { id: _id, start: _start, end, startIsGuessed: _guessed, ...head } = together(documents.map(({ visit }) => visit));
  const told = documents.flatMap(({ visit }) => (visit.start === undefined || visit.startIsGuessed === true ? [] : [visit.start]));
  const guessed = documents.flatMap(({ visit }) => visit.start ?? []);
  const disposition = documents.map(({ facts, visit }) => facts.disposition ?? visit.disposition).findLast((one) => one !== undefined);
  const facility = orNone(together(documents.map(({ visit }) => visit.facility ?? {})));
  return compact({ ...head, facility, disposition, period: orNone(compact({ start: told[0] ?? guessed[0], end })) });
}

/** One after the other: as arguments of one call as many documents as a file holds would overflow the stack. */
function together<T extends object>(parts: readonly T[]): Partial<T> {
  const whole: Partial<T> = {};
  for (const part of parts) Object.assign(whole, part);
  return whole;
}

function patientOf(documents: readonly CdaDocument[]): object | undefined {
  const merged = together(documents.map(({ patient }) => patient));
  const identifiers = distinct(
    documents.flatMap(({ patient }) => patient.identifiers ?? []),
    (identifier) => JSON.stringify(identifier),
  );
  return orNone(compact({ ...merged, identifiers: orNone(identifiers) }));
}

function peopleOf(documents: readonly CdaDocument[]): object {
  const guardians = distinct(
    documents.flatMap(({ people }) => people.guardians ?? []),
    ({ name, relationship }) => JSON.stringify([name, relationship]),
  );
  const companion = documents.map(({ people }) => people.companion).find((one) => one !== undefined && one !== null);
  return compact({ guardians: orNone(guardians), companion });
}

/** Every document of a visit repeats its diagnoses: each fact counts once. */
function factsOf(documents: readonly CdaDocument[]): object {
  const lists = FACT_LISTS.map((list) => {
    const facts: readonly object[] = documents.flatMap(({ facts: of }): readonly object[] => of[list]);
    return [list, distinct(facts, (fact) => JSON.stringify(list === 'conditions' ? withoutRole(fact) : fact))] as const;
  });
  return Object.fromEntries(lists.filter(([, facts]) => facts.length > 0));
}

function withoutRole({ code, system, text, certainty, status }: SnapshotCondition): readonly unknown[] {
  return [code, system, text, certainty, status];
}

function distinct<T extends object>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    const known = found.get(key);
    // Of two that differ in their role alone the one that has one counts.
    found.set(key, known === undefined ? item : { ...item, ...known });
  }
  return [...found.values()];
}
