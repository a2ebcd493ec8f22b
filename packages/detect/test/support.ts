import { readFileSync, readdirSync } from 'node:fs';
import type { EncounterSnapshot } from '@zhida/core';
import { type Assessment, type Detector, createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';

export const detector: Detector = createDetector({ pack: nationalRulePack });
export const NOW = Date.UTC(2026, 5, 15, 2);

export interface Case {
  readonly id: string;
  readonly kind: 'positive' | 'negative' | 'boundary';
  readonly why: string;
  /** Who writes like that, of a positive case written in somebody's voice. */
  readonly voice?: string;
  readonly expect: Record<string, unknown> | null;
  readonly encounter: EncounterSnapshot;
}

const CASES = new URL('../../packs/cases/', import.meta.url);

/** The cases of one rule, or of `quiet`. */
export function readCases(name: string): Case[] {
  return readFileSync(new URL(`${name}.cases.jsonl`, CASES), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);
}

export function caseFiles(): string[] {
  return readdirSync(CASES)
    .filter((file) => file.endsWith('.cases.jsonl'))
    .map((file) => file.replace('.cases.jsonl', ''))
    .sort();
}

/** One note of a girl of 12. */
export function assessNote(text: string, options: { section?: string; birthDate?: string; sex?: string } = {}): Assessment {
  const { section = 'present-illness', birthDate = '2014-01-01', sex = 'female' } = options;
  return detector.assess(
    { id: 'V1', period: { start: '2026-06-15T10:00:00+08:00' }, patient: { id: 'P1', sex, birthDate }, notes: [{ section, text }] },
    { now: NOW },
  );
}

export function ruleIds({ indications }: Assessment): string[] {
  return indications.map(({ ruleId }) => ruleId);
}

/** The value a path of evidence points at. */
export function valueAt(root: unknown, path: string): unknown {
  return path
    .split(/[.[\]]+/)
    .filter((step) => step !== '')
    .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], root);
}
