import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Report, type SchemaNode, leafPaths, phoneScript, readReport, renderCsv, renderForm, renderView } from '../src/index.js';
import { en } from '../src/locales/en.js';
import { labelOf } from '../src/locales/locale-of.js';
import { zhCN } from '../src/locales/zh-cn.js';
import { reportNode } from '../src/schema/node.js';
import { CHILD_NAME, REPORTER, fullReport } from './full-report.js';

const police = renderView(fullReport, 'police', { reporterIdentity: REPORTER });

describe('the paper form', () => {
  test('shows number, incident number, every text of the view, the lines to sign and the slip', () => {
    const html = renderForm({ view: police, locale: 'zh-CN' });
    for (const text of [
      '侵害未成年人案件强制报告单（初报）',
      '编号 440299-261122-030007-6',
      '警情编号 JQ-20261122-0031',
      CHILD_NAME,
      '经办',
      '公章（可后补）',
      '接收人',
      '回执',
    ]) {
      expect(html).toContain(text);
    }
    expect(html.indexOf('JQ-20261122-0031')).toBeLessThan(html.indexOf('440299-261122-030007-6', html.indexOf('<body>')));
    expect(html).toContain('@page{size:A4');
  });

  test('prints codes in words and what a person wrote as it was written', () => {
    const html = renderForm({ view: police, locale: 'zh-CN' });
    expect(html).toContain('不满十四周岁女性疑似遭受性侵害、怀孕、流产');
    expect(html).toContain('关系：男友；姓名：随行者丙');
    expect(html).toContain('<tr><th scope="row">眼下有危险</th><td>否</td></tr>');
    expect(renderForm({ view: police, locale: 'en' })).toContain('Relationship: boyfriend; Name: 随行者丙');
  });

  test('has its fields in the order of the schema, also from bytes whose keys were sorted', () => {
    const sorted = JSON.parse(
      JSON.stringify(
        police.body,
        Object.keys(
          Object.fromEntries(
            leafPaths().flatMap((path) =>
              path
                .replaceAll('[]', '')
                .split('.')
                .map((key) => [key, 1]),
            ),
          ),
        )
          .concat('incidentNumbers', 'guardianshipConcern')
          .sort(),
      ),
    );
    const html = renderForm({ view: { body: sorted }, locale: 'zh-CN' });
    const headings = ['报告单位', '未成年人', '现在何处', '陪同人', '联系方案', '疑似情形', '诊疗', '证据'].map((heading) =>
      html.indexOf(`<h2>${heading}</h2>`),
    );
    expect(headings.every((place) => place > 0)).toBe(true);
    expect(headings).toEqual([...headings].sort((left, right) => left - right));
  });

  test('names the groups that are sealed apart and prints nothing of them', () => {
    const html = renderForm({ view: police, locale: 'zh-CN' });
    expect(html).toContain('另封内容（指定人员凭事由开启，开启留痕）：报告人');
    expect(html).not.toContain(REPORTER.name);
    expect(html).not.toContain('jwe-sealed-person');
  });

  test('its title holds nothing of the child, and it loads nothing', () => {
    const html = renderForm({ view: police, locale: 'en' });
    expect(/<title>(.*)<\/title>/.exec(html)?.[1]).toBe('Number 440299-261122-030007-6');
    expect(html).not.toMatch(/<script|<link|<img|src=|href=|url\(/);
  });

  test.each([
    ['exercise', '【演练】'],
    ['test', '【测试】'],
    ['training', '【培训】'],
  ] as const)('in mode %s it has a stripe before anything else', (mode, notice) => {
    const html = renderForm({ view: renderView({ ...fullReport, mode }, 'police'), locale: 'zh-CN' });
    const visible = html
      .slice(html.indexOf('<body>'))
      .replace(/<[^>]*>/g, '')
      .trim();
    expect(visible.startsWith(notice)).toBe(true);
  });

  test('a real report has no stripe', () => {
    expect(renderForm({ view: police, locale: 'zh-CN' })).not.toContain('class="stripe"');
  });

  test('escapes whatever a report says', () => {
    const nasty = `<img src=x onerror="a('b')">&`;
    const { report, unread } = readReport({
      ...fullReport,
      childWishes: nasty,
      patient: { name: nasty, sex: nasty },
      needs: [nasty],
      kind: nasty,
      number: nasty,
    });
    const html = renderForm({ view: renderView(report, 'police', { unread }), locale: 'zh-CN' });
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;');
  });

  test('an error-notice says in its title to stop using the report', () => {
    expect(renderForm({ view: { body: { kind: 'error-notice' } }, locale: 'zh-CN' })).toContain(
      '<h1>本报告对象有误，请立即停止使用并签收</h1>',
    );
  });

  test('prints what a newer sender says beyond this version, under its own name', () => {
    expect(renderForm({ view: { body: { ...police.body, futureField: { deep: '新内容' } } }, locale: 'zh-CN' })).toContain('新内容');
  });

  test.each(['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty'])(
    'a member or a code named %s is a name like any other',
    (word) => {
      const body = JSON.parse(
        `{"${word}":"甲","needs":["${word}"],"kind":"${word}","mode":"${word}","patient":{"${word}":{"${word}":1},"sex":"${word}"}}`,
      );
      expect(renderForm({ view: { body, restricted: { [word]: 1 } }, locale: 'zh-CN' })).toContain(`<td>${word}</td>`);
    },
  );

  test('any JSON at all gives a page', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) =>
        renderForm({ view: { body: JSON.parse(JSON.stringify(body)) }, locale: 'en' }).endsWith('</html>'),
      ),
    );
  });

  test.each([zhCN, en])('$name has a label for every member of the schema', (locale) => {
    expect(leafPaths().filter((path) => labelOf(locale, path) === path.replace(/\[\]$/, '') && path.includes('.'))).toEqual([]);
    expect(
      leafPaths().filter(
        (path) =>
          locale.labels[path] === undefined && !Object.keys(locale.labels).includes(path.replace(/\[\]$/, '').split('.').at(-1) ?? ''),
      ),
    ).toEqual([]);
  });
});

test('every closed code of the schema has a Chinese word', () => {
  const wordless = closedCodes(reportNode, '').filter(
    ([path, code]) => zhCN.codes[`${path}=${code}`] === undefined && zhCN.codes[code] === undefined,
  );
  expect(wordless).toEqual([]);
});

function closedCodes(node: SchemaNode, path: string): [path: string, code: string][] {
  if (node.properties !== undefined)
    return Object.entries(node.properties).flatMap(([key, child]) => closedCodes(child, path === '' ? key : `${path}.${key}`));
  if (node.items !== undefined) return closedCodes(node.items, `${path}[]`);
  return [...(node.enum ?? []), ...(node.anyOf ?? []).flatMap((branch) => branch.enum ?? [])].map((code) => [path, String(code)]);
}

describe('the CSV of a view', () => {
  test('is one row for each value, with its path', () => {
    const csv = renderCsv({
      body: { patient: { name: '甲,"乙"' }, needs: ['shelter', 'interpreter'], safety: { count: 2, none: null }, ok: true },
    });
    expect(csv).toBe(
      'path,value\r\npatient.name,"甲,""乙"""\r\nneeds[0],shelter\r\nneeds[1],interpreter\r\nsafety.count,2\r\nsafety.none,\r\nok,true\r\n',
    );
  });

  test('holds nothing of the restricted groups', () => {
    expect(renderCsv(police)).not.toContain(REPORTER.name);
    expect(renderCsv(police)).toContain(`patient.name,${CHILD_NAME}\r\n`);
  });

  test('disarms a text that a spreadsheet would run, and leaves telephone numbers alone', () => {
    const csv = renderCsv({ body: { a: '=HYPERLINK("x")', b: '@sum', c: '+cmd', d: '+86 139-0000-0000', e: '-3' } });
    expect(csv).toContain(`a,"'=HYPERLINK(""x"")"`);
    expect(csv).toContain("b,'@sum");
    expect(csv).toContain("c,'+cmd");
    expect(csv).toContain('d,+86 139-0000-0000');
    expect(csv).toContain('e,-3');
  });
});

describe('the telephone script', () => {
  const { relatedReports: _related, ...rest } = fullReport;
  const report: Report = {
    ...rest,
    number: '440232-261122-030007-5',
    department: '急诊科',
    contactPlan: {},
    companions: [{ name: '随行者丙', relationship: '母亲', mayBeInvolved: 'unknown' }],
  };

  test('says in one breath who calls, what was found, where the child is and how to come', () => {
    expect(phoneScript(report, { locale: 'zh-CN' })).toBe(
      '您好，云溪县人民医院急诊科，按强制报告制度报案，编号030007-5。一名13岁女孩现在我院，检查发现怀孕；陪同人是否涉事不清楚。请派女民警、便衣到场，到后先联系总值班0000-1200000，请勿在诊区询问是谁报的警。',
    );
    expect(phoneScript(report, { locale: 'en' })).toBe(
      'Hello, this is 云溪县人民医院, 急诊科 with a mandatory report, number 030007-5. A 13-year-old girl is in our hospital; an examination found a pregnancy. Whether the companion is involved is not known. Please send a female officer, plain clothes; on arrival call 总值班 0000-1200000 first, and do not ask in the clinic who called.',
    );
  });

  test('is short when somebody stands beside, and says nothing of the child', () => {
    expect(phoneScript(report, { locale: 'zh-CN', short: true })).toBe(
      '云溪县人民医院急诊科，强制报告编号030007-5，材料已在线提交，请派女民警、便衣，先联系总值班0000-1200000。',
    );
  });

  test('does not claim that papers were submitted before there is a number', () => {
    const { number: _number, ...unsent } = report;
    expect(phoneScript(unsent, { locale: 'zh-CN', short: true })).toBe(
      '云溪县人民医院急诊科，强制报告，请派女民警、便衣，先联系总值班0000-1200000。',
    );
    expect(phoneScript(unsent, { locale: 'zh-CN' })).toContain('按强制报告制度报案。');
  });

  test('names no person, whatever was typed', () => {
    const typed: Report = {
      ...report,
      patient: { ...report.patient, statedAge: `${CHILD_NAME}13岁`, birthDate: CHILD_NAME, sex: CHILD_NAME },
      suspicion: { situations: [CHILD_NAME], harmTypes: [CHILD_NAME], observed: CHILD_NAME },
      clinical: { pregnancy: { outcome: CHILD_NAME } },
      whereabouts: { status: 'left', place: CHILD_NAME, withWhom: CHILD_NAME },
    };
    for (const locale of ['zh-CN', 'en'] as const) {
      for (const short of [true, false]) expect(phoneScript(typed, { locale, short })).not.toMatch(new RegExp(`${CHILD_NAME}|随行者丙`));
    }
    expect(phoneScript(typed, { locale: 'zh-CN' })).toContain('一名年龄不详的孩子已离开我院，疑似受到侵害；');
  });

  test.each<[string, Partial<Report>, string]>([
    ['danger', { safety: { immediateDanger: 'yes' } }, '检查发现怀孕，孩子眼下有危险；'],
    [
      'an infant',
      { patient: { birthDate: '2026-05-01', sex: '男' }, clinical: {}, suspicion: { situations: ['opinion-2020:4.4'] } },
      '一名不满1岁的男孩现在我院，有多处损伤、严重营养不良或意识不清；',
    ],
    ['a child alone', { companions: [] }, '；无人陪同。'],
    ['an involved companion', { companions: [{ mayBeInvolved: 'no' }, { mayBeInvolved: 'yes' }] }, '；陪同人可能涉事。'],
    ['the way that was asked for', { contactPlan: { approach: ['plain-clothes', 'via-duty-office'] } }, '请派便衣到场，'],
    ['an exercise', { mode: 'exercise' }, '【演练】您好'],
    ['an unknown hospital', { facility: { name: '不详', dutyContact: { phone: '不详' } }, department: '不详' }, '您好，本院，按'],
  ])('tells of %s', (_name, changes, expected) => {
    expect(phoneScript({ ...report, ...changes }, { locale: 'zh-CN' })).toContain(expected);
  });
});
