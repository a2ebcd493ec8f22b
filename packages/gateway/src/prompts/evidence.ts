import { checkResidentId, type EncounterSnapshot, parseInstant } from '@zhida/core';
import type { Evidence } from '@zhida/detect';
import type { PromptTexts } from '../locales/locale.js';

/** One line of `提示依据`: what was found, in the words of the chart, with its source and time. */
export interface EvidenceLine {
  readonly label: string;
  readonly value: string;
  readonly source: string;
  readonly at: string;
}

type Describe = (snapshot: EncounterSnapshot, index: number, evidence: Evidence, texts: PromptTexts) => EvidenceLine;

const PATH = /^(\w+)(?:\[(\d+)\])?(?:\.(\w+))?/;
const CLAUSE_END = /[。；;！!？?，,、\r\n]/;
/** UTF-16 code units kept on either side of a finding in a clause that does not end. */
const CONTEXT_LENGTH = 30;
/** UTF-16 code units of one value: an imaging report may come as the value of a result. */
const VALUE_LENGTH_MAX = 160;
/** With the `u` flag a pair is one code point, so this finds only the halves that cutting leaves. */
const HALF_SURROGATE = /\p{Surrogate}/gu;

const DESCRIBE: Readonly<Record<string, Describe>> = {
  notes: (snapshot, index, evidence, texts) => {
    const note = snapshot.notes?.[index];
    const author = note?.author ?? '';
    return {
      label: texts.evidence.notes[note?.section ?? 'other'],
      value: clauseAround(note?.text ?? '', evidence, texts.ellipsis),
      source: texts.authors[author] ?? author,
      at: note?.at ?? '',
    };
  },
  observations: (snapshot, index, evidence, texts) => {
    const { name, code, value, unit, performer = '', at = '' } = snapshot.observations?.[index] ?? {};
    const said =
      typeof value === 'string' && evidence.start !== undefined ? clauseAround(value, evidence, texts.ellipsis) : observed(value, texts);
    return { label: firstOf(name, code) || texts.evidence.observations, value: joined(said, unit), source: performer, at };
  },
  conditions: (snapshot, index, _evidence, texts) => {
    const { text, code } = snapshot.conditions?.[index] ?? {};
    return lineOf(texts.evidence.conditions, joined(text, code));
  },
  procedures: (snapshot, index, _evidence, texts) => {
    const { text, code, at } = snapshot.procedures?.[index] ?? {};
    return lineOf(texts.evidence.procedures, joined(text, code), at);
  },
  orders: (snapshot, index, _evidence, texts) => {
    const { text, code, at } = snapshot.orders?.[index] ?? {};
    return lineOf(texts.evidence.orders, firstOf(text, code), at);
  },
  medications: (snapshot, index, _evidence, texts) => {
    const { text, code } = snapshot.medications?.[index] ?? {};
    return lineOf(texts.evidence.medications, firstOf(text, code));
  },
  patient: ({ patient }, _index, { at }, texts) => {
    if (at.startsWith('patient.identifiers')) return lineOf(texts.evidence.identifiers, bornById(patient));
    if (patient?.birthDate !== undefined) return lineOf(texts.evidence.birthDate, patient.birthDate);
    return lineOf(texts.evidence.statedAge, patient?.statedAge ?? '');
  },
};

/** Says one piece of evidence in the words of the chart. */
export function describeEvidence(snapshot: EncounterSnapshot, evidence: Evidence, texts: PromptTexts): EvidenceLine {
  const [, list = '', position = '0'] = PATH.exec(evidence.at) ?? [];
  const describe = Object.hasOwn(DESCRIBE, list) ? DESCRIBE[list] : undefined;
  const line = describe?.(snapshot, Number(position), evidence, texts) ?? lineOf(texts.evidence.other, evidence.text ?? '');
  return { ...line, value: shortened(line.value, texts.ellipsis), at: instantText(line.at) };
}

/** A browser reads a time without an offset in a zone of its own, and knows no leap second. A day stays a day. */
function instantText(at: string): string {
  const ms = at.includes(':') ? parseInstant(at) : undefined;
  return ms === undefined ? at : new Date(ms).toISOString();
}

/** Lines that say the same are said once. */
export function uniqueLines(lines: readonly EvidenceLine[]): EvidenceLine[] {
  const seen = new Set<string>();
  return lines.filter(({ label, value, at }) => {
    const name = JSON.stringify([label, value, at]);
    return value !== '' && !seen.has(name) && seen.add(name) !== undefined;
  });
}

/** The finding with the clause it stands in: a word alone would not tell a doctor what was written. */
function clauseAround(text: string, { start, end, text: found = '' }: Evidence, ellipsis: string): string {
  if (start === undefined || end === undefined || text === '') return found;
  let from = start;
  while (from > 0 && start - from < CONTEXT_LENGTH && !CLAUSE_END.test(text.charAt(from - 1))) from -= 1;
  let to = end;
  while (to < text.length && to - end < CONTEXT_LENGTH && !CLAUSE_END.test(text.charAt(to))) to += 1;
  const cutBefore = from > 0 && !CLAUSE_END.test(text.charAt(from - 1));
  const cutAfter = to < text.length && !CLAUSE_END.test(text.charAt(to));
  return `${cutBefore ? ellipsis : ''}${text.slice(from, to).trim()}${cutAfter ? ellipsis : ''}`;
}

function shortened(value: string, ellipsis: string): string {
  const cut = value.length <= VALUE_LENGTH_MAX ? value : `${value.slice(0, VALUE_LENGTH_MAX)}${ellipsis}`;
  return cut.replace(HALF_SURROGATE, '');
}

/** The birth date an identity number carries, never the number. */
function bornById(patient: EncounterSnapshot['patient']): string {
  for (const { value } of patient?.identifiers ?? []) {
    const check = checkResidentId(value);
    if (check.valid) return check.birthDate;
  }
  return '';
}

function observed(value: string | number | boolean | null | undefined, texts: PromptTexts): string {
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  return value === null || value === undefined ? '' : String(value);
}

function lineOf(label: string, value: string, at = ''): EvidenceLine {
  return { label, value, source: '', at };
}

function joined(...parts: readonly (string | null | undefined)[]): string {
  return parts.filter((part) => part !== null && part !== undefined && part !== '').join(' ');
}

function firstOf(...parts: readonly (string | undefined)[]): string {
  return parts.find((part) => part !== undefined && part !== '') ?? '';
}
