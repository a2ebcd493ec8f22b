import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Condition,
  FALLBACK_SENTENCE,
  clinicalSentence,
  legalPack,
  nationalCalendar,
  nationalEvidenceActs,
  nationalProfile,
  nationalQuestions,
  nationalRulePack,
  nationalWording,
  packDigest,
  sampleCountyProfile,
  toldAtOnce,
} from '@zhida/packs';
import { checkUscc } from '@zhida/core';
import wordingData from '../src/national/wording.data.json' with { type: 'json' };

const CASES = new URL('../cases/', import.meta.url);

/** Every concept, code set, result and condition a condition names, at any depth. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(namesIn);
}

describe('the national rule pack', () => {
  it('carries the digest of its own content', async () => {
    expect(nationalRulePack.digest).toBe(await packDigest(nationalRulePack));
  });

  it('has each rule and concept id once, with wording and law for every rule', () => {
    const ids = nationalRulePack.rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(nationalRulePack.concepts.map(({ id }) => id)).size).toBe(nationalRulePack.concepts.length);
    for (const { id, situations, legalBasis } of nationalRulePack.rules) {
      const wording = nationalWording[id];
      expect(wording, id).toBeDefined();
      for (const sentence of [...legalBasis, ...situations.map(({ situation }) => `opinion-2020:4.${situation}`)]) {
        expect(legalPack.sentences[sentence]?.verified, `${id} cites ${sentence}`).toBe(true);
      }
      expect(wording?.questionSet === 'none' || wording?.questionSet === undefined || wording.questionSet in nationalQuestions).toBe(true);
    }
  });

  it('has no empty, repeated or one-letter term', () => {
    for (const { id, terms } of nationalRulePack.concepts) {
      expect(new Set(terms).size, id).toBe(terms.length);
      for (const term of terms) expect(/^[a-z]?$/i.test(term), `${id}: "${term}"`).toBe(false);
    }
  });

  it('names no abuser, no certainty of abuse and no colour in what a clinician reads', () => {
    const words = JSON.stringify([nationalWording, nationalRulePack.rules.map(({ summary }) => summary)]);
    for (const forbidden of ['嫌疑人', '施虐者', '红色', '橙色', '预警', '监测']) expect(words).not.toContain(forbidden);
  });

  it('says 不满 of an age that is not reached, because 以下 includes the age itself (Civil Code article 1259)', () => {
    const zh = [
      ...nationalRulePack.rules.map(({ summary }) => summary.zh),
      ...Object.values(nationalWording).map((words) => words?.found?.zh),
    ];
    expect(zh.filter((text) => text?.includes('以下'))).toEqual([]);
  });

  it('names no younger age in a summary than the rule speaks at', () => {
    const oldestMonths = (value: unknown): number[] => {
      if (typeof value !== 'object' || value === null) return [];
      const { ageYears, ageMonths } = value as { ageYears?: { below?: number }; ageMonths?: { below?: number } };
      const here = [
        ...(ageYears?.below === undefined ? [] : [ageYears.below * 12]),
        ...(ageMonths?.below === undefined ? [] : [ageMonths.below]),
      ];
      return [...here, ...Object.values(value).flatMap(oldestMonths)];
    };
    const said = (zh: string): number | undefined => {
      const [, count, unit] = /不满(\d+)(岁|个月)/.exec(zh) ?? [];
      return count === undefined ? undefined : Number(count) * (unit === '岁' ? 12 : 1);
    };
    const wrong = nationalRulePack.rules.filter(({ summary, when }) => {
      const months = said(summary.zh);
      return months !== undefined && months < Math.max(...oldestMonths(when));
    });
    expect(wrong.map(({ id, summary }) => `${id} ${summary.zh}`)).toEqual([]);
  });

  it('uses each sentence of its wording, and has each once', () => {
    for (const table of [wordingData.why, wordingData.doNow, wordingData.preserve]) {
      const named = new Set(Object.values(wordingData.rules).flatMap(({ why, doNow, preserve }) => [why, doNow, ...preserve]));
      expect(Object.keys(table).filter((name) => !named.has(name))).toEqual([]);
      const texts = Object.values(table).flatMap((entry) => Object.values('text' in entry ? entry.text : entry));
      expect(texts).toEqual([...new Set(texts)]);
    }
    const ticks = Object.values(nationalWording).map((words) => words?.preserve ?? []);
    expect(ticks.filter((own) => own.length > 5 || own.some((tick) => tick === undefined))).toEqual([]);
  });

  it('has at least five positive, five negative and one boundary case for every rule', () => {
    for (const { id } of nationalRulePack.rules) {
      const kinds = readFileSync(new URL(`${id}.cases.jsonl`, CASES), 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind);
      const count = (kind: string): number => kinds.filter((item) => item === kind).length;
      expect([count('positive') >= 5, count('negative') >= 5, count('boundary') >= 1], id).toEqual([true, true, true]);
    }
    expect(readdirSync(CASES)).toContain('quiet.cases.jsonl');
  });

  it('uses every concept, code set, result kind and suppressor it defines', () => {
    const used = new Set<string>([nationalRulePack.paediatric.concept]);
    const see = (condition: Condition): void => namesIn(condition).forEach((id) => used.add(id));
    const { rules, suppressors, conditions, results, concepts, codeSets } = nationalRulePack;
    for (const rule of rules) {
      see(rule.when);
      for (const { when } of [...rule.levels, ...rule.situations]) if (when !== undefined) see(when);
      for (const id of [
        ...rule.suppressors,
        ...(rule.raisedBy ?? []),
        ...[rule.unlessAnother, rule.weighsUnless].filter((other) => other !== undefined),
      ])
        used.add(id);
    }
    for (const { when } of suppressors) see(when);
    for (const condition of Object.values(conditions)) see(condition);
    for (const { concept } of Object.values(results)) used.add(concept);
    for (const { includes = [], patterns = [] } of concepts) {
      for (const id of includes) used.add(id);
      patterns.forEach(see);
    }
    const defined = [
      ...concepts.map(({ id }) => id),
      ...Object.keys(codeSets),
      ...Object.keys(results),
      ...suppressors.map(({ id }) => id),
    ];
    expect(defined.filter((id) => !used.has(id))).toEqual([]);
    expect(Object.keys(conditions).filter((id) => !used.has(id))).toEqual([]);
  });
});

describe('the legal pack', () => {
  it('carries the digest of its own content', async () => {
    expect(legalPack.digest).toBe(await packDigest(legalPack));
  });

  it('says of every verified sentence where it stands and when it was checked, and marks translations unofficial', () => {
    for (const [id, { verified, verifiedOn, source, en }] of Object.entries(legalPack.sentences)) {
      expect(source.article, id).not.toBe('');
      expect(verified, id).toBe(verifiedOn !== undefined);
      if (verified) expect(en, id).toContain('Unofficial translation');
    }
  });

  it('INV-17 never gives an unverified or unknown sentence to a clinical screen', () => {
    const unverified = Object.entries(legalPack.sentences).filter(([, { verified }]) => !verified);
    expect(unverified.length).toBeGreaterThan(0);
    for (const id of [...unverified.map(([name]) => name), 'opinion-2020:99', 'constructor', '__proto__']) {
      const shown = clinicalSentence(legalPack, id, 'zh');
      expect(shown).toEqual({ id: FALLBACK_SENTENCE, text: legalPack.sentences[FALLBACK_SENTENCE]?.zh });
    }
  });

  it('gives all nine items of article 4 in both languages', () => {
    for (let item = 1; item <= 9; item += 1) {
      const id = `opinion-2020:4.${item}`;
      expect(clinicalSentence(legalPack, id, 'zh').id).toBe(id);
      expect(clinicalSentence(legalPack, id, 'en').text).toContain('minor'.slice(0, item === 2 ? 0 : 5));
    }
  });
});

describe('the jurisdiction profiles', () => {
  it('index every facility by a code with a valid check digit, within 1 to 99', () => {
    for (const [code, index] of Object.entries(sampleCountyProfile.hospitalIndex)) {
      expect(checkUscc(code)).toBe(true);
      expect(sampleCountyProfile.facilities?.[code]).toBeDefined();
      expect(Number.isInteger(index) && index >= 1 && index <= 99).toBe(true);
    }
  });

  it('name fictional telephones only, police before civil affairs', () => {
    for (const { phone } of sampleCountyProfile.recipients) expect(phone).toMatch(/^0000-/);
    const [county = ''] = Object.keys(sampleCountyProfile.hospitalIndex);
    expect(toldAtOnce(sampleCountyProfile, county).map(({ kind }) => kind)).toEqual(['police', 'civil-affairs', 'health-commission']);
  });

  it('are one county hospital and nine township hospitals, each of those with the station that covers it', () => {
    const [county, ...townships] = Object.keys(sampleCountyProfile.hospitalIndex);
    expect(townships).toHaveLength(9);
    for (const code of townships) {
      const told = toldAtOnce(sampleCountyProfile, code).map(({ kind, party }) => `${kind} ${party.split(':')[1]?.split('-')[0]}`);
      expect(told).toEqual(['police police', 'police police', 'civil-affairs civil', 'health-commission health']);
    }
    expect(sampleCountyProfile.facilityRegions?.[county ?? '']).toBe('440299100');
  });

  it('know all kinds of recipients', () => {
    const kinds = new Set(sampleCountyProfile.recipients.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'civil-affairs',
      'comprehensive-governance-centre',
      'education',
      'health-commission',
      'police',
      'procuratorate',
      'social-work-station',
      'womens-federation',
    ]);
  });

  it('name each party and each telephone once, and a name in both languages', () => {
    const { recipients } = sampleCountyProfile;
    for (const pick of [(r: (typeof recipients)[number]) => r.party, (r: (typeof recipients)[number]) => r.phone]) {
      expect(new Set(recipients.map(pick)).size).toBe(recipients.length);
    }
    for (const { name, view, kind } of recipients) {
      expect(name.zh).not.toBe('');
      expect(name.en).toMatch(/^[\x20-\u2019]+$/);
      expect(view).toBe(kind);
    }
  });

  it('have the escalation clocks of the design', () => {
    for (const profile of [nationalProfile, sampleCountyProfile]) {
      expect(profile.clocks?.['police']).toEqual({
        urgent: { stored: 10, accepted: 30 },
        routine: { stored: 60, accepted: 480 },
        feedbackLegalDays: 3,
        chaseDays: [30, 90],
      });
    }
  });

  it('share the ladder of the design', () => {
    for (const profile of [nationalProfile, sampleCountyProfile]) {
      expect(profile.ladderSeconds).toEqual([5, 15, 30, 60, 120, 300, 600, 1800]);
      expect(profile.thenEverySeconds).toBe(3600);
    }
  });
});

describe('the national calendar', () => {
  it('has days of its own years alone, no day both off and worked, and worked days on weekends', () => {
    for (const [year, { holidays, workdays, source, verified }] of Object.entries(nationalCalendar.years)) {
      expect([...holidays, ...workdays].every((day) => day.startsWith(`${year}-`))).toBe(true);
      expect(holidays.filter((day) => workdays.includes(day))).toEqual([]);
      expect(new Set(holidays).size).toBe(holidays.length);
      for (const day of workdays) expect([0, 6]).toContain(new Date(`${day}T00:00:00Z`).getUTCDay());
      expect(source).toContain(year);
      // Nobody has compared it with the notice yet, and it must not say otherwise.
      expect(verified).toBe(false);
    }
  });
});

describe('the acts after which evidence would be lost', () => {
  it('are named in lower case, each once, and none is taken out by what it is not', () => {
    expect(new Set(nationalEvidenceActs.map(({ id }) => id)).size).toBe(nationalEvidenceActs.length);
    for (const { terms, unless, codes, kinds } of nationalEvidenceActs) {
      for (const word of [...terms, ...unless]) expect(word).toBe(word.toLowerCase());
      for (const term of terms) expect(unless.filter((phrase) => term.includes(phrase))).toEqual([]);
      expect(codes.every((code) => /^\d\d\.\d{1,2}$/.test(code))).toBe(true);
      expect(kinds.filter((kind) => !['conception-tissue', 'clothing'].includes(kind))).toEqual([]);
    }
  });
});
