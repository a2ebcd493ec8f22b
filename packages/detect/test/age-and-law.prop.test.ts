import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assessment } from '@zhida/detect';
import { NOW, detector } from './support.js';

const DAY = 86_400_000;

/** Days since 1970, counted here by the platform's calendar and nowhere by the project's own. */
type Day = number;
const dayOf = (year: number, month: number, day: number): Day => Date.UTC(year, month - 1, day) / DAY;
const textOf = (day: Day): string => new Date(day * DAY).toISOString().slice(0, 10);

/** 周岁: a year older from the day after the birthday, which of a child of 29 February is 28 February in a common year (民法典 art. 203). */
function yearsOn(born: Day, on: Day): number {
  const birth = new Date(born * DAY);
  const years = new Date(on * DAY).getUTCFullYear() - birth.getUTCFullYear();
  const birthday = Math.min(
    dayOf(birth.getUTCFullYear() + years, birth.getUTCMonth() + 1, birth.getUTCDate()),
    dayOf(birth.getUTCFullYear() + years, birth.getUTCMonth() + 2, 0),
  );
  return on > birthday ? years : years - 1;
}

function assess(on: Day, patient: object, rest: object = {}): Assessment {
  return detector.assess({ id: 'V1', period: { start: `${textOf(on)}T10:00:00+08:00` }, patient, ...rest }, { now: NOW });
}

const VISIT = dayOf(2026, 6, 15);
const day = fc.integer({ min: dayOf(2004, 1, 1), max: dayOf(2026, 5, 31) });
/** Near the birthdays the law knows, and on leap days, where mistakes are. */
const nearBirthday = fc
  .tuple(fc.constantFrom(14, 18), fc.integer({ min: -3, max: 3 }), fc.integer({ min: dayOf(2024, 1, 1), max: dayOf(2028, 12, 31) }))
  .map(([years, off, on]) => {
    const visit = new Date(on * DAY);
    return { on, born: dayOf(visit.getUTCFullYear() - years, visit.getUTCMonth() + 1, visit.getUTCDate()) + off };
  });
const leapDay = fc
  .tuple(fc.constantFrom(2008, 2012), fc.integer({ min: -2, max: 3 }), fc.integer({ min: 14, max: 18 }))
  .map(([year, off, years]) => ({ born: dayOf(year, 2, 29), on: dayOf(year + years, 2, 28) + off }));

describe('周岁', () => {
  it('agrees with the calendar around the 14th and the 18th birthday and on leap days', () => {
    fc.assert(
      fc.property(fc.oneof(nearBirthday, leapDay), ({ born, on }) => {
        const years = yearsOn(born, on);
        const { age, minor } = assess(on, { birthDate: textOf(born) });
        expect([age?.years, minor]).toEqual([years, years < 18 ? 'yes' : 'no']);
      }),
      { numRuns: 400 },
    );
  });

  it('of a partial birth date says yes or no only where every day it allows does, and gives the youngest age', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2005, max: 2026 }), fc.option(fc.integer({ min: 1, max: 12 })), (year, month) => {
        const from = dayOf(year, month ?? 1, 1);
        const to = dayOf(month === null ? year + 1 : year, month === null ? 1 : month + 1, 1);
        const born = Array.from({ length: to - from }, (_, index) => from + index).filter((each) => each <= VISIT);
        if (born.length === 0) return;
        const years = born.map((each) => yearsOn(each, VISIT));
        const minor = years.every((each) => each < 18) ? 'yes' : years.every((each) => each >= 18) ? 'no' : 'unknown';
        const assessment = assess(VISIT, { birthDate: month === null ? `${year}` : `${year}-${String(month).padStart(2, '0')}` });
        expect([assessment.minor, assessment.age?.years]).toEqual([minor, Math.max(0, Math.min(...years))]);
        expect(assessment.issues.map(({ code }) => code)).toContain('BIRTH_DATE_PARTIAL');
      }),
      { numRuns: 200 },
    );
  });

  it('of a resident id is that of its birth date, and of stated years never makes a child of age who could be 17', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 30 }), (born, stated) => {
        const identifiers = [{ system: 'cn-resident-id', value: residentId(born) }];
        expect(assess(VISIT, { identifiers })).toMatchObject({
          minor: yearsOn(born, VISIT) < 18 ? 'yes' : 'no',
          age: { basis: 'resident-id' },
        });
        const { minor } = assess(VISIT, { statedAge: `${stated}岁` });
        // 虚岁 counts a year more than the law, and two before the birthday of the year.
        if (stated <= 18) expect(minor, `${stated}岁`).not.toBe('no');
        if (stated < 17) expect(minor, `${stated}岁`).toBe('yes');
        expect(minor === 'no').toBe(stated >= 19);
      }),
      { numRuns: 200 },
    );
  });

  it('knows nothing of a missing birth date, and of one after the visit', () => {
    for (const patient of [{}, { birthDate: '' }, { birthDate: '2026-07-01' }, { birthDate: '未知' }])
      expect(assess(VISIT, patient)).toMatchObject({ minor: 'unknown', age: null });
  });
});

/** The 18 digits of a resident id of somebody born on a day. */
function residentId(born: Day): string {
  const body = `110105${textOf(born).replaceAll('-', '')}002`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, index) => total + weight * Number(body.charAt(index)), 0);
  return `${body}${'10X98765432'.charAt(sum % 11)}`;
}

describe('conception before the 14th birthday', () => {
  const girl = (on: Day, born: Day, text: string): Assessment =>
    assess(on, { sex: 'female', birthDate: textOf(born) }, { notes: [{ section: 'imaging', text }] });
  const statutory = ({ indications }: Assessment): boolean => indications.some((found) => found.statutory && found.level === 'red');
  const weeks = fc.integer({ min: 6, max: 40 });
  /** Girls of 14 and their pregnancies, so that conception lies about the birthday. */
  const pregnancy = fc.tuple(weeks, fc.integer({ min: -14, max: 14 })).map(([week, off]) => {
    const conceived = VISIT - week * 7 + 14;
    const at = new Date(conceived * DAY);
    return { week, born: dayOf(at.getUTCFullYear() - 14, at.getUTCMonth() + 1, at.getUTCDate()) + off };
  });

  it('is told to the day by weeks and days, and the birthday itself is still under 14', () => {
    fc.assert(
      fc.property(pregnancy, fc.integer({ min: 0, max: 6 }), ({ week, born }, days) => {
        const isUnder = yearsOn(born, VISIT - (week * 7 + days) + 14) < 14;
        const found = girl(VISIT, born, `超声提示宫内单活胎，孕${week}周+${days}天。`);
        expect(statutory(found), `${week}+${days} ${textOf(born)}`).toBe(isUnder || yearsOn(born, VISIT) < 14);
        expect(['red', 'orange']).toContain(found.level);
      }),
      { numRuns: 300 },
    );
  });

  it('by whole weeks is red where any day of the week allows it, and asks where not every day does', () => {
    fc.assert(
      fc.property(pregnancy, ({ week, born }) => {
        if (yearsOn(born, VISIT) < 14) return;
        const earliest = yearsOn(born, VISIT - (week * 7 + 6) + 14) < 14;
        const latest = yearsOn(born, VISIT - week * 7 + 14) < 14;
        const found = girl(VISIT, born, `超声提示宫内单活胎，孕${week}周。`);
        expect(statutory(found)).toBe(earliest);
        const asks = found.indications.flatMap((indication) => indication.asks);
        expect(asks.includes('GESTATION_UNCERTAIN')).toBe(earliest && !latest);
      }),
      { numRuns: 200 },
    );
  });

  it('never goes away when the pregnancy is older', () => {
    fc.assert(
      fc.property(pregnancy, fc.integer({ min: 1, max: 4 }), ({ week, born }, more) => {
        if (week + more > 42) return;
        const text = (of: number): string => `超声提示宫内单活胎，孕${of}周。`;
        if (statutory(girl(VISIT, born, text(week)))) expect(statutory(girl(VISIT, born, text(week + more)))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is asked for where nobody wrote the weeks and it is possible', () => {
    const at14 = dayOf(2012, 6, 1);
    expect(girl(VISIT, at14, '早孕，要求人流').indications.flatMap(({ asks }) => asks)).toContain('GESTATION_UNKNOWN');
    expect(girl(VISIT, dayOf(2010, 1, 1), '早孕，要求人流').indications.flatMap(({ asks }) => asks)).toEqual([]);
  });
});

describe("a newborn's record that names a minor mother", () => {
  const newborn = (mother: object, rest: object = {}): Assessment =>
    assess(
      VISIT,
      { sex: 'male', birthDate: textOf(VISIT) },
      { class: 'birth', mother, notes: [{ section: 'other', text: '足月顺产' }], ...rest },
    );

  it('is red where she conceived under 14, orange at least under 18, quiet for a mother of age', () => {
    fc.assert(
      fc.property(fc.integer({ min: dayOf(2005, 1, 1), max: dayOf(2015, 1, 1) }), (born) => {
        const { level, indications } = newborn({ birthDate: textOf(born) });
        const isStatutory = indications.some((found) => found.statutory && found.level === 'red');
        // Nobody wrote the weeks: at term.
        expect(isStatutory, textOf(born)).toBe(yearsOn(born, VISIT - 280 + 14) < 14);
        expect(level === 'none', textOf(born)).toBe(yearsOn(born, VISIT) >= 18);
      }),
      { numRuns: 200 },
    );
  });

  it('is read from a number of years and from the text too', () => {
    expect(newborn({ age: 15 }).level).not.toBe('none');
    expect(newborn({ age: 25 }).level).toBe('none');
    expect(newborn({}, { notes: [{ section: 'other', text: '母亲15岁，G1P1，足月顺产' }] }).level).not.toBe('none');
    expect(newborn({}, { notes: [{ section: 'other', text: '母亲28岁，G1P1，足月顺产' }] }).level).toBe('none');
  });
});

describe('both sexes, and children who are called married', () => {
  it('what is done to a boy counts as what is done to a girl', () => {
    for (const text of [
      '被教练猥亵',
      '肛门新鲜裂伤，自述被人侵害',
      '淋球菌培养阳性',
      '被继父用皮带抽打背部',
      '左耳廓见瘀斑，背部条状瘀斑',
    ]) {
      const of = (sex: string): unknown =>
        assess(VISIT, { sex, birthDate: '2018-01-01' }, { notes: [{ section: 'present-illness', text }] }).level;
      expect([of('male'), of('other'), of('unknown')], text).toEqual([of('female'), of('female'), of('female')]);
      expect(of('male'), text).not.toBe('none');
    }
  });

  it('a boy is not pregnant, a child of unknown sex may be', () => {
    const of = (sex: string | undefined): string =>
      assess(
        VISIT,
        { ...(sex === undefined ? {} : { sex }), birthDate: '2013-01-01' },
        { notes: [{ section: 'imaging', text: '宫内早孕，孕8周' }] },
      ).level;
    expect([of('male'), of('female'), of('unknown'), of(undefined)]).toEqual(['none', 'red', 'red', 'red']);
  });

  it('no marriage is lawful under 18: red under 14, orange at least to 17, whatever field says so', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: dayOf(2006, 1, 1), max: dayOf(2016, 1, 1) }),
        fc.constantFrom<object>(
          { patient: { maritalStatus: '已婚' } },
          { companion: { relationship: '丈夫' } },
          { companion: { relationship: '老公' } },
        ),
        (born, rest) => {
          const patient = { sex: 'female', birthDate: textOf(born), ...('patient' in rest ? (rest.patient as object) : {}) };
          const { level } = assess(VISIT, patient, {
            ...('companion' in rest ? rest : {}),
            notes: [{ section: 'other', text: '腹痛1天' }],
          });
          const years = yearsOn(born, VISIT);
          expect(level, textOf(born)).toBe(years >= 18 ? 'none' : years < 14 ? 'red' : 'orange');
        },
      ),
      { numRuns: 150 },
    );
  });
});
