import { type Json, canonicalBytes, isRecord } from '@zhida/core';
import { listAt, textAt } from './body.js';

/** What an inbox row says about a report before it is opened. No name, no number, no address. */
export interface Summary {
  readonly facility: string;
  readonly sex: string;
  readonly birthDate: string;
  readonly statedAge: string;
  readonly ageBand: string;
  /** `in-facility`, `left`, `transferred`, `deceased`, `unknown`, or `''` when the view does not say. */
  readonly whereabouts: string;
  /** Whether somebody with the child may be involved: `yes`, `no`, `unknown`, or `''` when the view does not say. */
  readonly companionInvolved: string;
  readonly immediateDanger: string;
}

/** Takes the words of an inbox row out of a view. */
export function summarise(body: Json): Summary {
  return {
    facility: textAt(body, 'facility.name'),
    sex: textAt(body, 'patient.sex'),
    birthDate: textAt(body, 'patient.birthDate'),
    statedAge: textAt(body, 'patient.statedAge'),
    ageBand: textAt(body, 'patient.ageBand'),
    whereabouts: textAt(body, 'whereabouts.status'),
    companionInvolved: companionInvolved(listAt(body, 'companions')),
    immediateDanger: textAt(body, 'safety.immediateDanger'),
  };
}

/** The bytes a store keeps sealed. */
export function summaryBytes(summary: Summary): Uint8Array {
  return canonicalBytes(summary);
}

/** Reads {@link summaryBytes} back; what an older version did not write is empty. */
export function readSummary(bytes: Uint8Array): Summary {
  const parsed = JSON.parse(new TextDecoder().decode(bytes)) as Json;
  const text = (name: keyof Summary): string => textAt(parsed, name);
  return {
    facility: text('facility'),
    sex: text('sex'),
    birthDate: text('birthDate'),
    statedAge: text('statedAge'),
    ageBand: text('ageBand'),
    whereabouts: text('whereabouts'),
    companionInvolved: text('companionInvolved'),
    immediateDanger: text('immediateDanger'),
  };
}

/** One possible suspect among several companions decides the row; silence about anyone leaves it open. */
function companionInvolved(companions: readonly Json[]): string {
  const answers = companions.filter(isRecord).map((companion) => textAt(companion, 'mayBeInvolved') || 'unknown');
  if (answers.length === 0) return '';
  if (answers.includes('yes')) return 'yes';
  return answers.every((answer) => answer === 'no') ? 'no' : 'unknown';
}
