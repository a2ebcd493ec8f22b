import type { EncounterSnapshot } from '@zhida/core';
import type { Assessment, Indication } from '@zhida/detect';
import type { ScannedEncounter } from './encounters.js';
import type { Paint, Style } from './paint.js';
import { LEVELS, type LevelName, type Tally } from './tally.js';

const LEVEL_WORDS: Readonly<Record<LevelName, string>> = { red: '红 立即报告', orange: '橙 需要询问', yellow: '黄 留意', none: '无' };
const LEVEL_STYLES: Readonly<Record<LevelName, Style>> = { red: 'red', orange: 'orange', yellow: 'yellow', none: 'dim' };
const LEVEL_MARKS: Readonly<Record<LevelName, string>> = { red: '●', orange: '●', yellow: '○', none: '·' };
const CLASS_WORDS: Readonly<Record<string, string>> = {
  outpatient: '门诊',
  emergency: '急诊',
  inpatient: '住院',
  checkup: '体检',
  birth: '出生',
  virtual: '线上',
};
const SEX_WORDS: Readonly<Record<string, string>> = { male: '男', female: '女' };
const SECTION_WORDS: Readonly<Record<string, string>> = {
  'chief-complaint': '主诉',
  'present-illness': '现病史',
  'past-history': '既往史',
  'family-history': '家族史',
  'physical-exam': '查体',
  nursing: '护理',
  imaging: '影像',
  laboratory: '检验',
  procedure: '操作',
  assessment: '诊断',
  plan: '处理',
  social: '个人史',
  discharge: '出院',
  other: '其他',
};
/** Characters shown on either side of a span. */
const AROUND = 12;

/** One encounter for reading: a line, and below it the reasons with the words that are the reason. */
export function renderEncounter(
  { snapshot, assessment }: Pick<ScannedEncounter, 'snapshot' | 'assessment'>,
  place: string,
  paint: Paint,
): string {
  const { level } = assessment;
  const head = [
    paint(LEVEL_STYLES[level], `${LEVEL_MARKS[level]} ${LEVEL_WORDS[level]}`),
    paint(level === 'none' ? 'dim' : 'bold', snapshot.id),
    paint('dim', [whoText(snapshot, assessment), whenText(snapshot), place].filter((part) => part !== '').join('  ')),
  ].join('  ');
  return [head, ...assessment.indications.flatMap((indication) => renderIndication(indication, snapshot, paint))].join('\n');
}

/** One reason: the rule in words, what lowered it, what it asks for, and every piece of evidence. */
export function renderIndication(indication: Indication, snapshot: EncounterSnapshot, paint: Paint): string[] {
  const { level, ruleId, summary, situation, evidence, suppressedBy, loweredFrom, asks, silent } = indication;
  const lowered = loweredFrom === null ? [] : [`原为${LEVEL_WORDS[loweredFrom]}，因 ${suppressedBy.join('、')} 降一级`];
  const remarks = [...lowered, ...(silent ? ['静默'] : []), ...(asks.length === 0 ? [] : [`需问 ${asks.join('、')}`])];
  return [
    `    ${paint(LEVEL_STYLES[level], ruleId)}  ${summary.zh}  ${paint('dim', `第四条第${situation}项${remarks.map((remark) => ` · ${remark}`).join('')}`)}`,
    ...evidence.map((piece) => `      ${paint('dim', `${labelOf(piece.at, snapshot)}:`)} ${quote(piece, snapshot, paint)}`),
  ];
}

/** The last line of a scan. */
export function renderTally(tally: Tally, elapsedMs: number, paint: Paint): string {
  const levels = LEVELS.map((level) => paint(LEVEL_STYLES[level], `${LEVEL_WORDS[level].charAt(0)} ${tally.levels[level]}`));
  const unreadable = tally.unreadable === 0 ? [] : [paint('red', `读不了 ${tally.unreadable}`)];
  return [`就诊 ${tally.encounters}`, ...levels, ...unreadable, paint('dim', `${(elapsedMs / 1000).toFixed(1)} s`)].join(' · ');
}

function whoText({ patient }: EncounterSnapshot, { age, minor }: Assessment): string {
  const sex = SEX_WORDS[patient?.sex ?? ''] ?? '';
  if (age === null) return `${sex}年龄不详`;
  const years = age.years === 0 && age.months !== null ? `${age.months === 0 ? '不足1' : age.months}月龄` : `${age.years}岁`;
  return `${sex}${years}${minor === 'no' ? ' 成年' : ''}`;
}

function whenText({ class: visitClass, period }: EncounterSnapshot): string {
  return [CLASS_WORDS[visitClass ?? ''], period?.start?.slice(0, 10)].filter(Boolean).join(' ');
}

/** `notes[2].text` becomes 现病史; anything else keeps its path, which is where a vendor has to look. */
export function labelOf(at: string, snapshot: EncounterSnapshot): string {
  const note = /^(.*notes\[\d+\])\.text$/.exec(at)?.[1];
  const section = note === undefined ? undefined : valueAt(snapshot, `${note}.section`);
  if (typeof section !== 'string') return at;
  return `${at.startsWith('history') ? '既往就诊 ' : ''}${SECTION_WORDS[section] ?? section}`;
}

type EvidencePiece = Indication['evidence'][number];

function quote({ at, start, end, text }: EvidencePiece, snapshot: EncounterSnapshot, paint: Paint): string {
  const whole = valueAt(snapshot, at);
  if (start === undefined || end === undefined || typeof whole !== 'string') {
    return `${paint('mark', oneLine(text ?? plain(whole)))}${wordsBeside(at, snapshot)}`;
  }
  const before = `${start > AROUND ? '…' : ''}${whole.slice(Math.max(0, start - AROUND), start)}`;
  const after = `${whole.slice(end, end + AROUND)}${end + AROUND < whole.length ? '…' : ''}`;
  return `${oneLine(before)}${paint('mark', oneLine(whole.slice(start, end)))}${oneLine(after)}`;
}

/** A code says little to a reader: the words it came with stand beside it. */
function wordsBeside(at: string, snapshot: EncounterSnapshot): string {
  const fact = /^(.*)\.code$/.exec(at)?.[1];
  const words = fact === undefined ? '' : plain(valueAt(snapshot, `${fact}.text`) ?? valueAt(snapshot, `${fact}.name`));
  return words === '' ? '' : ` ${oneLine(words)}`;
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function oneLine(text: string): string {
  // Control characters of a record must not reach the terminal: they could move its cursor or write its title.
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}

function valueAt(snapshot: EncounterSnapshot, path: string): unknown {
  return path.split(/[.[\]]+/).reduce<unknown>((found, key) => {
    if (key === '' || typeof found !== 'object' || found === null) return found;
    return Object.hasOwn(found, key) ? (found as Record<string, unknown>)[key] : undefined;
  }, snapshot);
}
