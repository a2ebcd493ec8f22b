import { type EncounterSnapshot, isNotDone } from '@zhida/core';
import { type EvidenceAct, nationalEvidenceActs } from '@zhida/packs';
import type { PromptRow } from './change.js';

const HOUR_MS = 3_600_000;

/** What is to be kept, and until when it is of use; a kind of evidence once, at its earliest. */
export interface ToKeep {
  /** A code of the report's kinds of evidence. */
  readonly kind: string;
  /** RFC 3339. */
  readonly volatileUntil: string;
}

/** What is ordered, or was done, after which evidence is thrown away or washed; ids of the pack's acts. */
export function evidenceActsIn({ orders = [], procedures = [], medications = [] }: EncounterSnapshot): string[] {
  const standing = [...orders, ...procedures, ...medications].filter(({ status }) => !isNotDone(status));
  const texts = standing.map(({ text = '' }) => text.toLowerCase());
  const codes = procedures.filter(({ status }) => !isNotDone(status)).map(({ code = '' }) => code);
  return nationalEvidenceActs.filter((act) => texts.some(isNamed(act)) || codes.some(isCoded(act))).map(({ id }) => id);
}

const isNamed =
  ({ terms, unless }: EvidenceAct) =>
  (text: string): boolean => {
    const rest = unless.reduce((left, phrase) => left.replaceAll(phrase, ' '), text);
    return terms.some((term) => rest.includes(term));
  };

const isCoded =
  ({ codes }: EvidenceAct) =>
  (code: string): boolean =>
    codes.some((start) => code.startsWith(start));

/** What a prompt asks to keep now. */
export function toKeep({ keep_acts: ids, keep_at: since }: Pick<PromptRow, 'keep_acts' | 'keep_at'>): ToKeep[] {
  const asking = nationalEvidenceActs.filter(({ id }) => since !== null && ids.includes(id)).toSorted(byDeadline);
  const kinds = new Map<string, ToKeep>();
  for (const { kinds: all, deadlineHours } of asking) {
    const volatileUntil = new Date((since?.getTime() ?? 0) + deadlineHours * HOUR_MS).toISOString();
    for (const kind of all) if (!kinds.has(kind)) kinds.set(kind, { kind, volatileUntil });
  }
  return [...kinds.values()];
}

function byDeadline(a: EvidenceAct, b: EvidenceAct): number {
  return a.deadlineHours - b.deadlineHours;
}
