import { readFile } from 'node:fs/promises';
import { ZhidaError, charsetOfText, decodeText } from '@zhida/core';

/** What people said of a visit: a level, or only whether somebody should have been asked. */
export type Label = 'red' | 'orange' | 'yellow' | 'none' | 'yes' | 'no';

const WORDS: Readonly<Record<string, Label>> = {
  red: 'red',
  orange: 'orange',
  yellow: 'yellow',
  none: 'none',
  yes: 'yes',
  no: 'no',
  '1': 'yes',
  '0': 'no',
  红: 'red',
  橙: 'orange',
  黄: 'yellow',
  无: 'none',
  是: 'yes',
  否: 'no',
};

/** True where people say that somebody should have been asked. */
export function shouldPrompt(label: Label): boolean {
  return label === 'red' || label === 'orange' || label === 'yes';
}

/**
 * Reads labels: two columns, the id of a visit and red, orange, yellow, none, yes or no (红橙黄无是否), parted by comma or tab, UTF-8 or
 * GB18030. A first line that is none of these is a heading.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` naming the line, never what stands in it; also for two labels of one visit that differ
 */
export async function readLabels(file: string): Promise<ReadonlyMap<string, Label>> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the labels cannot be read', { at: file, cause });
  });
  const { text } = decodeText(bytes, charsetOfText(bytes));
  const labels = new Map<string, Label>();
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    if (line.trim() === '') continue;
    const [id = '', word = ''] = line.split(/[,\t，]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const label = Object.hasOwn(WORDS, word.toLowerCase()) ? WORDS[word.toLowerCase()] : undefined;
    if (label === undefined && index === 0) continue;
    if (label === undefined || id === '') throw wrongLine(file, index, 'is not a visit id and one of red, orange, yellow, none, yes, no');
    if ((labels.get(id) ?? label) !== label) throw wrongLine(file, index, 'gives a visit another label than an earlier line');
    labels.set(id, label);
  }
  return labels;
}

function wrongLine(file: string, index: number, why: string): ZhidaError {
  return new ZhidaError('ZD_ERR_INPUT_UNREADABLE', `the line ${why}`, { at: `${file}:${index + 1}` });
}

/** A part of a whole with the bounds of its 95 % confidence interval. */
export interface Share {
  readonly part: number;
  readonly whole: number;
  readonly low: number;
  readonly high: number;
}

const Z_95 = 1.959_963_984_540_054;

/** Wilson's score interval (E. B. Wilson, JASA 22, 1927), which holds for few visits and for shares near 0 and 1; 0 to 1 of none. */
export function shareOf(part: number, whole: number): Share {
  if (whole === 0) return { part, whole, low: 0, high: 1 };
  const share = part / whole;
  const square = Z_95 ** 2 / whole;
  const middle = share + square / 2;
  const half = Z_95 * Math.sqrt((share * (1 - share)) / whole + square / (4 * whole));
  return { part, whole, low: Math.max(0, (middle - half) / (1 + square)), high: Math.min(1, (middle + half) / (1 + square)) };
}
