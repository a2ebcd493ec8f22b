import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fallen, raised } from '../scripts/floors.js';
import type { Measure } from '../scripts/measures.js';

const measures = (entries: Record<string, Measure>): Map<string, Measure> => new Map(Object.entries(entries));

describe('the floors of the labelled records', () => {
  it('name what is below one of them, and what is not measured any more', () => {
    const floors = { 'all: found': 90, 'file a.jsonl: found': 0.9, 'situation 8: found': 20, 'rule R-BG-01: its cases': 1 };
    const measured = measures({
      'all: found': { right: 90, of: 140 },
      'file a.jsonl: found': { right: 89, of: 100 },
      'rule R-BG-01: its cases': { right: 12, of: 13 },
    });
    expect(fallen(measured, floors)).toEqual([
      'file a.jsonl: found: 89 of 100 is below 0.9',
      'situation 8: found: has a floor of 20 and is not measured any more',
      'rule R-BG-01: its cases: 12 of 13 is below 1',
    ]);
  });

  it('only rise, whatever is measured, and hold what they were raised by', () => {
    const name = fc.constantFrom('all: found', 'file a.jsonl: left alone', 'rule R-BG-01: its cases', 'must stay quiet: left alone');
    const measure = fc.nat({ max: 400 }).chain((right) => fc.integer({ min: Math.max(1, right), max: 500 }).map((of) => ({ right, of })));
    const floor = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
    fc.assert(
      fc.property(fc.dictionary(name, measure), fc.dictionary(name, floor), (measured, before) => {
        const after = raised(measures(measured), before);
        for (const [key, old] of Object.entries(before)) expect(after[key], key).toBeGreaterThanOrEqual(old);
        const fresh = raised(measures(measured), {});
        expect(fallen(measures(measured), fresh)).toEqual([]);
        expect(raised(measures(measured), after)).toEqual(after);
      }),
    );
  });

  it('let somebody add records that are missed, and none that are found make up for a file that falls', () => {
    const before = { 'all: found': { right: 100, of: 100 }, 'file a.jsonl: found': { right: 100, of: 100 } };
    const floors = raised(measures(before), {});
    const harder = {
      'all: found': { right: 120, of: 200 },
      'file a.jsonl: found': { right: 100, of: 100 },
      'file b.jsonl: found': { right: 20, of: 100 },
    };
    expect(fallen(measures(harder), floors)).toEqual([]);
    const worse = { ...harder, 'file a.jsonl: found': { right: 98, of: 100 } };
    expect(fallen(measures(worse), floors)).toEqual(['file a.jsonl: found: 98 of 100 is below 0.99']);
  });

  it('leave one labelled record to doubt, and no case of a rule', () => {
    const found = {
      'all: found': { right: 100, of: 100 },
      'file a.jsonl: found': { right: 100, of: 100 },
      'rule R-BG-01: its cases': { right: 13, of: 13 },
    };
    expect(raised(measures(found), {})).toEqual({ 'all: found': 99, 'file a.jsonl: found': 0.99, 'rule R-BG-01: its cases': 1 });
  });
});
