import stringWidth from 'string-width';
import type { Paint, Style } from '../scan/paint.js';

/** Text of one style. */
export interface Run {
  readonly text: string;
  readonly style: Style | undefined;
}

/** Punctuation that may not begin a line. */
const NEVER_FIRST = /^[，。；：、！？）」』》〉…,.;:!?)\]}%①-⑳]+$/u;
/** And what may not end one. */
const NEVER_LAST = /[（「『《〈([{]$/u;
const words = new Intl.Segmenter('zh-CN', { granularity: 'word' });

/**
 * Lays runs out in lines of at most `columns`, broken between words of either language; the lines after the first are indented.
 * Widths are those of a terminal, where a Chinese character takes two columns.
 */
export function wrapped(runs: readonly Run[], columns: number, indent: number, paint: Paint): string[] {
  const lines: Run[][] = [[]];
  let width = 0;
  for (const piece of unbroken(runs)) {
    const own = piece.reduce((sum, { text }) => sum + stringWidth(text), 0);
    if (width > 0 && width + own > columns - indent) {
      trimEnd(lines.at(-1));
      lines.push([]);
      width = 0;
    }
    // A line does not begin with the space it was broken at.
    const kept = width === 0 && lines.length > 1 && piece.every(({ text }) => text.trim() === '') ? [] : piece;
    lines.at(-1)?.push(...kept);
    width += kept.length === 0 ? 0 : own;
  }
  return lines.map((line, index) => `${index === 0 ? '' : ' '.repeat(indent)}${painted(line, paint)}`);
}

function trimEnd(line: Run[] | undefined): void {
  while (line?.at(-1)?.text.trim() === '') line.pop();
}

/** Words with the punctuation that belongs to them. */
function unbroken(runs: readonly Run[]): Run[][] {
  const pieces: Run[][] = [];
  for (const { text, style } of runs) {
    for (const { segment } of words.segment(text)) {
      const last = pieces.at(-1);
      const glued = last !== undefined && (NEVER_FIRST.test(segment) || NEVER_LAST.test(last.at(-1)?.text ?? ''));
      if (glued) last.push({ text: segment, style });
      else pieces.push([{ text: segment, style }]);
    }
  }
  return pieces;
}

function painted(line: readonly Run[], paint: Paint): string {
  const joined: { text: string; style: Style | undefined }[] = [];
  for (const { text, style } of line) {
    const last = joined.at(-1);
    if (last !== undefined && last.style === style) last.text += text;
    else joined.push({ text, style });
  }
  return joined.map(({ text, style }) => (style === undefined ? text : paint(style, text))).join('');
}

/** Fills up to a width, as a terminal counts it. */
export function padded(text: string, width: number): string {
  return `${text}${' '.repeat(Math.max(0, width - stringWidth(text)))}`;
}

export function widthOf(text: string): number {
  return stringWidth(text);
}
