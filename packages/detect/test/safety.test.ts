import { describe, expect, it } from 'vitest';
import { createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
import { NOW, detector } from './support.js';

const BEATEN = '被继父用皮带抽打';

function assessOf(birthDate: string | undefined, text = BEATEN, by = detector): ReturnType<typeof detector.assess> {
  const patient = birthDate === undefined ? {} : { birthDate };
  return by.assess(
    { id: 'V1', period: { start: '2026-06-15T10:00:00+08:00' }, patient, notes: [{ section: 'present-illness', text }] },
    { now: NOW },
  );
}

describe('the safety nets', () => {
  it('on the 18th birthday itself the child is still under 18; from the day after nothing prompts', () => {
    expect(assessOf('2008-06-15').level).toBe('red');
    expect(assessOf('2008-06-14')).toMatchObject({ minor: 'no', level: 'none', indications: [] });
  });

  it('without any age it prompts only where the record says this is a child, and says that the age is unknown', () => {
    const adult = assessOf(undefined);
    expect([adult.minor, adult.level]).toEqual(['unknown', 'none']);
    expect(adult.issues.map(({ code }) => code)).toEqual(expect.arrayContaining(['BIRTH_DATE_UNKNOWN', 'RULE_UNDECIDED']));
    const child = assessOf(undefined, `患儿${BEATEN}`);
    expect(child.level).not.toBe('none');
    expect(child.indications.flatMap(({ asks }) => asks)).toContain('BIRTH_DATE_UNKNOWN');
  });

  it('a rule that throws takes no other with it, and that it failed is said', () => {
    const broken = {
      [Symbol.iterator](): never {
        throw new Error('broken');
      },
    } as unknown as readonly string[];
    const [spoken] = assessOf('2016-01-01').indications;
    const pack = {
      ...nationalRulePack,
      rules: [
        ...nationalRulePack.rules,
        ...nationalRulePack.rules.filter(({ id }) => id === spoken?.ruleId).map((rule) => ({ ...rule, id: 'R-ZZ-01', legalBasis: broken })),
      ],
    };
    const assessment = assessOf('2016-01-01', BEATEN, createDetector({ pack }));
    expect(assessment.indications).toContainEqual(spoken);
    expect(assessment.issues).toContainEqual({ code: 'RULE_UNDECIDED', severity: 'error', at: 'rules.R-ZZ-01' });
  });
});
