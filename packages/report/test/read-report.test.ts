import { type Json, canonicalJson } from '@zhida/core';
import { Check } from 'typebox/value';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Report, leafPaths, readReport, renderView, reportSchema } from '../src/index.js';
import { REPORTER, fullReport } from './full-report.js';

/** Every promise of a reading, whatever came in. */
function expectTotal(input: unknown): void {
  const reading = readReport(input);
  expect(Check(reportSchema, reading.report)).toBe(true);
  // What is signed must have a canonical form: a report that cannot be rendered would be a lost report.
  canonicalJson(reading.report);
  canonicalJson(reading.unread ?? null);
  canonicalJson(renderView(reading.report, 'police', { unread: reading.unread }));
  const again = readReport(reading.report);
  expect(again.report).toEqual(reading.report);
  expect(again.unread).toBeUndefined();
}

const withoutMember = (path: string): unknown => {
  const copy = structuredClone(fullReport) as unknown as Record<string, unknown>;
  const keys = path.replaceAll('[]', '.0').split('.');
  const holder = keys.slice(0, -1).reduce<Record<string, unknown>>((value, key) => value[key] as Record<string, unknown>, copy);
  delete holder[keys.at(-1) ?? ''];
  return copy;
};

function withMember(path: string, value: unknown): unknown {
  const copy = structuredClone(fullReport) as unknown as Record<string, unknown>;
  const keys = path.replaceAll('[]', '.0').split('.');
  const holder = keys.slice(0, -1).reduce<Record<string, unknown>>((inner, key) => inner[key] as Record<string, unknown>, copy);
  holder[keys.at(-1) ?? ''] = value;
  return copy;
}

describe('INV-9 a report is read whatever it says', () => {
  test('INV-9 any JSON value is read, and what could not be used is kept', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (input) => expectTotal(input)),
      { numRuns: 500 },
    );
  });

  test('INV-9 any value at all is read, JSON or not', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true, withObjectString: true }),
        (input) => expectTotal(input),
      ),
      { numRuns: 500 },
    );
  });

  test('INV-9 a report whose members are each of any type is read', () => {
    const member = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('yes', '', null, 'unknown', 7, true, [], {}));
    const keys = Object.keys(reportSchema.properties);
    const report = fc.record(Object.fromEntries(keys.map((key) => [key, member])), { requiredKeys: [] });
    fc.assert(
      fc.property(report, (input) => expectTotal(input)),
      { numRuns: 500 },
    );
  });

  test.each(leafPaths())('INV-9 without %s the report is read, and no other member is lost', (path) => {
    const input = withoutMember(path);
    expectTotal(input);
    expect(readReport(input).unread).toBeUndefined();
  });

  test.each(leafPaths())('INV-9 a wrong type at %s is kept verbatim, beside everything else', (path) => {
    const wrong = { canary: ['不该在这里', 1] };
    const input = withMember(path, wrong);
    const { unread, issues, report } = readReport(input);
    const at = path.replaceAll('[]', '[0]');
    expect(unread).toEqual({ [at]: wrong });
    expect(issues).toContainEqual({ code: 'FIELD_WRONG_TYPE', severity: 'warning', at });
    expect(JSON.stringify(report)).not.toContain('不该在这里');
    expectTotal(input);
  });

  test('INV-9 every member absent gives a report of the minimum, each filled place listed', () => {
    const { report, issues, unread } = readReport({});
    expect(report).toEqual({
      schemaVersion: '1',
      reportId: 'unknown',
      mode: 'production',
      kind: 'initial',
      createdAt: 'unknown',
      facility: { code: 'unknown', name: '不详', dutyContact: { title: '总值班', phone: '不详' } },
      patient: { name: '不详' },
      whereabouts: { status: 'unknown' },
      suspicion: { observed: '不详' },
      issues,
    });
    expect(issues.every(({ code }) => code === 'VALUE_DEFAULTED')).toBe(true);
    expect(issues.map(({ at }) => at)).toEqual([
      'schemaVersion',
      'reportId',
      'mode',
      'kind',
      'createdAt',
      'facility.name',
      'facility.dutyContact.phone',
      'patient.name',
      'whereabouts.status',
      'suspicion.observed',
    ]);
    expect(unread).toBeUndefined();
  });

  test.each([[null], [undefined], ['文字'], [7], [[fullReport]]])(
    'INV-9 an input that is no object is a report of the minimum: %j',
    (input) => {
      const { report, issues, unread } = readReport(input);
      expect(report.patient?.name).toBe('不详');
      expect(issues[0]).toEqual({ code: 'FIELD_WRONG_TYPE', severity: 'error', at: '$' });
      expect(unread).toEqual(input === null || input === undefined ? undefined : { $: input });
    },
  );

  test('INV-9 nesting that would overflow a stack is kept as its text', () => {
    const depth = 200_000;
    const text = `${'{"a":['.repeat(depth)}"底"${']}'.repeat(depth)}`;
    const { unread } = readReport(JSON.parse(`{"patient":{"name":"x","odd":${text}},"needs":${'['.repeat(depth)}${']'.repeat(depth)}}`));
    const kept = canonicalJson(unread);
    expect(kept).toContain('底');
    expect(JSON.stringify((unread as Record<string, Json>)['needs[0]']).length).toBeGreaterThan(depth);
  });

  test('INV-9 a circle, a getter that throws and a proxy that throws are read', () => {
    const circle: Record<string, unknown> = { patient: { name: '甲' } };
    circle['self'] = circle;
    circle['needs'] = [circle];
    const trap = new Proxy({}, { ownKeys: () => { throw new Error('trap'); } }); // biome-ignore format: one line shows the trap
    expect(readReport(circle).report.patient?.name).toBe('甲');
    const thrown = { get patient(): never { throw new Error('getter'); } }; // biome-ignore format: one line shows the getter
    for (const hostile of [trap, thrown]) {
      expect(readReport(hostile).issues[0]).toEqual({ code: 'RESOURCE_UNREADABLE', severity: 'error', at: '$' });
    }
  });
});

describe('what a reading keeps', () => {
  test('the full report comes out as it went in', () => {
    const { report, unread } = readReport(fullReport);
    const { issues: _issues, ...content } = report;
    const { issues: _given, ...given } = fullReport;
    expect(content).toEqual(given);
    expect(unread).toBeUndefined();
  });

  test('a member nobody knows is kept under its path, and the issue tells neither its name nor its value', () => {
    const { unread, issues } = readReport({
      ...fullReport,
      张三的电话: '0000-1',
      patient: { ...fullReport.patient, 'a.b': 1, nick: '小甲' },
    });
    expect(unread).toEqual({ '["张三的电话"]': '0000-1', 'patient["a.b"]': 1, 'patient.nick': '小甲' });
    expect(issues.filter(({ code }) => code === 'VALUE_UNREAD')).toEqual([
      { code: 'VALUE_UNREAD', severity: 'warning', at: 'patient' },
      { code: 'VALUE_UNREAD', severity: 'warning', at: '$' },
    ]);
  });

  test('a member named like the prototype changes nothing but the unread', () => {
    const { report, unread } = readReport(JSON.parse('{"__proto__":{"mode":"test"},"patient":{"__proto__":{"name":"x"},"constructor":1}}'));
    expect(report.mode).toBe('production');
    expect(report.patient?.name).toBe('不详');
    expect(Object.keys(unread as object).sort()).toEqual(['["__proto__"]', 'patient.constructor', 'patient["__proto__"]']);
  });

  test('null is “not asked” and an empty code is no code: neither is an issue', () => {
    const { unread, report } = readReport({
      ...fullReport,
      department: null,
      clinical: { severity: '', pregnancy: null },
      guardianInformed: '',
    });
    expect(unread).toBeUndefined();
    expect(report.clinical).toEqual({});
    expect(report).not.toHaveProperty('department');
  });

  test('a list keeps its good entries and gives up the others', () => {
    const { report, unread } = readReport({ ...fullReport, needs: ['shelter', 7, 'interpreter'], companions: ['妈妈', { name: '丙' }] });
    expect(report.needs).toEqual(['shelter', 'interpreter']);
    expect(report.companions).toEqual([{ name: '丙' }]);
    expect(unread).toEqual({ 'needs[1]': 7, 'companions[0]': '妈妈' });
  });

  test('a text without a UTF-8 form is shown as far as it goes and kept as its escapes', () => {
    const { report, unread, issues } = readReport({ ...fullReport, childWishes: 'a\ud800b', odd: { '\udc00': '\ud800' } });
    expect(report.childWishes).toBe('a\uFFFDb');
    expect(unread).toEqual({ childWishes: '"a\\ud800b"', odd: { '"\\udc00"': '"\\ud800"' } });
    expect(issues).toContainEqual({ code: 'CONTENT_NOT_TEXT', severity: 'warning', at: 'childWishes' });
  });

  test('a list of thousands of unusable values is kept whole, and the issues stay readable', () => {
    const needs = Array.from({ length: 5_000 }, (_item, index) => index);
    const { unread, issues } = readReport({ ...fullReport, needs });
    expect(Object.keys(unread as object)).toHaveLength(5_000);
    expect(issues.length).toBeLessThanOrEqual(200);
  });
});

describe('issues', () => {
  test('a code outside its table travels as text, with an issue', () => {
    const { report, issues, unread } = readReport({
      ...fullReport,
      needs: ['借一辆轮椅'],
      companions: [{ relationship: '干爹', name: '丙' }],
    });
    expect(report.needs).toEqual(['借一辆轮椅']);
    expect(unread).toBeUndefined();
    expect(issues).toContainEqual({ code: 'FIELD_UNKNOWN_CODE', severity: 'information', at: 'needs[0]' });
    expect(issues).toContainEqual({ code: 'FIELD_UNKNOWN_CODE', severity: 'information', at: 'companions[0].relationship' });
  });

  test('words for a code are as good as the code', () => {
    const input = {
      ...fullReport,
      patient: { ...fullReport.patient, sex: '女', ethnicity: '瑶' },
      companions: [{ relationship: '妈妈' }],
      suspicion: { situations: ['4.2'] },
    };
    const coded = readReport(input).issues.filter(({ code }) => code === 'FIELD_UNKNOWN_CODE');
    expect(coded).toEqual([]);
  });

  test('a closed code that is none is kept under unread', () => {
    const { unread, issues, report } = readReport({ ...fullReport, safety: { immediateDanger: '是' } });
    expect(unread).toEqual({ 'safety.immediateDanger': '是' });
    expect(issues).toContainEqual({ code: 'FIELD_UNKNOWN_CODE', severity: 'warning', at: 'safety.immediateDanger' });
    expect(report.safety).toEqual({});
  });

  test('a wrong identity number and a wrong facility code warn and travel', () => {
    const input = {
      ...fullReport,
      facility: { ...fullReport.facility, code: '91350100M000100Y4Z', codeSystem: 'cn-uscc' },
      patient: { ...fullReport.patient, identifiers: [{ system: 'cn-resident-id', value: '110105194912310021' }] },
    };
    const { issues, report } = readReport(input);
    expect(issues).toContainEqual({ code: 'IDENTIFIER_CHECK_FAILED', severity: 'warning', at: 'patient.identifiers[0].value' });
    expect(issues).toContainEqual({ code: 'IDENTIFIER_CHECK_FAILED', severity: 'warning', at: 'facility.code' });
    expect(report.facility.code).toBe('91350100M000100Y4Z');
  });

  test('times that cannot be read or have no zone are named', () => {
    const { issues } = readReport({
      ...fullReport,
      createdAt: '2026-11-22 21:00',
      discoveredAt: '昨晚',
      whereabouts: { status: 'left', since: '2026-11-22' },
    });
    expect(issues).toContainEqual({ code: 'TIME_WITHOUT_ZONE', severity: 'information', at: 'createdAt' });
    expect(issues).toContainEqual({ code: 'TIME_UNREADABLE', severity: 'information', at: 'discoveredAt' });
    expect(issues.some(({ at }) => at === 'whereabouts.since')).toBe(false);
  });

  test('the report carries the issues it came with and those of this reading, each once', () => {
    const { report } = readReport({
      ...fullReport,
      needs: ['x'],
      issues: [{ code: 'A_NEWER_CODE', severity: 'warning', at: 'patient.name' }],
    });
    expect(report.issues?.[0]).toEqual({ code: 'A_NEWER_CODE', severity: 'warning', at: 'patient.name' });
    expect(report.issues?.at(-1)?.at).toBe('needs[0]');
  });

  test('an issue that somebody wrote a name into is kept sealed, not passed on', () => {
    const { report, unread } = readReport({ ...fullReport, issues: [{ code: 'X', severity: 'warning', at: REPORTER.name }] });
    expect(JSON.stringify(report)).not.toContain(REPORTER.name);
    expect(unread).toEqual({ 'issues[0].at': REPORTER.name });
  });

  test('no issue holds a value of the report', () => {
    const member = fc.constantFrom('小明的妈妈', 42, ['小明的妈妈'], { 小明的妈妈: '小明的妈妈' });
    const report = fc.record(Object.fromEntries(Object.keys(reportSchema.properties).map((key) => [key, member])), { requiredKeys: [] });
    fc.assert(fc.property(report, (input) => !JSON.stringify(readReport(input).issues).includes('小明')));
  });
});

describe('what the caller knows', () => {
  test('fills what the report does not say, and is listed all the same', () => {
    const defaults = {
      reportId: 'rpt_1',
      mode: 'test',
      createdAt: '2026-01-01T00:00:00+08:00',
      facility: { code: 'F1', name: '某院', dutyContact: { phone: '0000-1' } },
    } as const;
    const { report, issues } = readReport({ facility: { name: '' } }, defaults);
    expect(report).toMatchObject({ reportId: 'rpt_1', mode: 'test', createdAt: '2026-01-01T00:00:00+08:00' });
    expect(report.facility).toEqual({ code: 'F1', name: '某院', dutyContact: { title: '总值班', phone: '0000-1' } });
    expect(issues.map(({ at }) => at)).toContain('facility.name');
  });

  test('never replaces what the report says', () => {
    const { report } = readReport(fullReport, { reportId: 'rpt_other', mode: 'test', facility: { code: 'F1', name: '某院' } });
    expect(report.reportId).toBe(fullReport.reportId);
    expect(report.mode).toBe('production');
    expect(report.facility).toEqual(fullReport.facility);
  });

  test('a situation alone is enough of a suspicion', () => {
    const { report } = readReport({ suspicion: { situations: ['opinion-2020:4.9'] } });
    expect(report.suspicion).toEqual({ situations: ['opinion-2020:4.9'] } satisfies Report['suspicion']);
  });
});
