import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assessment } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
import { NOW, caseFiles, detector, readCases, ruleIds, valueAt } from './support.js';

const RANK = { red: 3, orange: 2, yellow: 1, none: 0 } as const;
const SILENCING = new Set(nationalRulePack.suppressors.filter(({ silences }) => silences === true).map(({ id }) => id));

/** Facts that stand alone. What decides what another fact *is* (a negative test, a tumour code, a gestational age) is held constant. */
const NOTES = [
  '继父长期虐待患儿',
  '否认外伤史，否认虐待史。',
  'No bruises seen. Denies abuse, neglect or bullying.',
  '早孕？要求人流',
  '宫腔内见孕囊，胎芽可见',
  '左耳廓见瘀斑，背部条状瘀斑',
  '双下肢散在青紫，跑跳磕碰',
  '性侵害待排',
  '肿瘤浸润性侵及周围肌肉',
  'Seen alone: coach touched his private parts.',
  '车祸后1小时，拔罐后，血友病，蒙古斑',
  '有性生活史，未避孕',
  '全身皮肤黏膜无黄染、皮疹、出血点及瘀斑',
  '虐待/忽视迹象 ☑无 □可疑',
  '发放宣传手册，内容含性侵、虐待',
  '咳嗽3天，打喷嚏',
  '被继父用皮带抽打背部',
  '课间与同桌打架，鼻出血',
  '打篮球落地崴脚',
  '长期一个人住，没人管',
  '头虱，污垢，捡东西吃，消瘦',
  '身份不明，无名氏',
  '双足烫伤，上缘齐整如袜套',
  '打翻热水瓶，不规则红斑',
  '骑跨车横梁，大阴唇血肿',
  '阴道后联合新鲜裂伤',
  '用美工刀划左前臂，心情不好',
  '自服百草枯，洗胃',
  '硬膜下血肿，抽搐，视网膜出血',
  '肋骨骨折，可见骨痂',
  '重度营养不良',
  '室间隔缺损',
  '维生素K缺乏性出血症',
  '成骨不全',
  '说法前后不一，低头不语，陈旧瘢痕',
  '街头乞讨，钱须交给老板',
  '要饭后服药',
  '托人从外地抱来，给了营养费8万',
  '父亲在旁，亲眼看到',
  "Struck with a belt by mum's partner.",
  'Left alone for three days without food.',
];
const CODES = ['T74.100', 'O03.900', 'Z33.x00', 'D69.300', 'V43.500', 'J06.900', 'Y05.900', 'T74.0', 'Q82.500', 'A37.000', 'S30.000'];

const section = fc.constantFrom('present-illness', 'physical-exam', 'nursing', 'assessment', 'other');
const note = fc.record({ section, text: fc.constantFrom(...NOTES) });
const condition = fc.record({ code: fc.constantFrom(...CODES), system: fc.constant('icd-10-cn') });
const observation = fc.constantFrom(
  { name: '血HCG', value: 3000 },
  { name: '血小板', value: 6 },
  { name: '血小板', value: 310 },
  { name: '血红蛋白', value: 104 },
);
const facts = fc.record({
  notes: fc.array(note, { maxLength: 4 }),
  conditions: fc.array(condition, { maxLength: 3 }),
  observations: fc.array(observation, { maxLength: 2 }),
});
const patient = fc.record({
  id: fc.constant('P1'),
  sex: fc.constantFrom('female', 'male'),
  birthDate: fc.constantFrom('2026-03-01', '2024-01-01', '2020-05-05', '2013-08-08', '2012-03-01', '2009-01-01', '2008-06-15'),
});

function assess(parts: object): Assessment {
  return detector.assess({ id: 'V1', period: { start: '2026-06-15T10:00:00+08:00' }, ...parts }, { now: NOW });
}

describe('what holds for every encounter', () => {
  it('INV-13 more facts never take an indication away, never lower a statutory red, and lower what a rule says by one level at most', () => {
    fc.assert(
      fc.property(patient, facts, facts, (who, some, more) => {
        const before = assess({ patient: who, ...some });
        const after = assess({
          patient: who,
          notes: [...some.notes, ...more.notes],
          conditions: [...some.conditions, ...more.conditions],
          observations: [...some.observations, ...more.observations],
        });
        for (const old of before.indications) {
          const now = after.indications.find(({ ruleId }) => ruleId === old.ruleId);
          expect(now, old.ruleId).toBeDefined();
          if (now === undefined) continue;
          // What is no red may be silenced by a suppressor that does; it stays, and says by which.
          const base = old.loweredFrom ?? old.level;
          const isSilenced = base !== 'red' && now.suppressedBy.some((id) => SILENCING.has(id));
          expect(RANK[now.level]).toBeGreaterThanOrEqual(isSilenced ? RANK.none : RANK[base] - 1);
          if (old.statutory) expect([now.statutory, now.level, now.suppressedBy]).toEqual([true, 'red', []]);
          expect(now.loweredFrom === null).toBe(now.suppressedBy.length === 0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('INV-13 ordinary clauses joined to a plain deed by commas take nothing away', () => {
    const deed = fc.constantFrom('被邻居性侵', '遭轮奸', '诉被老师猥亵', '诉被表哥强奸两次');
    const ordinary = fc.array(
      fc.constantFrom(
        '咳嗽三天',
        '流涕',
        '食欲可',
        '睡眠可',
        '二便正常',
        '既往体健',
        '疫苗按时接种',
        '无药物过敏',
        '父母体健',
        '家中养猫',
        '精神可',
      ),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(deed, ordinary, ordinary, (said, before, behind) => {
        const text = `${[...before, said, ...behind].join('，')}。`;
        const { level } = assess({ patient: { sex: 'female', birthDate: '2013-03-01' }, notes: [{ section: 'present-illness', text }] });
        expect(level, text).toBe('red');
      }),
      { numRuns: 200 },
    );
  });

  it('INV-13 the order of the facts changes neither rules nor levels', () => {
    fc.assert(
      fc.property(patient, facts, (who, some) => {
        const view = ({ indications, level, situations }: Assessment): unknown => [
          level,
          situations,
          indications.map((item) => [item.ruleId, item.level, item.situation, item.asks]),
        ];
        const there = assess({ patient: who, ...some });
        const back = assess({
          patient: who,
          notes: some.notes.toReversed(),
          conditions: some.conditions.toReversed(),
          observations: some.observations.toReversed(),
        });
        expect(view(back)).toEqual(view(there));
      }),
      { numRuns: 200 },
    );
  });

  it('INV-13 a fact entered in error is set aside, and that is said', () => {
    const withdrawn = assess({ patient: { birthDate: '2016-01-01' }, conditions: [{ code: 'T74.1', status: 'entered-in-error' }] });
    expect(withdrawn.level).toBe('none');
    expect(withdrawn.issues).toContainEqual({ code: 'FACT_WITHDRAWN', severity: 'information', at: 'conditions[0]' });
  });

  it('INV-13 a note that takes a result back is named whatever notes stand before and behind it', () => {
    const notes = [
      { section: 'nursing', text: '急诊尿HCG阳性，收入院' },
      { section: 'laboratory', text: '标本贴错，重留血HCG阴性' },
      { section: 'other', text: '前次标本贴错，淋球菌阴性' },
      { section: 'present-illness', text: '咳嗽3天' },
    ];
    const withdrawnOf = (parts: object, all: typeof notes): unknown[] =>
      assess({ ...parts, notes: all })
        .issues.filter(({ code }) => code === 'FACT_WITHDRAWN')
        .map(({ at }) => all[Number(/\d+/.exec(at)?.[0])]);
    expect(withdrawnOf({ patient: { sex: 'female', birthDate: '2012-03-01' } }, notes)).toEqual([notes[1]]);
    fc.assert(
      fc.property(fc.shuffledSubarray(notes, { minLength: 1 }), patient, facts, (told, who, some) => {
        const withdrawn = (all: typeof notes): unknown[] => withdrawnOf({ patient: who, ...some }, all);
        for (const note of withdrawn(told)) {
          expect(withdrawn([...told, ...some.notes])).toContainEqual(note);
          expect(withdrawn([...some.notes, ...told])).toContainEqual(note);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('INV-13 denying what a clause says adds no indication, and takes none away that another note gives', () => {
    const denials = ['否认', '无', '未见', '没有', '未发现'];
    const said = ['虐待', '性侵害', '被打', '自残', '家庭暴力', '被遗弃'];
    fc.assert(
      fc.property(fc.constantFrom(...denials), fc.constantFrom(...said), patient, facts, (deny, what, who, some) => {
        const before = ruleIds(assess({ patient: who, ...some }));
        const after = ruleIds(assess({ patient: who, ...some, notes: [...some.notes, { section: 'other', text: `${deny}${what}` }] }));
        expect(after.toSorted()).toEqual(before.toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it('INV-15 width, traditional forms, inner spaces and invisible marks change neither rules nor levels', () => {
    const spellings: readonly ((text: string) => string)[] = [
      (text) => text.replaceAll('，', ',').replaceAll('：', ':'),
      (text) => text.replace(/[0-9a-zA-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
      (text) => text.replaceAll('虐', '虐\u200b').replaceAll('殴', '殴\u200b'),
      (text) => text.replaceAll('继', '繼').replaceAll('怀', '懷').replaceAll('伤', '傷').replaceAll('儿', '兒').replaceAll('关', '關'),
      (text) => text.replaceAll('瘀', '淤').replaceAll('虐待', '虐 待'),
    ];
    const chinese = NOTES.filter((text) => /[\u4e00-\u9fff]/.test(text));
    fc.assert(
      fc.property(patient, fc.constantFrom(...chinese), fc.constantFrom(...spellings), (who, text, spell) => {
        const view = (words: string): unknown =>
          assess({ patient: who, notes: [{ section: 'present-illness', text: words }] }).indications.map(({ ruleId, level }) => [
            ruleId,
            level,
          ]);
        expect(view(spell(text))).toEqual(view(text));
      }),
      { numRuns: 400 },
    );
  });

  it('INV-13 the day after the 14th birthday loosens only what the law ties to it, and the day after the 18th ends everything', () => {
    const on = (birthDate: string, text: string): Assessment =>
      assess({ patient: { id: 'P1', sex: 'female', birthDate }, notes: [{ section: 'present-illness', text }] });
    // 周岁 counts from the day after the birthday: born on 15 June, still under on 15 June.
    for (const text of ['宫内早孕，孕6周', '有性生活史', '淋球菌培养阳性']) {
      expect(on('2012-06-15', text).level, text).toBe('red');
      expect(RANK[on('2012-06-14', text).level], text).toBeLessThanOrEqual(RANK[on('2012-06-15', text).level]);
    }
    for (const text of ['被继父用皮带抽打背部', '性侵害待排', '继父长期虐待患儿', '托人从外地抱来，给了营养费8万']) {
      expect(on('2012-06-14', text).level, text).toBe(on('2012-06-15', text).level);
      expect(on('2008-06-15', text).level, text).toBe('red');
      expect([on('2008-06-14', text).minor, on('2008-06-14', text).level], text).toEqual(['no', 'none']);
    }
    // A child born on 29 February is 14 from 1 March of a common year on, so under on 28 February.
    const leap = (start: string): string =>
      detector
        .assess(
          {
            id: 'V1',
            period: { start },
            patient: { id: 'P1', sex: 'female', birthDate: '2012-02-29' },
            notes: [{ section: 'other', text: '早孕6周' }],
          },
          { now: NOW },
        )
        .indications.map(({ ruleId }) => ruleId)[0] ?? '';
    expect(['2026-02-28T10:00:00+08:00', '2026-03-02T10:00:00+08:00'].map(leap)).toEqual(['R-PG-01', 'R-PG-02']);
  });

  it('INV-15 a text without end is read as far as the limit, and that is said', () => {
    const { issues } = assess({ patient: { birthDate: '2016-01-01' }, notes: [{ section: 'other', text: '咳嗽'.repeat(1_200_000) }] });
    expect(issues.map(({ code }) => code)).toContain('FIELD_TOO_LONG');
  });

  it('INV-14 every indication names rule, pack version, law, and evidence whose words are those of the original at its offsets', () => {
    const cases = caseFiles().flatMap(readCases);
    let seen = 0;
    for (const { encounter } of cases) {
      const assessment = detector.assess(encounter, { now: NOW });
      expect(assessment.rulePack).toEqual({ id: nationalRulePack.id, version: nationalRulePack.version, digest: nationalRulePack.digest });
      for (const indication of assessment.indications) {
        expect(nationalRulePack.rules.map(({ id }) => id)).toContain(indication.ruleId);
        expect(indication.legalBasis).toContain(`opinion-2020:4.${indication.situation}`);
        expect(indication.evidence.length).toBeGreaterThan(0);
        for (const { at, start, end, text } of indication.evidence) {
          const value = valueAt(encounter, at);
          expect(value, at).toBeDefined();
          if (text === undefined) expect([start, end]).toEqual([undefined, undefined]);
          else expect((value as string).slice(start, end)).toBe(text);
          seen += 1;
        }
      }
    }
    expect(seen).toBeGreaterThan(100);
  });

  it('INV-14 offsets hold in texts with odd widths, emoji, spaces inside words and invisible marks', () => {
    const spice = fc.constantFrom('', ' ', '　', '\u200b', '😀', '，', '。', '\n', 'é', '𠮷', '（', '）', '：', '５', '?');
    const word = fc.constantFrom(
      '虐待',
      '虐 待',
      '虐\u200b待',
      '瘀斑',
      '淤　斑',
      '左耳',
      'ＨＣＧ（＋）',
      '早孕6周',
      'NAI',
      '懷孕',
      '无',
      '否认',
      '母亲',
      '性侵',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(spice, word, spice), { maxLength: 25 }),
        fc.constantFrom('2026-03-01', '2014-01-01', '2012-04-01'),
        (parts, birthDate) => {
          const text = parts.flat().join('');
          const input = { id: 'V1', patient: { sex: 'female', birthDate }, notes: [{ section: 'other', text }] };
          for (const { evidence } of detector.assess(input, { now: NOW }).indications) {
            for (const item of evidence) if (item.text !== undefined) expect(text.slice(item.start, item.end)).toBe(item.text);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('INV-15 anything at all gives an assessment, and the same one again', () => {
    const shaped = fc.record(
      {
        id: fc.oneof(fc.string(), fc.anything()),
        period: fc.oneof(fc.record({ start: fc.anything() }), fc.anything()),
        patient: fc.oneof(
          fc.record({ birthDate: fc.anything(), statedAge: fc.oneof(fc.string(), fc.anything()), identifiers: fc.anything() }),
          fc.anything(),
        ),
        notes: fc.oneof(
          fc.array(fc.oneof(fc.record({ section: fc.anything(), text: fc.string({ unit: 'binary' }) }), fc.anything())),
          fc.anything(),
        ),
        conditions: fc.oneof(fc.array(fc.record({ code: fc.string(), text: fc.string() })), fc.anything()),
        observations: fc.oneof(
          fc.array(fc.record({ name: fc.constantFrom('HCG', 'PLT', 'x'), value: fc.anything(), unit: fc.anything() })),
          fc.anything(),
        ),
        history: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.jsonValue(), shaped),
        fc.oneof(fc.integer(), fc.constantFrom(Number.NaN, Infinity)),
        (input, now) => {
          const once = JSON.stringify(detector.assess(input, { now }));
          expect(JSON.stringify(detector.assess(input, { now }))).toBe(once);
          expect(JSON.parse(once)).toMatchObject({ schemaVersion: '1' });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('INV-15 the bytes are the same under three time zones of the machine', () => {
    const cases = caseFiles().flatMap(readCases);
    const before = process.env['TZ'];
    const hours = new Set<number>();
    const runs = ['Asia/Shanghai', 'America/Los_Angeles', 'Pacific/Kiritimati'].map((zone) => {
      process.env['TZ'] = zone;
      hours.add(new Date(0).getHours());
      return JSON.stringify(cases.map(({ encounter }) => detector.assess(encounter, { now: NOW })));
    });
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
    expect(hours.size).toBe(3);
    expect(new Set(runs).size).toBe(1);
  });

  it('INV-15 a fresh detector and a used one agree', async () => {
    const { createDetector } = await import('@zhida/detect');
    const fresh = createDetector({ pack: nationalRulePack });
    for (const { encounter } of readCases('R-BR-01')) {
      expect(JSON.stringify(fresh.assess(encounter, { now: NOW }))).toBe(JSON.stringify(detector.assess(encounter, { now: NOW })));
    }
  });

  it('gives no adult an indication, whatever the record says', () => {
    fc.assert(
      fc.property(facts, (some) => {
        const assessment = assess({ patient: { sex: 'female', birthDate: '2008-06-14' }, ...some });
        expect([assessment.minor, assessment.level, ruleIds(assessment)]).toEqual(['no', 'none', []]);
      }),
      { numRuns: 100 },
    );
  });
});
