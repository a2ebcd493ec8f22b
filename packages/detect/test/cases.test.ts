import { describe, expect, it } from 'vitest';
import { caseFiles, detector, NOW, readCases } from './support.js';

for (const name of caseFiles().filter((file) => file !== 'quiet')) {
  describe(`${name}, by its cases`, () => {
    it.each(readCases(name).map((item) => [item.id, item.kind, item.why, item] as const))('%s (%s): %s', (_id, _kind, _why, item) => {
      const assessment = detector.assess(item.encounter, { now: NOW });
      const indication = assessment.indications.find(({ ruleId }) => ruleId === name);
      if (item.expect === null) expect(indication).toBeUndefined();
      else expect(indication).toMatchObject(withOthers(item.expect));
    });
  });
}

/** What lowers an indication is named; how the whole record reads may lower it too. */
function withOthers({ suppressedBy, ...others }: Record<string, unknown>): object {
  return suppressedBy === undefined ? others : { ...others, suppressedBy: expect.arrayContaining(suppressedBy as string[]) };
}

describe('ordinary children stay quiet', () => {
  it.each(readCases('quiet').map((item) => [item.id, item.why, item] as const))('%s: %s', (_id, _why, item) => {
    const { level } = detector.assess(item.encounter, { now: NOW });
    expect(['none', 'yellow']).toContain(level);
  });
});
