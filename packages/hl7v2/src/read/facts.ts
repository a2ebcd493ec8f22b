import { type NoteSection, type SnapshotCondition, type SnapshotNote, compact } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { Settings } from '../options.js';
import type { Segment } from '../wire/segment.js';
import { orderNumberOf, readDiagnosis, readMedication, readOrder, readOrderState, readProcedure } from './acts.js';
import { codedAt, wordsAt } from './coded.js';
import { type DocumentHead, readDocumentHead } from './documents.js';
import type { MessageHeader } from './header.js';
import { type ResultGroup, type ResultReader, createResultReader, readGroup } from './results.js';
import type { FactChange } from './update.js';

/** The facts of one patient of a message, and what they say of when and by whom. */
export interface FactReading {
  readonly facts: readonly FactChange[];
  readonly clears: readonly string[];
  /** When what the message tells happened: the specimen, the document. */
  readonly at: string | undefined;
  /** Who ordered or wrote it. */
  readonly staffId: string | undefined;
  readonly hasDiagnosis: boolean;
}

/** Message types whose OBR is something ordered rather than the head of results. */
const ORDER_TYPES = new Set(['ORM', 'OML', 'OMG', 'OMI', 'OMP', 'RDE']);
const DIAGNOSIS_SYSTEMS = new Set<string | undefined>(['icd-10', 'icd-10-cn', 'icd-10-cm']);

/** Reads the segments of one patient, in their order: the order is what binds a value to its OBR and a comment to its value. */
export function readFacts(segments: readonly Segment[], header: MessageHeader, settings: Settings, log: IssueLog): FactReading {
  const walk = createWalk(header, settings, log);
  for (const segment of segments) walk.handlers[segment.type]?.(segment);
  return walk.reading();
}

interface Walk {
  readonly facts: FactChange[];
  readonly results: ResultReader;
  order: Segment | undefined;
  group: ResultGroup | undefined;
  document: DocumentHead | undefined;
  /** What the next NTE speaks of. */
  subject: { readonly key: string; readonly section: NoteSection };
  diagnoses: number;
}

type Handler = (segment: Segment) => void;

function createWalk(
  header: MessageHeader,
  settings: Settings,
  log: IssueLog,
): { handlers: Record<string, Handler>; reading(): FactReading } {
  const facts: FactChange[] = [];
  const walk: Walk = {
    facts,
    results: createResultReader(facts, settings, log),
    order: undefined,
    group: undefined,
    document: undefined,
    subject: { key: 'message', section: 'other' },
    diagnoses: 0,
  };
  const isOrder = ORDER_TYPES.has(header.type);
  const handlers: Record<string, Handler> = {
    PV2: (segment) => takeReason(walk, segment),
    ACC: (segment) => takeAccident(walk, segment),
    DG1: (segment) => takeDiagnosis(walk, segment),
    PR1: (segment) => push(walk, readProcedure(segment, settings, log), 'procedure'),
    TXA: (segment) => {
      walk.document = readDocumentHead(segment, header.trigger, settings, log);
      walk.subject = { key: walk.document.key, section: walk.document.section };
    },
    ORC: (segment) => {
      walk.order = segment;
      walk.group = undefined;
      if (isOrder) push(walk, readOrderState(segment, settings, log), 'plan');
    },
    OBR: (segment) => takeRequest(walk, segment, isOrder, settings, log),
    OBX: (segment) => {
      if (walk.document?.isVoid === true) return;
      const key = walk.results.read(segment, walk.group, walk.document);
      walk.subject = { key, section: walk.document?.section ?? walk.group?.section ?? 'laboratory' };
    },
    RXO: (segment) => push(walk, readMedication(segment, walk.order), 'plan'),
    RXE: (segment) => push(walk, readMedication(segment, walk.order), 'plan'),
    NTE: (segment) => takeComment(walk, segment),
  };
  return { handlers, reading: () => readingOf(walk) };
}

function readingOf({ facts, group, document, diagnoses }: Walk): FactReading {
  return {
    facts,
    clears: document?.clears ?? [],
    at: group?.at ?? document?.at,
    staffId: group?.orderer ?? document?.authorId,
    hasDiagnosis: diagnoses > 0,
  };
}

function push(walk: Walk, fact: FactChange | undefined, section: NoteSection): void {
  if (fact === undefined) return;
  walk.facts.push(fact);
  walk.subject = { key: fact.key, section };
}

/** PV2-3, what the patient came with: the complaint it is, and a diagnosis on admission where it is coded as one. */
function takeReason(walk: Walk, pv2: Segment): void {
  const reason = codedAt(pv2, 3);
  const text = reason.text ?? (DIAGNOSIS_SYSTEMS.has(reason.system) ? undefined : reason.code);
  if (text !== undefined) {
    const value: SnapshotNote = { section: 'chief-complaint', text };
    walk.facts.push({ list: 'notes', key: 'PV2-3', act: 'set', value, at: pv2.at });
  }
  if (reason.code === undefined || !DIAGNOSIS_SYSTEMS.has(reason.system)) return;
  const value = compact<SnapshotCondition>({ code: reason.code, system: reason.system, text: reason.text, role: 'admission' });
  walk.facts.push({ list: 'conditions', key: 'PV2-3', act: 'set', value, at: pv2.at });
}

/** What is told of an accident: its kind, its place and its description (ACC-2, ACC-3, ACC-8). */
function takeAccident(walk: Walk, acc: Segment): void {
  const words = [wordsAt(acc, 2), acc.text(3), acc.plain(8)].filter((part) => part !== undefined);
  if (words.length === 0) return;
  const value: SnapshotNote = { section: 'present-illness', text: words.join('；') };
  walk.facts.push({ list: 'notes', key: 'ACC', act: 'set', value, at: acc.at });
}

function takeDiagnosis(walk: Walk, dg1: Segment): void {
  const fact = readDiagnosis(dg1, walk.diagnoses === 0);
  if (fact !== undefined) walk.diagnoses += 1;
  push(walk, fact, 'assessment');
}

function takeRequest(walk: Walk, obr: Segment, isOrder: boolean, settings: Settings, log: IssueLog): void {
  const number = walk.order === undefined ? undefined : orderNumberOf(walk.order);
  walk.group = readGroup(obr, number, settings, log);
  if (isOrder) push(walk, readOrder(obr, walk.order, settings, log), 'plan');
  else walk.subject = { key: walk.group.key, section: walk.group.section ?? 'laboratory' };
  // OBR-13 and OBR-31: what the patient has and why it is asked for, the words of whoever orders.
  const reasons = Array.from({ length: obr.repetitions(31) }, (_, repetition) => wordsAt(obr, 31, repetition));
  const clinical = [...new Set([obr.plain(13), ...reasons])].filter((words) => words !== undefined);
  if (clinical.length === 0) return;
  const value: SnapshotNote = { section: 'other', text: clinical.join('\n') };
  walk.facts.push({ list: 'notes', key: `${walk.group.key}/OBR-13`, parent: walk.group.key, act: 'set', value, at: obr.at });
}

/** A comment goes to what it follows; several in a row are one. */
function takeComment({ facts, subject }: Walk, nte: Segment): void {
  const lines = Array.from({ length: nte.repetitions(3) }, (_, repetition) => nte.plain(3, repetition)).filter(
    (line) => line !== undefined,
  );
  if (lines.length === 0) return;
  const text = lines.join('\n');
  const key = `${subject.key}/NTE`;
  const last = facts.at(-1);
  if (last?.list === 'notes' && last.key === key) {
    const note = last.value as SnapshotNote;
    facts[facts.length - 1] = { ...last, value: { ...note, text: `${note.text}\n${text}` } };
    return;
  }
  facts.push({ list: 'notes', key, parent: subject.key, act: 'set', value: { section: subject.section, text }, at: nte.at });
}
