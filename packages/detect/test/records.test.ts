import { describe, expect, it } from 'vitest';
import { isPrompt, projectRecords, readLabelled } from '../scripts/labelled.js';
import { NOW, detector } from './support.js';

/** Floors only rise. They hold the pack to what it was tuned on; what it does on wording nobody has seen stands beside the records. */
const FLOORS = { sensitivity: 0.99, specificity: 0.99, levelRight: 0.9 };

/** A thousand records on a busy machine. */
const DEADLINE = { timeout: 180_000 };

describe('the labelled records', () => {
  it('are prompted and left alone as labelled, at least as often as the floors say', DEADLINE, () => {
    const records = projectRecords();
    const judged = records.map(({ gold, encounter }) => ({ gold: gold.level, got: detector.assess(encounter, { now: NOW }).level }));
    const positive = judged.filter(({ gold }) => isPrompt(gold));
    const negative = judged.filter(({ gold }) => !isPrompt(gold));
    const found = positive.filter(({ got }) => isPrompt(got));
    expect(records.length).toBeGreaterThanOrEqual(1_100);
    expect(found.length / positive.length).toBeGreaterThanOrEqual(FLOORS.sensitivity);
    expect(negative.filter(({ got }) => !isPrompt(got)).length / negative.length).toBeGreaterThanOrEqual(FLOORS.specificity);
    expect(found.filter(({ gold, got }) => gold === got).length / positive.length).toBeGreaterThanOrEqual(FLOORS.levelRight);
  });

  it('of ordinary children, thirty archetypes in ten wordings each, give no red and no orange', DEADLINE, () => {
    const records = readLabelled(new URL('../../packs/cases/must-stay-quiet/records.jsonl', import.meta.url));
    expect(records.length).toBe(300);
    const loud = records.filter(({ encounter }) => isPrompt(detector.assess(encounter, { now: NOW }).level));
    expect(loud.map(({ id }) => id)).toEqual([]);
  });
});
