import { describe, expect, it } from 'vitest';
import { nationalRulePack } from '@zhida/packs';
import { type Case, caseFiles, detector, NOW, readCases } from './support.js';

/** Who writes: the eight voices in which every rule must be heard, five of them at least. */
const VOICES = new Set([
  'county-triage-nurse',
  'township-doctor',
  'paediatric-resident',
  'gynaecologist',
  'emergency-surgeon',
  'intensive-care',
  'school-clinic',
  'international-hospital',
]);
const EACH_MIN = 5;

const isOfMinor = ({ encounter }: Case): boolean => detector.assess(encounter, { now: NOW }).minor !== 'no';
const wordsOf = ({ encounter }: Case): string =>
  JSON.stringify([encounter.notes?.map(({ text }) => text), encounter.conditions, encounter.history]);

describe('the cases of every rule', () => {
  const rules = nationalRulePack.rules.map(({ id }) => id).sort();

  it('stand in a file of its name, and no file is of a rule that is none', () => {
    expect(caseFiles().filter((name) => name !== 'quiet')).toEqual(rules);
  });

  it.each(rules)('%s speaks in five voices, keeps quiet of five minors, and has a boundary', (rule) => {
    const cases = readCases(rule);
    const positive = cases.filter(({ kind }) => kind === 'positive');
    const voices = new Set(positive.flatMap(({ voice }) => voice ?? []));
    expect([...voices].filter((voice) => !VOICES.has(voice))).toEqual([]);
    expect(voices.size).toBeGreaterThanOrEqual(EACH_MIN);
    // Five texts of five writers, not one text five times.
    expect(new Set(positive.filter(({ voice }) => voice !== undefined).map(wordsOf)).size).toBeGreaterThanOrEqual(EACH_MIN);
    // A grown-up is no near miss: what keeps quiet must be a child's, or may be.
    expect(cases.filter((item) => item.kind === 'negative' && isOfMinor(item)).length).toBeGreaterThanOrEqual(EACH_MIN);
    expect(cases.filter(({ kind }) => kind === 'boundary').length).toBeGreaterThanOrEqual(1);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });
});
