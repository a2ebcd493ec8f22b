import type { EncounterSnapshot } from '@zhida/core';
import { frozenClock } from '@zhida/testkit';
import { describe, expect, test } from 'vitest';
import { maskName } from '../src/index.js';
import { en } from '../src/locales/en.js';
import { fill, textsOf } from '../src/locales/texts-of.js';
import { zhCN } from '../src/locales/zh-cn.js';
import { decisionCodesFor } from '../src/prompts/decision-codes.js';
import { describeEvidence, uniqueLines } from '../src/prompts/evidence.js';
import { maskNamesIn } from '../src/prompts/mask.js';
import { combine, hasRisen, type Reasons } from '../src/prompts/reasons.js';
import { whereaboutsOf } from '../src/prompts/whereabouts.js';
import { en as pageEn } from '../src/page/locales/en.js';
import { zhCN as pageZh } from '../src/page/locales/zh-cn.js';
import { pagePolicy, renderLaunchPage } from '../src/page/page.js';

describe('a masked name', () => {
  test.each([
    ['张晓婷', '张*婷'],
    ['张三', '张*'],
    ['张', '张*'],
    ['欧阳晓晓婷', '欧*婷'],
    ['  张晓婷 ', '张*婷'],
    ['𠮷田花子', '𠮷*子'],
    ['买买提·吐尔逊', '买*逊'],
    ['', ''],
    ['   ', ''],
  ])('%j is %j', (name, masked) => {
    expect(maskName(name)).toBe(masked);
  });

  test('stands for every name the visit knows, the longest first', () => {
    const visit: EncounterSnapshot = {
      id: 'V1',
      patient: { name: '张晓婷' },
      companion: { name: '张晓' },
      guardians: [{ name: '王' }, { name: '张建国' }, {}],
    };
    expect(maskNamesIn('张晓婷由张晓送来，父张建国未到，王医生接诊', visit)).toBe('张*婷由张*送来，父张*国未到，王医生接诊');
    expect(maskNamesIn('无名', { id: 'V2' })).toBe('无名');
  });
});

describe('a line of evidence', () => {
  const visit: EncounterSnapshot = {
    id: 'V1',
    patient: {
      birthDate: '2013-03-18',
      identifiers: [
        { system: 'mrn', value: '7' },
        { system: 'cn-resident-id', value: '440299201303180025' },
      ],
    },
    notes: [
      { section: 'present-illness', text: '患儿诉被邻居摸下面，不敢告诉老师。', author: 'nurse', at: '2026-11-22T19:10:00+08:00' },
      { section: 'plan', text: `${'长'.repeat(80)}虐待${'长'.repeat(80)}` },
    ],
    observations: [
      { name: '血HCG', value: 12500, unit: 'IU/L', performer: '检验科', at: '2026-11-22T19:04:00+08:00' },
      { code: '2106-3', value: true },
      { name: 'CT', value: `${'字'.repeat(300)}` },
      { name: '超声', value: '子宫增大，见孕囊，胎心可见' },
    ],
    conditions: [{ text: '躯体虐待', code: 'T74.100' }],
    procedures: [{ text: '人工流产', code: '69.0100', at: '2026-11-22' }],
    orders: [{ text: '清宫术' }],
    medications: [{ text: '米非司酮片' }],
  };
  const describeAt = (at: string, span?: [number, number], text?: string) =>
    describeEvidence(
      visit,
      { at, ...(span === undefined ? {} : { start: span[0], end: span[1] }), ...(text === undefined ? {} : { text }) },
      zhCN,
    );

  test('says a finding in a note with the clause it stands in, its author and time', () => {
    expect(describeAt('notes[0].text', [3, 9], '被邻居摸下面')).toEqual({
      label: '现病史',
      value: '患儿诉被邻居摸下面',
      source: '护士',
      at: '2026-11-22T11:10:00.000Z',
    });
  });

  test('cuts a clause that does not end, and says so', () => {
    const { value } = describeAt('notes[1].text', [80, 82], '虐待');
    expect(value).toMatch(/^…长+虐待长+…$/);
    expect(value.length).toBeLessThan(70);
  });

  test.each([
    ['observations[0].value', { label: '血HCG', value: '12500 IU/L', source: '检验科' }],
    ['observations[1].value', { label: '2106-3', value: '是' }],
    ['conditions[0].code', { label: '诊断', value: '躯体虐待 T74.100' }],
    ['procedures[0].code', { label: '手术操作', value: '人工流产 69.0100', at: '2026-11-22' }],
    ['orders[0].text', { label: '医嘱', value: '清宫术' }],
    ['medications[0].text', { label: '用药', value: '米非司酮片' }],
    ['patient.birthDate', { label: '出生', value: '2013-03-18' }],
    ['patient.identifiers[1].value', { label: '证件号上的出生日期', value: '2013-03-18' }],
    ['something.else', { label: '病历', value: '' }],
    ['constructor', { label: '病历', value: '' }],
    ['notes[99].text', { label: '病历', value: '' }],
    ['observations[99].value', { label: '检验', value: '' }],
  ])('%s', (at, line) => {
    expect(describeAt(at)).toMatchObject(line);
  });

  test('shortens a report that came as a value, and shows a span of it by its clause', () => {
    expect(describeAt('observations[2].value').value).toBe(`${'字'.repeat(160)}…`);
    expect(describeAt('observations[3].value', [6, 8], '孕囊').value).toBe('见孕囊');
  });

  test('the same line is said once, an empty one not at all', () => {
    const line = { label: '查体', value: '瘀斑', source: '', at: '' };
    expect(uniqueLines([line, { ...line }, { ...line, value: '' }, { ...line, label: '主诉' }])).toEqual([
      line,
      { ...line, label: '主诉' },
    ]);
  });
});

describe('where the child is', () => {
  const clock = frozenClock('2026-11-22T20:30:00+08:00');
  const facility = { code: 'F', name: '云溪县人民医院', regionCode: '440299', address: '', dutyContact: { title: '', phone: '' } };
  const at = (visit: Partial<EncounterSnapshot>) => whereaboutsOf({ facility, clock }, { id: 'V1', ...visit });

  test.each<[string, Partial<EncounterSnapshot>, string]>([
    ['a visit of this evening', { period: { start: '2026-11-22T19:00:00+08:00' } }, 'in-facility'],
    ['a visit of this morning that never ended, told by a late result', { period: { start: '2026-11-22T08:00:00+08:00' } }, 'unknown'],
    ['a visit that has ended', { period: { start: '2026-11-22T08:00:00+08:00', end: '2026-11-22T09:00:00+08:00' } }, 'left'],
    ['a visit that is planned to end', { period: { start: '2026-11-22T19:00:00+08:00', end: '2026-11-23T09:00:00+08:00' } }, 'in-facility'],
    ['an inpatient of last week', { class: 'inpatient', period: { start: '2026-11-15T08:00:00+08:00' } }, 'in-facility'],
    [
      'admitted from the emergency room',
      { disposition: 'admitted', period: { start: '2026-11-15T08:00:00+08:00', end: '2026-11-15T09:00:00+08:00' } },
      'in-facility',
    ],
    ['walked out before treatment', { disposition: 'left-before-treatment' }, 'left'],
    ['left against advice', { disposition: 'against-advice' }, 'left'],
    ['transferred', { disposition: 'transferred' }, 'transferred'],
    ['died', { disposition: 'died' }, 'deceased'],
    ['recorded as dead', { patient: { deceasedAt: '2026-11-22T19:00:00+08:00' } }, 'deceased'],
    ['nothing known but the visit', {}, 'in-facility'],
  ])('%s', (_what, visit, status) => {
    expect(at(visit).status).toBe(status);
  });

  test('names the place only while the child is here', () => {
    expect(at({ location: '急诊2诊室' }).place).toBe('云溪县人民医院 急诊2诊室');
    expect(at({ location: '急诊2诊室', disposition: 'home' })).toEqual({ status: 'left' });
  });
});

describe('reasons', () => {
  const reasons = (level: Reasons['level'], ...ruleIds: string[]): Reasons => ({
    level,
    ruleIds,
    statutory: level === 'red',
    packDigest: 'p',
    evidenceSha256: ruleIds.join(),
  });

  test('of several visits are put together: the highest level, every rule once, whatever the order', () => {
    const one = combine([reasons('orange', 'R-BR-01'), reasons('red', 'R-EX-01', 'R-BR-01'), reasons('none')]);
    expect(one).toMatchObject({ level: 'red', statutory: true, ruleIds: ['R-BR-01', 'R-EX-01'] });
    expect(combine([reasons('red', 'R-EX-01', 'R-BR-01'), reasons('orange', 'R-BR-01')]).evidenceSha256).toBe(one.evidenceSha256);
    expect(combine([reasons('none')])).toMatchObject({ level: 'none', statutory: false, ruleIds: [] });
  });

  test.each<[string, Reasons, Reasons, boolean]>([
    ['a new rule', reasons('red', 'A'), reasons('red', 'A', 'B'), true],
    ['a higher level', reasons('orange', 'A'), reasons('red', 'A'), true],
    ['the same', reasons('red', 'A'), reasons('red', 'A'), false],
    ['a rule less', reasons('red', 'A', 'B'), reasons('red', 'A'), false],
    ['a lower level', reasons('red', 'A'), reasons('orange', 'A'), false],
    ['another rule in place of one', reasons('red', 'A'), reasons('orange', 'B'), true],
  ])('%s: something new to say is %#', (_what, before, now, risen) => {
    expect(hasRisen(before, now)).toBe(risen);
  });

  test('red fixed by law leaves the factual codes', () => {
    expect(decisionCodesFor(true)).toEqual(['wrong-patient', 'over-18', 'result-corrected', 'coding-error', 'known-to-police']);
    expect(decisionCodesFor(false)).toHaveLength(7);
  });
});

describe('texts', () => {
  const leaves = (value: unknown, path = ''): [string, string][] =>
    typeof value === 'string' ? [[path, value]] : Object.entries(value as object).flatMap(([key, item]) => leaves(item, `${path}.${key}`));
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

  test.each([
    ['prompts', zhCN, en],
    ['the page', pageZh, pageEn],
  ])('of %s are complete in both languages, with the same places to fill', (_what, chinese, english) => {
    const [zh, other] = [new Map(leaves(chinese)), new Map(leaves(english))];
    expect([...other.keys()].toSorted()).toEqual([...zh.keys()].toSorted());
    for (const [path, text] of zh) {
      expect(text, path).not.toBe('');
      expect(other.get(path), path).not.toBe('');
      expect(places(other.get(path) ?? ''), path).toEqual(places(text));
      if (!path.endsWith('.ellipsis')) expect(other.get(path), path).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });

  test('fill puts values into their places and leaves no place behind', () => {
    expect(fill('{a} of {b}{c}', { a: '1', b: '2' })).toBe('1 of 2');
    expect(textsOf('en')).toBe(en);
  });
});

describe('the launch page', () => {
  const frame = { locale: 'zh', mode: 'test', nonce: 'n0nce' } as const;

  test('carries its token as data that nothing in it can leave', () => {
    const html = renderLaunchPage(frame, 'a</script><b>');
    expect(html.match(/<\/script>/g)).toHaveLength(3);
    const session = /id="session">(.*)<\/script>/.exec(html)?.[1] ?? '';
    expect(JSON.parse(session)).toEqual({ token: 'a</script><b>' });
    expect(html).toContain('测试环境');
    expect(renderLaunchPage({ ...frame, mode: 'production' }, 'a')).not.toContain('class="stripe"');
  });

  test('before it is opened nothing on it speaks of harm, police or the child', () => {
    const { title, launched, signInNeeded } = pageZh;
    expect(JSON.stringify({ title, launched, signInNeeded })).not.toMatch(/侵害|报警|公安|虐|性|警/);
  });

  test('runs its own elements and the gateway’s own files, and speaks to the gateway alone', () => {
    expect(pagePolicy('n0nce')).toContain(`script-src 'self' 'nonce-n0nce';`);
    expect(pagePolicy('n0nce')).toContain(`connect-src 'self';`);
  });
});
