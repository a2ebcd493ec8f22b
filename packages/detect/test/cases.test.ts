import { describe, expect, it } from 'vitest';
import { caseFiles, detector, NOW, readCases } from './support.js';

for (const name of caseFiles().filter((file) => file !== 'quiet')) {
  describe(`${name}, by its cases`, () => {
    it.each(readCases(name).map((item) => [item.id, item.kind, item.why, item] as const))('%s (%s): %s', (_id, _kind, _why, item) => {
      const assessment = detector.assess(item.encounter, { now: NOW });
      const indication = assessment.indications.find(({ ruleId }) => ruleId === name);
      if (item.expect === null) expect(indication).toBeUndefined();
      else expect(indication).toMatchObject(item.expect);
    });
  });
}

describe('ordinary children stay quiet', () => {
  it.each(readCases('quiet').map((item) => [item.id, item.why, item] as const))('%s: %s', (_id, _why, item) => {
    const { level } = detector.assess(item.encounter, { now: NOW });
    expect(['none', 'yellow']).toContain(level);
  });
});
