import { type Rule, legalPack, nationalRulePack } from '../src/index.js';

const LEVELS: Readonly<Record<string, string>> = { red: '红', orange: '橙', yellow: '黄' };
const ITEMS = '一二三四五六七八九';

/** The guide to the rules as the pack has them: each rule on one line with its law and its source. */
export function ruleGuide(): string {
  const rules = [...nationalRulePack.rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  return [
    '# 规则一览',
    '',
    `规则包 \`${nationalRulePack.id}\` ${nationalRulePack.version}，共 ${rules.length} 条。本页由 \`pnpm gen:rules\` 按规则包生成，请勿手改。`,
    '每条规则给出的只是疑似线索：是否报告由医务人员决定。规则与文字尚未经临床与法律专家评审。',
    '',
    '“依据”中的“意见 4.N”指《关于建立侵害未成年人案件强制报告制度的意见（试行）》（高检发〔2020〕9号）第四条第 N 项；带“*”的条文尚未核对原文，不会在临床界面显示。',
    '',
    '| 规则 | 线索 | 级别 | 法定 | 依据 | 来源 |',
    '|---|---|---|---|---|---|',
    ...rules.map(line),
    '',
  ].join('\n');
}

function line({ id, summary, levels, statutory, situations, legalBasis, source }: Rule): string {
  const level = [...new Set(levels.map((choice) => LEVELS[choice.level] ?? choice.level))].join('/');
  const items = [...new Set(situations.map(({ situation }) => `意见 4.${situation}（${ITEMS.charAt(situation - 1)}）`))];
  const law = [...items, ...legalBasis.map(sentenceName)].join('；');
  return `| ${[id, summary.zh, level, statutory ? '是' : '', law, source].map(cell).join(' | ')} |`;
}

/** The law and article a sentence stands in. */
function sentenceName(id: string): string {
  const sentence = legalPack.sentences[id];
  if (sentence === undefined) return id;
  return `${sentence.source.title} ${sentence.source.article}${sentence.verified ? '' : '*'}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
