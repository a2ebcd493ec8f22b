import { describe, expect, it } from 'vitest';
import { createDetector } from '@zhida/detect';
import type { Issue } from '@zhida/core';
import { nationalRulePack } from '@zhida/packs';
import { createWork } from '../src/facts/work.js';
import { mentionsInSentences } from '../src/rules/in-sentences.js';
import type { Facts } from '../src/facts/facts.js';
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

  it('past the limit of work the rest is left unread, that is said, and what was found before stands, every time the same', () => {
    const plain = '咳'.repeat(190_000);
    const notes = [BEATEN, ...Array.from({ length: 30 }, () => plain), '性侵害待排'].map((text) => ({ section: 'present-illness', text }));
    const visit = { id: 'V1', period: { start: '2026-06-15T10:00:00+08:00' }, patient: { birthDate: '2016-01-01' }, notes };
    const before = detector.assess({ ...visit, notes: notes.slice(0, 1) }, { now: NOW });
    const after = detector.assess(visit, { now: NOW });
    expect(after.indications).toEqual(before.indications);
    expect(after.level).toBe('red');
    const [limit, ...others] = after.issues.filter(({ code }) => code === 'WORK_LIMIT_REACHED');
    expect([limit?.severity, others]).toEqual(['warning', []]);
    expect(limit?.at).toMatch(/^notes\[2\d\]\.text$/);
    expect(JSON.stringify(detector.assess(visit, { now: NOW }))).toBe(JSON.stringify(after));
  });

  it('counts the work of words and codes that are found, and names the first place it leaves unread, once', () => {
    const issues: Issue[] = [];
    const work = createWork(issues, 100);
    expect(work.mayRead('notes[0].text', 60)).toBe(true);
    work.spend(64);
    expect([work.mayRead('notes[1].text', 1), work.mayRead('notes[2].text', 1)]).toEqual([false, false]);
    expect(issues).toEqual([{ code: 'WORK_LIMIT_REACHED', severity: 'warning', at: 'notes[1].text' }]);
  });

  it('asks a sentence once however many words stand in it: a text without a full stop is one sentence', () => {
    const text = '没人管'.repeat(50);
    const mentions = Array.from({ length: 50 }, (_, index) => ({ document: 0, sentence: 0, start: index * 3, end: index * 3 + 3 }));
    const clauses = { clauses: [{ start: 0, end: text.length, sentence: 0 }] };
    const facts = { documents: [{ text, clauses }], mentions: new Map([[7, mentions]]) } as unknown as Facts;
    let asked = 0;
    const found = mentionsInSentences(facts, 7, new Uint16Array(65536), ({ start, end }) => {
      asked += 1;
      return end - start === text.length;
    });
    expect([found.length, asked]).toEqual([50, 1]);
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
