import type { EncounterSnapshot } from '@zhida/core';
import type { Assessment, Indication } from '@zhida/detect';
import { type Level, type Rule, type Suppressor, clinicalSentence, legalPack, nationalRulePack, nationalWording } from '@zhida/packs';
import { type Texts, fill, localeOf, wordOf } from '../locales/texts.js';
import { type Mark, type Piece, piecesOf } from './marks.js';
import { dayOf, labelOf, valueAt, valueText } from './paths.js';

/** One encounter as it is shown to a reader, on a terminal or a page. */
export interface ExplainedEncounter {
  readonly id: string;
  readonly level: Level;
  readonly who: string;
  readonly when: string;
  readonly place: string;
  /** Every note, and every other text that holds evidence. */
  readonly texts: readonly { readonly label: string; readonly pieces: readonly Piece[] }[];
  /** Codes, results and fields that are evidence. */
  readonly values: readonly {
    readonly label: string;
    readonly value: string;
    readonly words: string;
    readonly reasons: readonly number[];
  }[];
  readonly reasons: readonly Reason[];
  /** The sentences of law the reasons name, each once. */
  readonly law: readonly Sentence[];
  /** What the reader has to know of how it was judged. */
  readonly remarks: readonly string[];
}

/** A sentence of law, word for word, and where it stands. */
export interface Sentence {
  readonly name: string;
  readonly text: string;
}

/** Why a rule speaks, under its number. */
export interface Reason {
  readonly number: number;
  readonly ruleId: string;
  readonly level: Level;
  readonly summary: string;
  /** The article's item, fixed by law, silent. */
  readonly remarks: readonly string[];
  /** Empty where the summary says it. */
  readonly found: string;
  /** Names of the sentences it rests on. */
  readonly law: readonly string[];
  /** What has lowered it; empty where nothing has. */
  readonly lowered: string;
  /** What else would lower it. */
  readonly lowers: string;
  readonly asks: string;
}

interface Judged {
  readonly snapshot: EncounterSnapshot;
  readonly assessment: Assessment;
}

export function explainEncounter({ snapshot, assessment }: Judged, place: string, texts: Texts): ExplainedEncounter {
  const { indications, level } = assessment;
  return {
    id: snapshot.id,
    level,
    who: whoText(snapshot, assessment, texts),
    when: [wordOf(texts.classes, snapshot.class), dayOf(snapshot.period?.start ?? '')].filter(Boolean).join(' '),
    place,
    texts: textsWith(indications, snapshot, texts),
    values: valuesWith(indications, snapshot, texts),
    law: lawOf([...new Set(indications.flatMap(({ legalBasis }) => legalBasis))], localeOf(texts)),
    reasons: indications.map((indication, index) => reasonOf(indication, index + 1, texts)),
    remarks: remarksOf(assessment, snapshot, texts),
  };
}

function textsWith(indications: readonly Indication[], snapshot: EncounterSnapshot, texts: Texts): ExplainedEncounter['texts'] {
  const marks = new Map<string, Mark[]>((snapshot.notes ?? []).map((_note, index) => [`notes[${index}].text`, []]));
  indications.forEach(({ evidence }, index) => {
    for (const { at, start, end } of evidence) {
      if (start === undefined || end === undefined || typeof valueAt(snapshot, at) !== 'string') continue;
      marks.set(at, [...(marks.get(at) ?? []), { start, end, reason: index + 1 }]);
    }
  });
  return Array.from(marks, ([at, own]) => {
    const text = valueAt(snapshot, at);
    return { label: labelOf(at, snapshot, texts), pieces: piecesOf(typeof text === 'string' ? text : '', own) };
  });
}

function valuesWith(indications: readonly Indication[], snapshot: EncounterSnapshot, texts: Texts): ExplainedEncounter['values'] {
  const reasons = new Map<string, number[]>();
  indications.forEach(({ evidence }, index) => {
    for (const { at, start } of evidence) if (start === undefined) reasons.set(at, [...(reasons.get(at) ?? []), index + 1]);
  });
  return Array.from(reasons, ([at, own]) => ({
    label: labelOf(at, snapshot, texts),
    ...valueText(at, snapshot, texts),
    reasons: [...new Set(own)],
  }));
}

function reasonOf(indication: Indication, number: number, texts: Texts): Reason {
  const { ruleId, level, summary, situation, statutory, silent, asks } = indication;
  const locale = localeOf(texts);
  const item = fill(texts.indication.article, { item: texts.indication.items[situation] ?? situation });
  return {
    number,
    ruleId,
    level,
    summary: summary[locale],
    remarks: [item, ...(statutory ? [texts.indication.statutory] : []), ...(silent ? [texts.indication.silent] : [])],
    found: nationalWording[ruleId]?.found?.[locale] ?? '',
    law: lawOf(indication.legalBasis, locale).map(({ name }) => name),
    ...lowering(indication, texts),
    asks: asks.map((ask) => texts.asks[ask]).join(texts.indication.separator),
  };
}

/** The sentences that are verified word for word; where none is, the one that is shown in their place (INV-17). */
export function lawOf(ids: readonly string[], locale: 'zh' | 'en'): Sentence[] {
  const shown = ids.map((id) => ({ asked: id, ...clinicalSentence(legalPack, id, locale) }));
  const verified = shown.filter(({ asked, id }) => asked === id);
  const sentences = new Map((verified.length > 0 ? verified : shown.slice(0, 1)).map(({ id, text }) => [id, text]));
  return Array.from(sentences, ([id, text]) => {
    const source = legalPack.sentences[id]?.source;
    return { name: source === undefined ? id : `${source.title} ${source.article}`, text };
  });
}

function lowering({ ruleId, statutory, suppressedBy, loweredFrom }: Indication, texts: Texts): Pick<Reason, 'lowered' | 'lowers'> {
  const { levels } = texts;
  const rule = nationalRulePack.rules.find(({ id }) => id === ruleId);
  const lowered =
    loweredFrom === null
      ? ''
      : fill(suppressedBy.some(silences) ? texts.indication.silencedFrom : texts.indication.loweredFrom, {
          level: levels[loweredFrom],
          reasons: suppressorsText(suppressedBy, texts),
        });
  if (statutory) return { lowered, lowers: texts.indication.neverLowered };
  return { lowered, lowers: lowersText(rule, suppressedBy, texts) };
}

/** What lowers a rule, without what has. */
export function lowersText(rule: Rule | undefined, without: readonly string[], texts: Texts): string {
  const others = (rule?.suppressors ?? []).filter((id) => !without.includes(id));
  const { lowersOnce, lowersNoMore, lowersToNone } = texts.indication;
  const form = others.some(silences) ? lowersToNone : without.length > 0 ? lowersNoMore : lowersOnce;
  if (others.length > 0) return fill(form, { reasons: suppressorsText(others, texts) });
  return without.length > 0 ? '' : texts.indication.noneLowers;
}

function silences(id: string): boolean {
  return suppressorOf(id)?.silences === true;
}

function suppressorOf(id: string): Suppressor | undefined {
  return nationalRulePack.suppressors.find((suppressor) => suppressor.id === id);
}

function suppressorsText(ids: readonly string[], texts: Texts): string {
  return ids.map((id) => suppressorOf(id)?.why[localeOf(texts)] ?? id).join(texts.indication.separator);
}

function remarksOf({ issues, indications }: Assessment, snapshot: EncounterSnapshot, texts: Texts): string[] {
  if (indications.length === 0) return issues.filter(({ severity }) => severity === 'error').map(({ code, at }) => `${code} ${at}`);
  return issues.flatMap(({ code, at }) => {
    const text = wordOf(texts.issues, code);
    if (text === '') return [];
    const where = labelOf(at, snapshot, texts);
    return [at === '' || text.includes(where) ? text : `${text}（${where}）`];
  });
}

function whoText({ patient }: EncounterSnapshot, { age, minor }: Assessment, texts: Texts): string {
  const sex = wordOf(texts.sexes, patient?.sex);
  const space = texts.lang === 'en' && sex !== '' ? ' ' : '';
  if (age === null) return `${sex}${space}${texts.age.unknown}`;
  const months = age.months === 0 ? texts.age.underOneMonth : fill(texts.age.months, { n: age.months ?? 0 });
  const years = age.years === 0 && age.months !== null ? months : fill(texts.age.years, { n: age.years });
  return `${sex}${space}${years}${minor === 'no' ? ` ${texts.age.adult}` : ''}`;
}
