import {
  type Certainty,
  type ConditionRole,
  type SnapshotCondition,
  type SnapshotMedication,
  type SnapshotOrder,
  type SnapshotProcedure,
  table,
  compact,
} from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { Settings } from '../options.js';
import type { Segment } from '../wire/segment.js';
import { type Coded, codedAt, systemName } from './coded.js';
import { timeAt } from './times.js';
import type { FactChange } from './update.js';

/** HL7 table 0052. */
const CERTAINTIES = table<Certainty>({ A: 'suspected', W: 'suspected', F: 'confirmed' });
const EXTERNAL_CAUSE = /^[V-Yv-y]\d/;
/** HL7 table 0206. */
const DELETE = 'D';
const DIAGNOSES = ['icd-10', 'icd-10-cn', 'icd-10-cm'];
/** HL7 tables 0119 and 0038, in words the detector and a reader know. */
const ORDER_CONTROLS = table<string>({
  NW: 'active',
  XO: 'active',
  SN: 'active',
  RP: 'active',
  CA: 'cancelled',
  OC: 'cancelled',
  CR: 'cancelled',
  DC: 'stopped',
  OD: 'stopped',
  DR: 'stopped',
  UA: 'cancelled',
});
const ORDER_STATUSES = table<string>({ CA: 'cancelled', DC: 'stopped', CM: 'completed', RP: 'stopped', ER: 'entered-in-error' });

/** A diagnosis. `isFirst`: it is the first of its message, which is the main one where no priority is sent (DG1-15). */
export function readDiagnosis(dg1: Segment, isFirst: boolean): FactChange | undefined {
  const coded = codedAt(dg1, 3, DIAGNOSES);
  const text = withTyped(coded.text, dg1.text(4));
  if (coded.code === undefined && text === undefined) return undefined;
  const kind = (dg1.text(6) ?? '').toUpperCase();
  const value = compact<SnapshotCondition>({
    code: coded.code,
    system: coded.system ?? (coded.code === undefined ? undefined : systemName(dg1.text(2))),
    text,
    role: roleOf(coded, kind, dg1.text(15), isFirst),
    certainty: CERTAINTIES.get(kind),
  });
  const key = dg1.text(20) ?? `${coded.code ?? ''}|${text ?? ''}`;
  return { list: 'conditions', key, act: dg1.text(21)?.toUpperCase() === DELETE ? 'remove' : 'set', value, at: dg1.at };
}

/** The name of the code, and what somebody typed beside it: the doctor's own words are often there and nowhere else. */
function withTyped(named: string | undefined, typed: string | undefined): string | undefined {
  if (named === undefined || typed === undefined || named.includes(typed)) return named ?? typed;
  return typed.includes(named) ? typed : `${named}；${typed}`;
}

function roleOf({ code }: Coded, kind: string, priority: string | undefined, isFirst: boolean): ConditionRole {
  if (code !== undefined && EXTERNAL_CAUSE.test(code)) return 'external-cause';
  if (kind === 'A') return 'admission';
  return priority === '1' || (priority === undefined && isFirst) ? 'main' : 'other';
}

/** A procedure done. */
export function readProcedure(pr1: Segment, settings: Settings, log: IssueLog): FactChange | undefined {
  const coded = codedAt(pr1, 3, ['icd-9-cm-3']);
  const text = withTyped(coded.text, pr1.text(4));
  if (coded.code === undefined && text === undefined) return undefined;
  const at = timeAt(pr1, 5, settings.zone, log);
  const system = coded.system ?? (coded.code === undefined ? undefined : systemName(pr1.text(2)));
  const value = compact<SnapshotProcedure>({ code: coded.code, system, text, at });
  const key = pr1.text(19) ?? `${coded.code ?? text ?? ''}|${at ?? ''}`;
  return { list: 'procedures', key, act: pr1.text(20)?.toUpperCase() === DELETE ? 'remove' : 'set', value, at: pr1.at };
}

/** The number an order goes by: the placer's, else the filler's. */
export function orderNumberOf(orc: Segment): string | undefined {
  return orc.text(2) ?? orc.text(3);
}

/** What an ORC says became of an order. */
function orderStatusOf(orc: Segment | undefined): string | undefined {
  if (orc === undefined) return undefined;
  return ORDER_STATUSES.get((orc.text(5) ?? '').toUpperCase()) ?? ORDER_CONTROLS.get((orc.text(1) ?? '').toUpperCase());
}

/** An ordered service: OBR under its ORC. */
export function readOrder(obr: Segment, orc: Segment | undefined, settings: Settings, log: IssueLog): FactChange | undefined {
  const { code, text } = codedAt(obr, 4);
  const number = (orc === undefined ? undefined : orderNumberOf(orc)) ?? obr.text(2) ?? obr.text(3);
  const name = text ?? code;
  if (number === undefined && name === undefined) return undefined;
  const at = orderTime(orc, settings, log) ?? timeAt(obr, 6, settings.zone, log);
  const value = compact<SnapshotOrder>({ code, text: name, status: orderStatusOf(orc), at });
  return { list: 'orders', key: orderKey(number, name), act: 'merge', value, at: obr.at };
}

/** An ORC by itself, which may change the state of an order told earlier. */
export function readOrderState(orc: Segment, settings: Settings, log: IssueLog): FactChange | undefined {
  const number = orderNumberOf(orc);
  if (number === undefined) return undefined;
  const value = compact<SnapshotOrder>({ status: orderStatusOf(orc), at: orderTime(orc, settings, log) });
  return { list: 'orders', key: orderKey(number, undefined), act: 'merge', value, at: orc.at };
}

function orderKey(number: string | undefined, name: string | undefined): string {
  return number === undefined ? `|${name ?? ''}` : `${number}|`;
}

function orderTime(orc: Segment | undefined, { zone }: Settings, log: IssueLog): string | undefined {
  return orc === undefined ? undefined : timeAt(orc, 9, zone, log);
}

/** A medicine ordered: RXO-1 or RXE-2. */
export function readMedication(segment: Segment, orc: Segment | undefined): FactChange | undefined {
  const drug = codedAt(segment, segment.type === 'RXO' ? 1 : 2);
  const text = drug.text ?? drug.code;
  if (text === undefined) return undefined;
  const number = orc === undefined ? undefined : orderNumberOf(orc);
  const value = compact<SnapshotMedication>({ text, code: drug.code, status: orderStatusOf(orc) ?? 'ordered' });
  return { list: 'medications', key: `${number ?? ''}|${drug.code ?? text}`, act: 'merge', value, at: segment.at };
}
