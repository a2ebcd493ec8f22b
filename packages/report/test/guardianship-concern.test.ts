import type { TriState } from '@zhida/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Report, guardianshipConcern, readReport } from '../src/index.js';

/** A girl of 13, brought by her mother, whom nothing points to, and who can go home. */
const calm: Report = {
  schemaVersion: '1',
  reportId: 'rpt_1',
  mode: 'test',
  kind: 'initial',
  createdAt: '2026-11-22T21:00:00+08:00',
  facility: { name: '云溪县人民医院' },
  patient: { name: '测试童甲', sex: 'female', birthDate: '2013-03-18' },
  companions: [{ relationship: '母亲', name: '监护者丁', isGuardian: 'yes', mayBeInvolved: 'no' }],
  suspicion: { situations: ['opinion-2020:4.2'] },
  safety: { immediateDanger: 'no', safeToGoHome: 'yes' },
};
const stranger = { name: '随行者丙', isGuardian: 'unknown', mayBeInvolved: 'unknown' } as const;
const teacher = { relationship: '老师', name: '随行者丙', isGuardian: 'no', mayBeInvolved: 'no' } as const;

describe('guardianship is in question (e3)', () => {
  test.each<[string, Partial<Report>]>([
    ['an abandoned child (4.6)', { suspicion: { situations: ['opinion-2020:4.6'] } }],
    ['a child of unknown origin (4.7)', { suspicion: { situations: ['opinion-2020:4.7'] } }],
    ['a child made to beg (4.8)', { suspicion: { situations: ['opinion-2020:4.8'] } }],
    ['abandonment as a kind of harm', { suspicion: { harmTypes: ['abandonment'] } }],
    ['a newborn given up', { suspicion: { localSituations: ['local:newborn-relinquished'] } }],
    ['an alleged person with the duty of a guardian', { allegedPersons: [{ specialDuty: 'guardian' }] }],
    ['an alleged stepfather by code', { allegedPersons: [{ relationship: '57' }] }],
    ['an alleged uncle by word', { allegedPersons: [{ relationship: '舅舅' }] }],
    ['a possibly involved mother', { companions: [{ relationship: '52', mayBeInvolved: 'yes' }] }],
    ['a possibly involved guardian who is no relative', { companions: [{ relationship: '99', isGuardian: 'yes', mayBeInvolved: 'yes' }] }],
    ['a home that is not safe', { safety: { safeToGoHome: 'no' } }],
    ['nobody beside the child and no guardian on record', { companions: [], guardians: [] }],
    [
      'a guardian without a telephone and a teacher beside the child',
      { companions: [teacher], guardians: [{ relationship: '父亲', name: '丁' }] },
    ],
    ['a need for temporary guardianship', { needs: ['temporary-guardianship'] }],
    ['a need for shelter', { needs: ['shelter'] }],
    ['nobody who can consent', { needs: ['consent-gap'] }],
  ])('with %s', (_name, changes) => {
    expect(guardianshipConcern({ ...calm, ...changes })).toBe(true);
  });

  test.each<[string, Partial<Report>]>([
    ['nothing points to it', {}],
    ['the alleged person was met online', { allegedPersons: [{ relationship: '网友', specialDuty: 'none' }] }],
    ['the alleged person is not known', { allegedPersons: [{ known: 'no' }] }],
    ['a guardian can be called', { companions: [teacher], guardians: [{ relationship: '父亲', phone: '0000-3300003' }] }],
    ['other needs are named', { needs: ['psychological', 'interpreter'] }],
    [
      'nothing was said of guardians or companions of a girl of 15',
      { companions: undefined as never, patient: { birthDate: '2011-01-01' } },
    ],
    ['nobody has asked whether home is safe', { safety: {} }],
  ])('is false where %s', (_name, changes) => {
    expect(guardianshipConcern({ ...calm, ...changes })).toBe(false);
  });
});

describe('an unknown answer counts like a yes', () => {
  test.each<[string, Partial<Report>]>([
    ['danger is at hand and home may not be safe', { safety: { immediateDanger: 'yes', safeToGoHome: 'unknown' } }],
    ['danger is at hand and nobody asked about home', { safety: { immediateDanger: 'yes' } }],
    [
      'danger is at hand and the mother may be involved',
      { safety: { immediateDanger: 'yes', safeToGoHome: 'yes' }, companions: [{ relationship: '52', mayBeInvolved: 'unknown' }] },
    ],
    [
      'danger is at hand and the alleged person is not known',
      { safety: { immediateDanger: 'yes', safeToGoHome: 'yes' }, allegedPersons: [{ known: 'no' }] },
    ],
    ['a child under 14 came with somebody unidentified', { companions: [stranger] }],
    [
      'a child under 14 came with somebody who only claims to be of the family',
      { companions: [{ ...stranger, relationship: '自称亲属' }] },
    ],
    ['the age cannot be told and the companion is unidentified', { companions: [stranger], patient: { name: '不详' } }],
  ])('when %s', (_name, changes) => {
    expect(guardianshipConcern({ ...calm, ...changes })).toBe(true);
  });

  test.each<[string, Partial<Report>]>([
    ['danger is at hand but every answer is known', { safety: { immediateDanger: 'yes', safeToGoHome: 'yes' } }],
    ['danger is not known', { safety: { immediateDanger: 'unknown', safeToGoHome: 'unknown' } }],
    ['a child of 15 came with somebody unidentified', { companions: [stranger], patient: { birthDate: '2011-01-01' } }],
    [
      'the companion is unidentified on the day after the fourteenth birthday',
      { companions: [stranger], patient: { birthDate: '2012-11-21' } },
    ],
  ])('but not when %s', (_name, changes) => {
    expect(guardianshipConcern({ ...calm, ...changes })).toBe(false);
  });

  test('on the fourteenth birthday itself a child is still under 14', () => {
    expect(guardianshipConcern({ ...calm, companions: [stranger], patient: { birthDate: '2012-11-22' } })).toBe(true);
  });

  test('worse answers never end the concern', () => {
    const answer = fc.constantFrom<TriState>('yes', 'no', 'unknown');
    fc.assert(
      fc.property(answer, answer, answer, (immediateDanger, mayBeInvolved, isGuardian) => {
        const companions = [{ relationship: '52', mayBeInvolved, isGuardian }];
        const asked = { ...calm, companions, safety: { immediateDanger, safeToGoHome: 'unknown' as const } };
        const worse = { ...asked, safety: { immediateDanger: 'yes' as const, safeToGoHome: 'no' as const } };
        return !guardianshipConcern(asked) || guardianshipConcern(worse);
      }),
    );
  });

  test('every report that can be read has an answer', () => {
    fc.assert(fc.property(fc.jsonValue(), (input) => typeof guardianshipConcern(readReport(input).report) === 'boolean'));
  });
});
