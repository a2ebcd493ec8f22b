import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { EncounterSnapshot } from '@zhida/core';
import { mulberry32 } from '../../../test/support/random.js';
import { type Labelled, projectRecords } from './labelled.js';

/**
 * Writes a tenth of the project's records once more as a hurried writer, a dialect or a poor interface would have put them:
 * `packages/packs/cases/perturbed/records.jsonl`. The id of a record decides whether it is of the tenth and what is done to it, so a record
 * gives the same line whatever others stand beside it; what is said stays the same, so it keeps its label. `perturbs` names the record, `perturbation` what was done to it.
 */
const FILE = new URL('../../packs/cases/perturbed/records.jsonl', import.meta.url);
const SHARE = 10;
/** How many words of a note are put in dialect, or mistyped, of those that could be. */
const SLIPS_MAX = 6;

type Random = () => number;
type Perturb = (text: string, random: Random) => string;
type Spoilt = Pick<EncounterSnapshot, 'notes'>;

/** What an input method by sound gives instead; the first is meant. */
const HOMOPHONES =
  '的得地 他她它 在再 做作 已以 受收 痕很 伤商 被备 青清 紫子 肿种 血雪 痛通 压呀 皮披 带代 抽愁 骂马 饿俄 锁所 关管 丢纠 哭枯 怕帕 说硕 问文 医一 院员 诊珍 检捡 查茶 脸连 腿褪 背被 胸凶 腹副 臀囤 颈景 额鹅 眼演 耳尔 手首 指只 掌涨 棍滚 绳生 热惹 烫汤 水谁 火伙 药要 瓶平 喝呵 吃迟 睡税 醒行 吐土 泻谢 烧稍 咳克 孕运 停庭 经京 胎台 产铲 流刘 宫公 男南 女铝 友有 师是 同桐 学雪 校笑 班搬 课刻 叔书 伯博 爷椰 奶乃 姑孤 舅旧 邻林 居局 村存 派排 所锁 警井 报抱'.split(
    ' ',
  );
/** Words of the standard language and what four regions say. */
const DIALECT: readonly (readonly [word: string, ...said: string[]])[] = [
  ['孩子', '娃儿', '细路', '伢子', '囡囡'],
  ['患儿', '娃', '细佬', '伢', '小囡'],
  ['爸爸', '老汉儿', '老豆', '爷老倌', '阿爸'],
  ['妈妈', '老娘', '阿妈', '姆妈', '娘'],
  ['奶奶', '婆婆', '阿嫲', '娭毑', '阿奶'],
  ['爷爷', '公公', '阿爷', '爹爹', '老爷子'],
  ['没有', '没得', '冇', '冒得', '呒没'],
  ['什么', '啥子', '乜嘢', '么子', '啥'],
  ['不知道', '晓不得', '唔知', '不晓得', '勿晓得'],
  ['怎么', '啷个', '点样', '何解', '哪能'],
  ['说', '讲', '话', '港', '讲'],
  ['哭', '嚎', '喊', '哭嚎', '哭'],
  ['晚上', '黑了', '夜晚', '夜里头', '夜头'],
  ['昨天', '昨儿', '寻日', '昨日子', '昨日'],
];

function once(text: string, word: string, put: string): string {
  const at = text.indexOf(word);
  return at < 0 ? text : text.slice(0, at) + put + text.slice(at + word.length);
}

const mistyped: Perturb = (text, random) => {
  if (!/\p{Script=Han}/u.test(text)) return mistypedLatin(text, random);
  const sets = HOMOPHONES.filter((set) => text.includes(set.charAt(0)));
  let typed = text;
  for (let slip = 0; slip < SLIPS_MAX && sets.length > 0; slip += 1) {
    const [set = ''] = sets.splice(Math.floor(random() * sets.length), 1);
    typed = once(typed, set.charAt(0), set.charAt(1 + Math.floor(random() * (set.length - 1))));
  }
  return typed;
};

/** Two letters of a long word change places, as fast fingers do. */
const mistypedLatin: Perturb = (text, random) => {
  let slips = 0;
  return text.replace(/[a-z]{6,}/gu, (word) => {
    if (slips >= SLIPS_MAX || random() > 0.15) return word;
    slips += 1;
    const at = 1 + Math.floor(random() * (word.length - 3));
    return word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
  });
};

const inDialect: Perturb = (text, random) => {
  const region = Math.floor(random() * 4);
  return DIALECT.reduce((said, [word, ...regions]) => once(said, word, regions[region] ?? word), text);
};

/** What a voice recorder gives: no marks, a space here and there. */
const withoutMarks: Perturb = (text) =>
  text
    .replace(/[，；、,;]/gu, ' ')
    .replace(/[。.](?=\s|$|\p{Script=Han})/gu, ' ')
    .trim();

/** A feed that sends everything as one text and names no section. */
function withoutSections({ notes = [], ...rest }: EncounterSnapshot): Spoilt {
  return { ...rest, notes: [{ section: 'other', text: notes.map(({ text }) => text).join('\n') }] };
}

/** A registrar's screen that has only what was complained of and what the doctor thinks is left out of the feed; the rest is there. */
function withoutComplaint({ notes = [], ...rest }: EncounterSnapshot): Spoilt {
  const kept = notes.filter(({ section }) => section !== 'chief-complaint' && section !== 'plan');
  return { ...rest, notes: kept.length > 0 ? kept : notes };
}

const inNotes =
  (perturb: Perturb) =>
  (encounter: EncounterSnapshot, random: Random): Spoilt => ({
    ...encounter,
    notes: (encounter.notes ?? []).map((note) => ({ ...note, text: perturb(note.text, random) })),
  });

const PERTURBATIONS = {
  typing: inNotes(mistyped),
  dialect: inNotes(inDialect),
  'no-marks': inNotes(withoutMarks),
  'no-sections': withoutSections,
  'missing-sections': withoutComplaint,
} as const;
const KINDS = Object.keys(PERTURBATIONS) as (keyof typeof PERTURBATIONS)[];

/** A record as it is written to the file. */
export interface Perturbed extends Labelled {
  readonly perturbs: string;
  readonly perturbation: string;
}

/** Four bytes that an id gives and nothing else. */
function numberOf(id: string): number {
  return createHash('sha256').update(`perturbed ${id}`).digest().readUInt32BE();
}

/** A record perturbed as its id says: by the first of the perturbations from its turn on that changes it. */
export function perturb({ id, voice, gold, encounter }: Labelled): Perturbed | undefined {
  const number = numberOf(id);
  const random = mulberry32(number);
  for (let turn = 0; turn < KINDS.length; turn += 1) {
    const perturbation = KINDS[((number >>> 8) + turn) % KINDS.length] ?? 'typing';
    const changed = PERTURBATIONS[perturbation](encounter as EncounterSnapshot, random);
    if (JSON.stringify(changed.notes) === JSON.stringify((encounter as EncounterSnapshot).notes)) continue;
    return { id: `PTB-${id}`, perturbs: id, perturbation, ...(voice === undefined ? {} : { voice }), gold, encounter: changed };
  }
  return undefined;
}

/** The tenth of these records, perturbed. */
export function perturbTenth(records: readonly Labelled[]): Perturbed[] {
  return records.filter(({ id }) => numberOf(id) % SHARE === 0).flatMap((record) => perturb(record) ?? []);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(
    FILE,
    perturbTenth(projectRecords())
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
  );
