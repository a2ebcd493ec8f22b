import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NOW, detector } from './support.js';

interface LabelledRecord {
  readonly id: string;
  readonly gold?: { readonly level: string };
  readonly encounter: unknown;
}

function read(path: string): LabelledRecord[] {
  return readFileSync(new URL(`../../packs/cases/${path}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LabelledRecord);
}

const isPrompt = (level: string | undefined): boolean => level === 'red' || level === 'orange';

/** Floors only rise. */
const FLOORS = { sensitivity: 0.97, specificity: 0.985, levelRight: 0.9 };

describe('the labelled records', () => {
  it('are prompted and left alone as labelled, at least as often as the floors say', () => {
    const records = ['records', 'records-2', 'records-3'].flatMap((name) => read(`held-back/${name}.jsonl`));
    const judged = records.map(({ gold, encounter }) => ({ gold: gold?.level, got: detector.assess(encounter, { now: NOW }).level }));
    const positive = judged.filter(({ gold }) => isPrompt(gold));
    const negative = judged.filter(({ gold }) => !isPrompt(gold));
    const found = positive.filter(({ got }) => isPrompt(got));
    expect(records.length).toBeGreaterThanOrEqual(180);
    expect(found.length / positive.length).toBeGreaterThanOrEqual(FLOORS.sensitivity);
    expect(negative.filter(({ got }) => !isPrompt(got)).length / negative.length).toBeGreaterThanOrEqual(FLOORS.specificity);
    expect(found.filter(({ gold, got }) => gold === got).length / positive.length).toBeGreaterThanOrEqual(FLOORS.levelRight);
  });

  it('of ordinary children, thirty archetypes in ten wordings each, give no red and no orange', () => {
    const records = read('must-stay-quiet/records.jsonl');
    expect(records.length).toBe(300);
    const loud = records.filter(({ encounter }) => isPrompt(detector.assess(encounter, { now: NOW }).level));
    expect(loud.map(({ id }) => id)).toEqual([]);
  });
});
