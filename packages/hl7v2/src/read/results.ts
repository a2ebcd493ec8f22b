import { type FactStatus, type NoteSection, type SnapshotNote, type SnapshotObservation, table, compact } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { Settings } from '../options.js';
import type { Segment } from '../wire/segment.js';
import { type Coded, codedAt, wordsAt } from './coded.js';
import type { DocumentHead } from './documents.js';
import { staffOf } from './names.js';
import { type Observed, observedIn } from './observed.js';
import { sectionOfService, sectionOfValue } from './sections.js';
import { timeAt } from './times.js';
import type { FactChange } from './update.js';

/** What an OBR lends to the values under it. */
export interface ResultGroup {
  readonly key: string;
  readonly section: NoteSection | undefined;
  readonly at: string | undefined;
  readonly specimen: string | undefined;
  readonly status: string | undefined;
  readonly orderer: string | undefined;
}

/** HL7 table 0085 (and 0123). `C` is the result that stands: the one it corrects is replaced. */
const STATUSES = table<FactStatus>({
  F: 'final',
  C: 'final',
  U: 'final',
  V: 'final',
  A: 'final',
  P: 'preliminary',
  R: 'preliminary',
  S: 'preliminary',
  B: 'preliminary',
  I: 'preliminary',
  O: 'preliminary',
  D: 'entered-in-error',
  W: 'entered-in-error',
  X: 'entered-in-error',
});
/** Headings of the chart itself, as against results: their words are notes however short they are. */
const NARRATIVE = new Set<NoteSection | undefined>([
  'chief-complaint',
  'present-illness',
  'past-history',
  'family-history',
  'social',
  'physical-exam',
  'nursing',
  'assessment',
  'plan',
  'discharge',
]);
/** A "result" of a scan shorter than this ("未见异常") is a value, longer it is a report. */
const REPORT_LENGTH_MIN = 20;
const JOINT = '\n';

/** Reads an OBR as the head of the values that follow. */
export function readGroup(obr: Segment, orderNumber: string | undefined, settings: Settings, log: IssueLog): ResultGroup {
  const service = codedAt(obr, 4, ['loinc']);
  const number = obr.text(3) ?? obr.text(2) ?? orderNumber ?? `@${obr.text(7) ?? ''}`;
  return {
    key: `${number}|${service.code ?? service.text ?? ''}`,
    section: sectionOfService(obr.text(24), service, settings),
    at: timeAt(obr, 7, settings.zone, log) ?? timeAt(obr, 22, settings.zone, log),
    specimen: obr.part(15, 1, 2) ?? obr.part(15, 1, 1),
    status: obr.text(25),
    orderer: staffOf(obr, 16).id,
  };
}

/** Where the values of a message are told apart and its broken texts put together. One for each patient of a message. */
export interface ResultReader {
  /** Reads one OBX; gives the key its comments (NTE) belong under. */
  read(obx: Segment, group: ResultGroup | undefined, document: DocumentHead | undefined): string;
}

export function createResultReader(facts: FactChange[], settings: Settings, log: IssueLog): ResultReader {
  const seen = new Map<string, number>();
  let last: { readonly base: string; readonly index: number } | undefined;

  return {
    read(obx, group, document) {
      const read = readValue(obx, { group, document }, settings, log);
      const { observed } = read;
      const joined = observed.written && last?.base === read.base ? appendTo(facts, last.index, observed.value) : undefined;
      if (joined !== undefined) return joined;
      const count = (seen.get(read.base) ?? 0) + 1;
      seen.set(read.base, count);
      const key = count === 1 ? read.base : `${read.base}#${count}`;
      const fact = factOf(obx, key, read);
      last = fact !== undefined && observed.written ? { base: read.base, index: facts.length } : undefined;
      if (fact !== undefined) facts.push(fact);
      return key;
    },
  };
}

/** What stands around a value. */
interface Surroundings {
  readonly group: ResultGroup | undefined;
  readonly document: DocumentHead | undefined;
}

interface ReadValue extends Surroundings {
  /** Key of the value, before a second one of its name in the same message is counted. */
  readonly base: string;
  readonly name: Coded;
  readonly observed: Observed;
  readonly at: string | undefined;
  readonly section: NoteSection | undefined;
  /** OBX-11, else OBR-25. */
  readonly state: string;
}

function readValue(obx: Segment, { group, document }: Surroundings, settings: Settings, log: IssueLog): ReadValue {
  const name = codedAt(obx, 3, ['loinc']);
  const at = timeAt(obx, 14, settings.zone, log) ?? group?.at ?? document?.at;
  return {
    group,
    document,
    base: baseKey(obx, name, parentOf({ group, document }).parent ?? `@${at ?? ''}`),
    name,
    observed: observedIn(obx, settings.zone, log),
    at,
    section: sectionOfValue(name, settings) ?? document?.section ?? group?.section,
    state: stateOf(obx, { group, document }),
  };
}

/** Without an order or a document around it only the time tells one weighing from the next. */
function baseKey(obx: Segment, { code, text }: Coded, around: string): string {
  return `${around}|${code ?? text ?? ''}|${obx.text(4) ?? ''}`;
}

function stateOf(obx: Segment, { group, document }: Surroundings): string {
  const lent = document === undefined ? group?.status : undefined;
  return (obx.text(11) ?? lent ?? 'F').toUpperCase();
}

function factOf(obx: Segment, key: string, read: ReadValue): FactChange | undefined {
  const { document, state } = read;
  const status = STATUSES.get(state) ?? 'final';
  const common = {
    key,
    at: obx.at,
    ...parentOf(read),
    ...(status === 'preliminary' ? { preliminary: true } : {}),
    ...(state === 'C' ? { corrects: true } : {}),
  };
  const words = noteWords(read);
  if (words !== undefined) {
    const note = compact<SnapshotNote>({ section: read.section ?? 'other', text: words, at: read.at, author: document?.author });
    return { list: 'notes', act: status === 'entered-in-error' ? 'remove' : 'set', value: note, ...common };
  }
  const value = observationOf(obx, status, read);
  if (value.name === undefined && value.value === undefined) return undefined;
  return { list: 'observations', act: status === 'entered-in-error' ? 'withdraw' : 'set', value, ...common };
}

function parentOf({ group, document }: Surroundings): { parent?: string } {
  const parent = document?.key ?? group?.key;
  return parent === undefined ? {} : { parent };
}

/** The text of a value that is to be read as a note: any words of the chart, a report of a scan, the body of a document. */
function noteWords({ observed: { value, written }, section, document }: ReadValue): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (NARRATIVE.has(section) || (document !== undefined && written)) return value;
  const isReport = section !== undefined && section !== 'laboratory' && section !== 'other';
  return written && isReport && value.length > REPORT_LENGTH_MIN ? value : undefined;
}

function observationOf(obx: Segment, status: FactStatus, { name, observed, at, group }: ReadValue): SnapshotObservation {
  return compact<SnapshotObservation>({
    code: name.code,
    system: name.system,
    name: name.text ?? name.code,
    value: observed.value,
    unit: obx.text(6, 2) ?? obx.text(6),
    interpretation: interpretationOf(obx),
    specimen: group?.specimen,
    performer: obx.text(23) ?? wordsAt(obx, 15),
    status,
    at,
  });
}

function interpretationOf(obx: Segment): string | undefined {
  const flags = Array.from({ length: obx.repetitions(8) }, (_, repetition) => obx.text(8, 1, repetition)).filter(
    (flag) => flag !== undefined,
  );
  return flags.length === 0 ? undefined : flags.join(',');
}

/** A text broken into several OBX under one name and sub-id is one text. Gives the key of the fact it was added to. */
function appendTo(facts: FactChange[], index: number, text: Observed['value']): string | undefined {
  const fact = facts[index];
  if (fact === undefined || typeof text !== 'string') return undefined;
  const whole = fact.list === 'notes' ? (fact.value as SnapshotNote).text : (fact.value as SnapshotObservation).value;
  if (typeof whole !== 'string') return undefined;
  const joined = whole + JOINT + text;
  facts[index] = { ...fact, value: { ...fact.value, ...(fact.list === 'notes' ? { text: joined } : { value: joined }) } as SnapshotNote };
  return fact.key;
}
