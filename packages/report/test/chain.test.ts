import { describe, expect, test } from 'vitest';
import { type NextReport, type Report, nextInChain, priorityOf } from '../src/index.js';
import { fullReport } from './full-report.js';

const first: Report = { ...fullReport, chain: { id: 'rpt_first', sequence: 1, replaces: null }, reportId: 'rpt_first' };
const next = (kind: NextReport['kind'], changes: NextReport['changes'] = {}): NextReport => ({
  reportId: 'rpt_next',
  kind,
  createdAt: '2026-11-23T09:00:00+08:00',
  changes,
});

describe('the next report of a chain', () => {
  test('keeps chain, mode, facility and child, and takes no number or finding over', () => {
    const report = nextInChain(first, next('follow-up', { childWishes: '想见外婆' }));
    expect(report).toMatchObject({
      reportId: 'rpt_next',
      kind: 'follow-up',
      mode: 'production',
      chain: { id: 'rpt_first', sequence: 2, replaces: null },
      patient: fullReport.patient,
      facility: fullReport.facility,
      contactPlan: fullReport.contactPlan,
      childWishes: '想见外婆',
    });
    expect(report).not.toHaveProperty('number');
    expect(report).not.toHaveProperty('suspicion');
    expect(nextInChain(report, next('follow-up')).chain).toEqual({ id: 'rpt_first', sequence: 3, replaces: null });
  });

  test('starts the chain at the report itself where that had none', () => {
    const { chain: _chain, ...bare } = first;
    expect(nextInChain(bare, next('follow-up')).chain).toEqual({ id: 'rpt_first', sequence: 2, replaces: null });
  });

  test('names the report that a correction or an error-notice speaks of', () => {
    expect(nextInChain(first, next('correction')).chain?.replaces).toBe('rpt_first');
    const notice = nextInChain(first, { ...next('error-notice'), errorReason: 'wrong-patient' });
    expect(notice).toMatchObject({ errorReason: 'wrong-patient', priority: 'urgent', chain: { replaces: 'rpt_first' } });
  });

  test('an error-notice without a reason is refused', () => {
    expect(() => nextInChain(first, next('error-notice'))).toThrow(
      expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at: 'errorReason' }),
    );
  });
});

describe('the priority of a report', () => {
  test('is urgent for every initial report and error-notice, whatever the report says', () => {
    expect(priorityOf({ ...first, priority: 'routine' })).toBe('urgent');
    expect(priorityOf({ ...first, kind: 'error-notice' })).toBe('urgent');
  });

  test('is routine for a correction and for a follow-up that changes neither whereabouts nor danger', () => {
    expect(priorityOf({ ...first, kind: 'correction' }, first)).toBe('routine');
    expect(nextInChain(first, next('follow-up', { needs: ['interpreter'] })).priority).toBe('routine');
    expect(nextInChain(first, next('follow-up', { whereabouts: first.whereabouts ?? {}, safety: first.safety ?? {} })).priority).toBe(
      'routine',
    );
  });

  test.each<[string, NextReport['changes']]>([
    ['the child has left', { whereabouts: { status: 'left' } }],
    ['the child is with somebody else', { whereabouts: { ...first.whereabouts, withWhom: '随行者壬' } }],
    ['danger is at hand', { safety: { immediateDanger: 'yes' } }],
    ['home is not safe', { safety: { ...first.safety, safeToGoHome: 'no' } }],
    ['more children are at risk', { safety: { otherChildrenAtRisk: { count: 2 } } }],
  ])('is urgent for a follow-up that says %s', (_name, changes) => {
    expect(nextInChain(first, next('follow-up', changes)).priority).toBe('urgent');
  });

  test('without the report before it, anything said of whereabouts or danger counts as a change', () => {
    const { whereabouts: _where, safety: _safety, ...silent } = first;
    expect(priorityOf({ ...silent, kind: 'follow-up' })).toBe('routine');
    expect(priorityOf({ ...silent, kind: 'follow-up', whereabouts: { status: 'unknown' } })).toBe('routine');
    expect(priorityOf({ ...silent, kind: 'follow-up', whereabouts: { status: 'left' } })).toBe('urgent');
  });
});
