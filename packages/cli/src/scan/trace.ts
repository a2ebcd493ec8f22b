import type { EncounterSnapshot } from '@zhida/core';
import type { ConditionTrace, Explanation, Sighting } from '@zhida/detect';
import { type Condition, nationalRulePack } from '@zhida/packs';
import type { Paint } from './paint.js';
import { labelOf } from './render.js';

const STOPPED: Readonly<Record<NonNullable<Explanation['stoppedBy']>, string>> = {
  unreadable: '记录无法读取',
  'of-age': '就诊时已满18周岁，不再提示',
  'age-unknown': '没有年龄，也没有任何说明这是儿童的内容，不提示',
};
const STANDINGS: Readonly<Record<Sighting['standing'], string>> = {
  asserted: '属实',
  denied: '被否认',
  another: '说的是别人',
  'not-actual': '询问、宣教、模板或计划',
};
const FORMS: Readonly<Record<string, string>> = {
  all: '须同时满足',
  any: '须满足其一',
  score: '弱信号合计未达分值',
  not: '不得有',
  fewerThan: '少于',
};
const DEPTH_MAX = 4;

/** Why a rule kept silent: what stopped it or which parts of its condition failed, and the words it saw and could not count. */
export function renderSilence({ stoppedBy, condition, sightings }: Explanation, snapshot: EncounterSnapshot, paint: Paint): string[] {
  const stopped = stoppedBy === null ? [] : [`    ${STOPPED[stoppedBy]}`];
  const failed = condition === null || stoppedBy !== null ? [] : failedLines(condition, 0);
  const seen = sightings.map(
    ({ concept, at, text, standing }) =>
      `    ${paint('dim', `${labelOf(at, snapshot)}:`)} ${paint('mark', text.replace(/[\p{Cc}\p{Cf}]+/gu, ' '))}  ${STANDINGS[standing]}${paint('dim', `  ${concept}`)}`,
  );
  return [
    ...stopped,
    ...failed,
    ...(seen.length === 0 ? [`    ${paint('dim', '记录里没有这条规则要找的词')}`] : ['    见到的词:', ...seen]),
  ];
}

/** Of an `all` only what failed matters; of an `any` every part did. */
function failedLines(trace: ConditionTrace, depth: number): string[] {
  if (trace.holds !== 'no') return [];
  const [only] = trace.parts;
  // What only names or wraps one condition says nothing by itself.
  if (only !== undefined && (trace.form === 'use' || trace.form === 'context')) return failedLines(only, depth);
  const line = `    ${'  '.repeat(depth)}✗ ${nameOf(trace)}`;
  return depth >= DEPTH_MAX ? [line] : [line, ...trace.parts.flatMap((part) => failedLines(part, depth + 1))];
}

function nameOf({ form, condition }: ConditionTrace): string {
  return condition === undefined ? (FORMS[form] ?? form) : leafName(condition);
}

function leafName(condition: Condition): string {
  if ('mention' in condition) return `提到 ${conceptName(condition.mention)}`;
  if ('near' in condition) return `在一处提到 ${condition.near.map(conceptName).join(' + ')}`;
  if ('lasting' in condition) return `${conceptName(condition.lasting)} 已 ${condition.days} 天以上`;
  if ('mentionAtAge' in condition) return `${conceptName(condition.mentionAtAge)} 发生在 ${condition.below} 岁以前`;
  if ('code' in condition) return `编码属于 ${condition.code}`;
  if ('result' in condition) return `检验 ${condition.result} ${condition.negative === true ? '阴性' : '阳性'}`;
  if ('ageYears' in condition) return `年龄 ${rangeText(condition.ageYears)} 岁`;
  if ('ageMonths' in condition) return `年龄 ${rangeText(condition.ageMonths)} 月`;
  if ('ageDays' in condition) return `年龄 ${rangeText(condition.ageDays)} 天`;
  if ('sex' in condition) return condition.sex === 'female' ? '女' : '男';
  return JSON.stringify(condition);
}

function rangeText({ from, below }: { from?: number; below?: number }): string {
  return [...(from === undefined ? [] : [`≥ ${from}`]), ...(below === undefined ? [] : [`< ${below}`])].join('，');
}

/** A concept by its id and its first words. */
function conceptName(id: string): string {
  const terms = nationalRulePack.concepts.find((concept) => concept.id === id)?.terms ?? [];
  const plain = terms.filter((term) => !term.includes('{')).slice(0, 3);
  return plain.length === 0 ? id : `${id}（${plain.join('、')}…）`;
}
