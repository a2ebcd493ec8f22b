import { describe, expect, it } from 'vitest';
import type { ConditionTrace } from '@zhida/detect';
import { NOW, caseFiles, detector, readCases } from './support.js';

/** Thousands of assessments: a busy machine needs longer than the rest of the tests. */
const A_WHILE = 120_000;

function encounter(text: string, birthDate: string | undefined = '2016-01-01'): object {
  return {
    id: 'V1',
    period: { start: '2026-06-15T10:00:00+08:00' },
    patient: { birthDate },
    notes: [{ section: 'present-illness', text }],
  };
}

describe('why a rule spoke or kept silent', () => {
  it(
    'answers as the assessment does, for every case of every rule',
    () => {
      for (const ruleId of caseFiles().filter((name) => name.startsWith('R-'))) {
        for (const item of readCases(ruleId)) {
          const { indication, condition, stoppedBy } = detector.explain(item.encounter, { now: NOW, ruleId });
          const found = detector.assess(item.encounter, { now: NOW }).indications.find((candidate) => candidate.ruleId === ruleId);
          expect(indication, item.id).toEqual(found ?? null);
          // What was left unread would not have made it hold: the record is read in full here.
          if (stoppedBy === null) expect(condition?.holds === 'no', item.id).toBe(found === undefined);
        }
      }
    },
    A_WHILE,
  );

  it('shows the words that were seen and why they count for nothing', () => {
    const { indication, sightings, condition } = detector.explain(encounter('否认被继父殴打。'), { now: NOW, ruleId: 'R-EX-04' });
    expect([indication, condition?.holds]).toEqual([null, 'no']);
    expect(sightings.length).toBeGreaterThan(0);
    for (const { standing, at, start, end, text } of sightings) {
      expect([standing, at]).toEqual(['denied', 'notes[0].text']);
      expect('否认被继父殴打。'.slice(start, end)).toBe(text);
    }
  });

  it('names the part that failed: past the 18th birthday it is the age', () => {
    const of = (birthDate: string): [string | null, string | undefined] => {
      const { stoppedBy, condition } = detector.explain(encounter('被继父用皮带抽打', birthDate), { now: NOW, ruleId: 'R-EX-04' });
      return [stoppedBy, condition?.holds];
    };
    expect(of('2008-06-15')).toEqual([null, 'yes']);
    expect(of('2008-06-14')[0]).toBe('of-age');
  });

  it('gives a part of every condition an answer, down to single facts', () => {
    const leaves = (trace: ConditionTrace): ConditionTrace[] => (trace.parts.length === 0 ? [trace] : trace.parts.flatMap(leaves));
    const { condition } = detector.explain(encounter('咳嗽3天'), { now: NOW, ruleId: 'R-BR-01' });
    expect(condition).not.toBeNull();
    for (const leaf of condition === null ? [] : leaves(condition)) expect(leaf.condition).toBeDefined();
  });

  it('refuses a rule the pack does not have, and says so of a record it cannot read', () => {
    expect(() => detector.explain(encounter('咳嗽'), { now: NOW, ruleId: 'R-XX-99' })).toThrow(
      expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }) as Error,
    );
    expect(detector.explain(null, { now: NOW, ruleId: 'R-EX-04' }).stoppedBy).toBe('unreadable');
  });
});
