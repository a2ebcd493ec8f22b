import { describe, expect, it } from 'vitest';
import { fallen } from '../scripts/floors.js';
import { isPrompt, projectRecords, readLabelled } from '../scripts/labelled.js';
import { measureAll, readFloors } from '../scripts/measures.js';
import { NOW, detector } from './support.js';

/** A thousand records on a busy machine. */
const DEADLINE = { timeout: 180_000 };

describe('the labelled records', () => {
  it('are prompted and left alone as labelled, in every situation, voice and rule as often as its floor says', DEADLINE, () => {
    expect(projectRecords().length).toBeGreaterThanOrEqual(1_100);
    const measures = measureAll(detector);
    expect(fallen(measures, readFloors())).toEqual([]);
    // A rule without a floor could fall unseen: `pnpm eval:detection --raise` gives it one.
    const unheld = [...measures.keys()].filter((name) => name.startsWith('rule') && readFloors()[name] === undefined);
    expect(unheld).toEqual([]);
  });

  it('of ordinary children, thirty archetypes in ten wordings each, give no red and no orange', DEADLINE, () => {
    const records = readLabelled(new URL('../../packs/cases/must-stay-quiet/records.jsonl', import.meta.url));
    expect(records.length).toBe(300);
    const loud = records.filter(({ encounter }) => isPrompt(detector.assess(encounter, { now: NOW }).level));
    expect(loud.map(({ id }) => id)).toEqual([]);
  });
});
