import type { EncounterSnapshot } from '@zhida/core';
import { createDetector } from '@zhida/detect';
import { legalPack, nationalRulePack } from '@zhida/packs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainEncounter } from '../src/explanation/encounter.js';
import { widthOf, wrapped } from '../src/explanation/layout.js';
import { elided, piecesOf } from '../src/explanation/marks.js';
import { pageOf } from '../src/explanation/page.js';
import { explainSilence } from '../src/explanation/silence.js';
import { type Screen, encounterLines, silenceLines, tallyLine } from '../src/explanation/terminal.js';
import { LANGUAGES, textsOf } from '../src/locales/texts.js';
import { type ScannedEncounter, assessRecord } from '../src/scan/encounters.js';
import { readEncounter } from '../src/scan/formats/json.js';
import { createPaint } from '../src/scan/paint.js';
import { emptyTally } from '../src/scan/tally.js';

const clock = { now: () => Date.parse('2026-05-03T12:00:00Z') };
const detector = createDetector({ pack: nationalRulePack });
const zh = textsOf('zh-CN');
const plain: Screen = { paint: createPaint(false), texts: zh, columns: 90 };

// An invented child. The record tries to move the cursor and to be markup.
const snapshot: EncounterSnapshot = {
  id: 'V1',
  class: 'emergency',
  period: { start: '2026-05-03T10:00:00+08:00' },
  patient: { sex: 'female', birthDate: '2013-04-05', identifiers: [{ system: 'cn-resident-id', value: '110105201304050001' }] },
  notes: [
    { section: 'imaging', text: '患者\u001B[2J超声检查显示子宫增大，提示宫内早孕，约8周，余未见明显异常所见，请结合临床。' },
    { section: 'nursing', text: '<script>alert("1")</script> & 由家属陪同，\u202e一般情况可。' },
  ],
  conditions: [{ code: 'O80', system: 'icd-10', text: '分娩' }],
};

async function scan(value: unknown): Promise<ScannedEncounter> {
  const { encounters } = await assessRecord(readEncounter('F:1', value), { detector, clock });
  return encounters[0] as ScannedEncounter;
}
const shown = async (value: unknown, screen = plain): Promise<string> =>
  encounterLines(explainEncounter(await scan(value), 'F:1', screen.texts), screen).join('\n');

describe('on a terminal', () => {
  test('the record stands with the reason marked in place, below it the rule, the level, the law and what would lower it', async () => {
    const text = await shown(snapshot);
    const [head, imaging] = text.split('\n');
    expect(head).toBe('● 红 立即报告  V1  女13岁  急诊 2026-05-03  F:1');
    expect(imaging).toMatch(/^ {2}影像 .*患者.* \[2J超声检查显示.*子宫增大.*，提「示.*宫内早孕.*」①/);
    expect(text).toMatch(/护理记录 +<script>/);
    expect(text).toMatch(/诊断 +「O80」① 分娩/);
    expect(text).toMatch(/① \S+ {2}红 立即报告 · 第四条第二项 · 法定 {2}R-PG-01/);
    expect(text).toContain('红色由法律规定，任何解释都不使它降级');
    expect(text).toContain('法律原文');
    // Past midnight at the hospital, whatever offset the feed writes.
    expect(await shown({ ...snapshot, period: { start: '2026-05-03T18:00:00Z' } })).toContain('急诊 2026-05-04');
    for (const control of ['\u001B', '\u202e']) expect(text).not.toContain(control);
  });

  test('colours mark, brackets and numbers say the same', async () => {
    const coloured = await shown(snapshot, { ...plain, paint: createPaint(true) });
    expect(coloured).toContain('\u001B[31m');
    // oxlint-disable-next-line no-control-regex -- the escape that begins a colour
    expect(coloured.replace(/\u001B\[[\d;]*m/g, '')).toBe(await shown(snapshot));
  });

  test('what has lowered a reason and what else would are told apart', async () => {
    const text = await shown({
      ...snapshot,
      patient: { sex: 'male', birthDate: '2025-12-05' },
      conditions: [],
      notes: [{ section: 'nursing', text: '左耳廓见瘀斑。血小板 6。' }],
    });
    expect(text).toMatch(/已降级 +原为橙 需要询问，因已知或化验提示出血性疾病降一级/);
    expect(text).toMatch(/会降级 +(?!.*出血性疾病)[^降]*交通事故[^降]*（已降一级，不再降）/);
  });

  test('an ordinary encounter is one quiet line, an unknown age is said', async () => {
    expect(await shown({ id: 'V2', notes: [{ section: 'plan', text: '观察' }] })).toBe('· 无  V2  年龄不详  F:1');
  });

  test('INV-17 no sentence of law that is not verified is ever shown', () => {
    const unverified = Object.values(legalPack.sentences).filter(({ verified }) => !verified);
    expect(unverified.length).toBeGreaterThan(0);
    const every = Object.keys(legalPack.sentences);
    for (const language of LANGUAGES) {
      const texts = textsOf(language);
      const indications = nationalRulePack.rules.map(({ id, summary }) => ({
        ruleId: id,
        family: '',
        key: '',
        level: 'red' as const,
        statutory: false,
        silent: false,
        situation: 4,
        summary,
        legalBasis: every,
        evidence: [],
        suppressedBy: [],
        loweredFrom: null,
        asks: [],
      }));
      const assessment = { ...detector.assess(snapshot, { now: 0 }), indications };
      const page = pageOf(
        {
          encounters: [{ encounter: explainEncounter({ snapshot, assessment }, '', texts), silence: undefined }],
          tally: emptyTally(),
          quiet: 0,
          left: 0,
          rulePack: { ...detector.rulePack, overlay: 'ef'.repeat(32) },
        },
        texts,
      );
      for (const { zh: sentence } of unverified) expect(page).not.toContain(sentence);
      expect(page).toContain('efefefefefef');
    }
  });

  test('the sum names every level, and the unreadable only where there are any', () => {
    const tally = { ...emptyTally(), encounters: 3, levels: { red: 1, orange: 0, yellow: 0, none: 2 } };
    expect(tallyLine(tally, 1234, plain)).toBe('就诊 3 · 红 1 · 橙 0 · 黄 0 · 无 2 · 1.2 s');
    expect(tallyLine({ ...tally, unreadable: 2 }, 0, plain)).toContain('无法读取 2');
  });
});

describe('why a rule kept silent', () => {
  const why = (text: string, ruleId: string, birthDate = '2016-01-01'): string => {
    const visit: EncounterSnapshot = { id: 'V1', patient: { birthDate }, notes: [{ section: 'present-illness', text }] };
    return silenceLines(ruleId, explainSilence(detector.explain(visit, { now: clock.now(), ruleId }), visit, zh), plain).join('\n');
  };

  test('names the condition that failed and what it saw and could not count', () => {
    expect(why('否认被继父殴打。', 'R-EX-04')).toMatch(/R-EX-04 未提示\n {4}✗ [\s\S]*现病史: 「殴打」 {2}被否认 {2}C-HIT/);
    expect(why('双足烫伤。', 'R-BR-01')).toContain('✗ 年龄 < 48 月');
    expect(why('咳嗽3天', 'R-EX-04', '2001-01-01')).toContain('就诊时已满18周岁');
  });

  test('of weak signals it says the sum, the sum needed, and every weight', () => {
    const text = why('低头不语，说法前后不一。', 'R-WS-01');
    expect(text).toMatch(/✗ 弱信号合计 \d+ 分，须达 \d+ 分/);
    expect(text).toMatch(/✓ 2 分 {2}.*C-INCONSIST/);
    expect(text).toMatch(/✗ 1 分 {2}/);
  });

  test('has words for every condition of every rule, in both languages', () => {
    const visit: EncounterSnapshot = { id: 'V1', patient: { birthDate: '2016-01-01' }, notes: [{ section: 'other', text: '咳嗽' }] };
    for (const { id } of nationalRulePack.rules) {
      const explanation = detector.explain(visit, { now: clock.now(), ruleId: id });
      for (const language of LANGUAGES) {
        for (const { text } of explainSilence(explanation, visit, textsOf(language)).lines) expect(text, id).not.toMatch(/[{}]|undefined/);
      }
    }
  });
});

describe('as a page', () => {
  const page = async (value: unknown): Promise<string> =>
    pageOf(
      {
        encounters: [{ encounter: explainEncounter(await scan(value), 'F:1', zh), silence: undefined }],
        tally: emptyTally(),
        quiet: 1,
        left: 2,
        rulePack: detector.rulePack,
      },
      zh,
    );

  test('the record is text, never markup, nothing is loaded and no script can run', async () => {
    const html = await page(snapshot);
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 由家属陪同');
    expect(html).not.toMatch(/<script|\son\w+=|javascript:/i);
    for (const control of ['\u001B', '\u202e']) expect(html).not.toContain(control);
    for (const [, address = ''] of html.matchAll(/\s(?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^#e1-r\d+$/);
    expect(html).toMatch(/Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri/);
    expect(html).toBe(await page(snapshot));
  });

  test('marks lead to their reasons, and an identity number shows its birth date alone', async () => {
    const html = await page({ ...snapshot, patient: { sex: 'female', identifiers: snapshot.patient?.identifiers } });
    expect(html).toMatch(
      /<mark class="red">[^<]*宫内早孕[^<]*<a class="ref" href="#e1-r1">①<\/a>(?:<a class="ref" href="#e1-r2">②<\/a>)?<\/mark>/,
    );
    expect(html).toContain('id="e1-r1"');
    expect(html).not.toContain('110105201304050001');
  });

  test('whatever a record holds, its words stay text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (word) => {
        const html = await page({ ...snapshot, id: `<b>${word}`, notes: [{ section: `"${word}`, text: `${word}<img>宫内早孕` }] });
        expect(html).not.toMatch(/<img|<b>(?!\d+<)/);
      }),
      { numRuns: 40 },
    );
  });
});

describe('laying out', () => {
  test('marked and plain pieces together are the text', () => {
    const mark = fc.record({ start: fc.nat(30), end: fc.nat(30), reason: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.string({ minLength: 31, maxLength: 40 }), fc.array(mark), (text, marks) => {
        const pieces = piecesOf(
          text,
          marks.filter(({ start, end }) => start < end),
        );
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      }),
    );
  });

  test('a long note is cut in its plain stretches and says how much is left out', () => {
    const pieces = elided(
      [
        { text: 'a'.repeat(100), reasons: [] },
        { text: 'mark', reasons: [1] },
        { text: 'b'.repeat(100), reasons: [] },
      ],
      10,
      (n) => `[${n}]`,
    );
    expect(pieces.map(({ text }) => text)).toEqual([`[90]${'a'.repeat(10)}`, 'mark', `${'b'.repeat(10)}[90]`]);
  });

  test('no line is wider than the terminal, none begins with a full stop, and nothing is lost', () => {
    const text =
      '患儿2天前因未完成作业被继父用皮带抽打背部及臀部，伤后未就诊（今晨由班主任发现后送来）。Struck with a belt by mum’s partner.';
    for (const columns of [20, 33, 47]) {
      const lines = wrapped([{ text, style: undefined }], columns, 4, createPaint(false));
      for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
      for (const line of lines) expect(line.trim()).toMatch(/^[^，。）.]/);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }
  });
});
