import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncounterSnapshot } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import { type Rule, nationalRulePack } from '@zhida/packs';
import { projectRecords } from '../scripts/labelled.js';
import { detector } from './support.js';

/** The day the records are asked about. */
const NOW = Date.UTC(2026, 10, 22);
const DAY = 86_400_000;
const RANK = { red: 3, orange: 2, yellow: 1, none: 0 } as const;
/** The same records each time: whoever adds one meets what it breaks, and nobody else. */
const RUNS = { numRuns: 600, seed: 20_261_129 };
const DEADLINE = { timeout: 120_000 };

interface Own {
  readonly id: string;
  readonly encounter: EncounterSnapshot;
}

const records: readonly Own[] = projectRecords().map(({ id, encounter }) => ({ id, encounter: encounter as EncounterSnapshot }));
const record = fc.constantFrom(...records);

function assess(encounter: object): Assessment {
  return detector.assess(encounter, { now: NOW });
}

function view({ level, indications }: Assessment): unknown {
  return [level, indications.map((found) => [found.ruleId, found.level])];
}

/** A clause of one of a record's notes. */
interface ClauseOf extends Own {
  readonly note: number;
  readonly start: number;
  readonly text: string;
}

const MARKS = /[^，。；！？：、（）()“”"「」,:;!?\n]+/gu;
/** It denies or doubts already, so that a second denial says the contrary. */
const DENIES =
  /[无未没不否非莫冇别勿唔疑]|阴性|排除|除外|正常|\b(?:no|not|den|without|never|neg|nil|none|free|fail|refus|absent|lack|un|in|dis|cannot|nor|query)|n't|-ve/iu;
/** It tells who speaks: a denial in front denies the speaking. */
const SPEAKS =
  /[说诉述称言云讲问告承认供答话讲哭骂写]|\b(?:say|said|says|told|tell|report|disclos|state|ask|alleg|whisper|admit|writ|cr)/iu;
/** A number, a time or a space in Chinese text parts it, and what stands behind is told. */
const PARTS = /\d|\p{Script=Han}\s+|\s+\p{Script=Han}|[一二两三四五六七八九十半][天日周月年岁]|但|后|而|却|now|but|then|however/iu;

function plainClauses(own: Own): ClauseOf[] {
  return (own.encounter.notes ?? []).flatMap(({ text }, note) =>
    [...(text ?? '').matchAll(MARKS)]
      .map((match) => ({ ...own, note, start: match.index + match[0].search(/\S|$/u), text: match[0].trim() }))
      .filter((clause) => clause.text.length > 2 && ![DENIES, SPEAKS, PARTS].some((words) => words.test(clause.text))),
  );
}

const HAN = /\p{Script=Han}/u;

const clauses = records.flatMap(plainClauses);

function withClause({ encounter, note, start, text }: ClauseOf, put: string): object {
  return {
    ...encounter,
    notes: encounter.notes?.map((each, index) =>
      index === note ? { ...each, text: `${each.text.slice(0, start)}${put}${each.text.slice(start + text.length)}` } : each,
    ),
  };
}

describe('what holds for the labelled records', () => {
  it(
    'INV-13 a clause that is denied prompts nothing that is not prompted without it, and raises nothing above what it says undenied',
    DEADLINE,
    () => {
      expect(clauses.length).toBeGreaterThan(3_000);
      fc.assert(
        fc.property(fc.constantFrom(...clauses), (clause) => {
          const denial = HAN.test(clause.text) ? '否认' : 'denies ';
          const without = assess(withClause(clause, ''));
          const denied = assess(withClause(clause, `${denial}${clause.text}`));
          // Where something prompts anyway, a clause taken out takes who did it, or a distance, with it: there the record as it is written bounds it.
          const bound = RANK[without.level] < RANK.orange ? without : assess(clause.encounter);
          const most = Math.max(RANK[without.level], RANK[bound.level]);
          expect(RANK[denied.level], `${clause.id}: ${denial}${clause.text}`).toBeLessThanOrEqual(most);
        }),
        RUNS,
      );
    },
  );

  it('INV-13 who denies all harm beside the findings takes none of them away', DEADLINE, () => {
    const denial = fc.constantFrom('家属否认虐待、打骂、性侵。', '否认外伤史。', 'Family denies abuse, assault or neglect.');
    fc.assert(
      fc.property(record, denial, ({ id, encounter }, text) => {
        const before = assess(encounter);
        const after = assess({ ...encounter, notes: [...(encounter.notes ?? []), { section: 'present-illness', text }] });
        expect(RANK[after.level], id).toBeGreaterThanOrEqual(RANK[before.level]);
        for (const { ruleId } of before.indications) expect(ids(after), id).toContain(ruleId);
      }),
      RUNS,
    );
  });

  it('INV-13 an ordinary note more takes no indication away and lowers no red fixed by law, of any record', DEADLINE, () => {
    const ordinary = [
      '便秘。',
      '肛裂，大便带血。',
      '自行车摔倒，膝盖擦伤。',
      '精神可，饮食睡眠正常，大小便正常。',
      'Constipation. Mild eczema.',
    ];
    const lost: string[] = [];
    for (const { id, encounter } of records) {
      const before = assess(encounter);
      if (before.level === 'none') continue;
      for (const text of ordinary) {
        const after = assess({ ...encounter, notes: [...(encounter.notes ?? []), { section: 'present-illness', text }] });
        for (const old of before.indications) {
          const now = after.indications.find(({ ruleId }) => ruleId === old.ruleId);
          if (now === undefined || (old.statutory && now.level !== 'red'))
            lost.push(`${id} ${old.ruleId} ${now?.level ?? 'gone'}: ${text}`);
        }
      }
    }
    expect(lost).toEqual([]);
  });

  it('INV-13 what a feed does not carry is never read as nobody or as nothing: no rule speaks for want of a field', DEADLINE, () => {
    const fields = [
      'companion',
      'guardians',
      'disposition',
      'arrival',
      'history',
      'feedsPresent',
      'procedures',
      'orders',
      'medications',
    ] as const;
    fc.assert(
      fc.property(record, fc.subarray([...fields], { minLength: 1 }), ({ id, encounter }, missing) => {
        const known = new Set(ids(assess(encounter)));
        const { ...rest } = encounter as unknown as Record<string, unknown>;
        for (const field of missing) delete rest[field];
        expect(
          ids(assess(rest)).filter((rule) => !known.has(rule)),
          `${id} without ${missing.join(', ')}`,
        ).toEqual([]);
      }),
      { ...RUNS, numRuns: 1_500 },
    );
  });

  it('INV-13 the 18th birthday itself is still under 18, and the day after nothing is left', DEADLINE, () => {
    fc.assert(
      fc.property(fc.constantFrom(...dated), ({ id, encounter, birthDate }) => {
        const [day, next] = aboutBirthday(encounter, birthDate, 18);
        expect([day.minor, day.age?.years], id).toEqual(['yes', 17]);
        expect([next.minor, next.level, next.indications], id).toEqual(['no', 'none', []]);
      }),
      RUNS,
    );
  });

  it(
    'INV-13 the 14th birthday itself is still under 14, and the day after changes only rules that the law ties to that age, and none upwards',
    DEADLINE,
    () => {
      fc.assert(
        fc.property(fc.constantFrom(...dated), ({ id, encounter, birthDate }) => {
          const [day, next] = aboutBirthday(encounter, birthDate, 14);
          expect([day.age?.years, next.age?.years], id).toEqual([13, 14]);
          expect(RANK[next.level], id).toBeLessThanOrEqual(RANK[day.level]);
          expect(untied(next), id).toEqual(untied(day));
          // What the law calls red under 14 is red on the day itself; a girl who conceived before it stays so.
          for (const { ruleId, statutory, level } of day.indications)
            if (statutory && UNDER_14.has(ruleId)) expect(level, `${id} ${ruleId}`).toBe('red');
        }),
        RUNS,
      );
    },
  );

  it(
    'INV-15 the order of notes, diagnoses and results and the width of letters and digits change neither rules nor levels',
    DEADLINE,
    () => {
      const wide = (text: string): string =>
        text.replace(/[0-9a-z]/giu, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).replaceAll(' ', '\u3000');
      fc.assert(
        fc.property(record, ({ id, encounter }) => {
          const { notes = [], conditions = [], observations = [] } = encounter;
          const turned = {
            ...encounter,
            notes: notes.toReversed(),
            conditions: conditions.toReversed(),
            observations: observations.toReversed(),
          };
          expect(view(assess(turned)), id).toEqual(view(assess({ ...encounter, notes, conditions, observations })));
          // No system writes English sentences in full width: what is widened are the letters and digits of Chinese notes.
          const widened = { ...encounter, notes: notes.map((note) => (HAN.test(note.text) ? { ...note, text: wide(note.text) } : note)) };
          expect(view(assess(widened)), id).toEqual(view(assess(encounter)));
        }),
        RUNS,
      );
    },
  );
});

function ids({ indications }: Assessment): string[] {
  return indications.map(({ ruleId }) => ruleId);
}

const dated = records.flatMap(({ id, encounter }) => {
  const { birthDate } = encounter.patient ?? {};
  return birthDate !== undefined && /^\d{4}-\d\d-\d\d$/u.test(birthDate) ? [{ id, encounter, birthDate }] : [];
});

/** The record as told on a birthday of the patient and on the day after: one who was born on 29 February has it on the 28th of a common year. */
function aboutBirthday(encounter: EncounterSnapshot, birthDate: string, years: number): [day: Assessment, next: Assessment] {
  const [year = 0, month = 0, day = 0] = birthDate.split('-').map(Number);
  const birthday = Math.min(Date.UTC(year + years, month - 1, day), Date.UTC(year + years, month, 0));
  const on = (time: number): Assessment =>
    assess({ ...encounter, period: { start: `${new Date(time).toISOString().slice(0, 10)}T10:00:00+08:00` } });
  return [on(birthday), on(birthday + DAY)];
}

/** A condition with the conditions it names written out. */
function writtenOut(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(writtenOut);
  if (typeof part !== 'object' || part === null) return part;
  if ('use' in part) return writtenOut(nationalRulePack.conditions[String(part.use)]);
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, writtenOut(value)]));
}

/** Whether 14 years (168 months) stand anywhere in a rule or in what lowers it. */
function isTiedTo14({ when, levels, situations, raisedBy = [], suppressors }: Rule): boolean {
  const lowering = nationalRulePack.suppressors.filter(({ id }) => suppressors.includes(id)).map((suppressor) => suppressor.when);
  const all = writtenOut([when, levels, situations, raisedBy.map((use) => ({ use })), lowering]);
  return /"(?:from|below|years|conceivedBelow)":(?:14|168)\b/u.test(JSON.stringify(all));
}

const TIED = new Set(nationalRulePack.rules.filter(isTiedTo14).map(({ id }) => id));
/** The Opinion's second item: pregnancy, and what is done to a girl, under 14. */
const UNDER_14 = new Set(['R-PG-01']);

/** Rules that 14 years mean nothing to, and that are lowered by no other rule. */
function untied({ indications }: Assessment): unknown {
  const alone = new Set(nationalRulePack.rules.filter(({ unlessAnother }) => unlessAnother === undefined).map(({ id }) => id));
  return indications
    .filter(({ ruleId }) => !TIED.has(ruleId) && alone.has(ruleId))
    .map(({ ruleId, level, loweredFrom, suppressedBy }) => [ruleId, level, loweredFrom, suppressedBy]);
}
