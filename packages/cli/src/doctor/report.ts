import { wrapped } from '../explanation/layout.js';
import type { Screen } from '../explanation/terminal.js';
import { fill } from '../locales/texts.js';
import type { Style } from '../scan/paint.js';
import type { Area, CheckLine, CheckMark } from './check.js';

/** How many lines of each mark were told. */
export type Tally = Record<CheckMark, number>;

const SIGNS: Readonly<Record<CheckMark, string>> = { right: '✓', look: '!', wrong: '✗' };
const STYLES: Readonly<Record<CheckMark, Style>> = { right: 'dim', look: 'yellow', wrong: 'red' };

/** Lines of one area for a terminal, under its name where it begins; counts them. */
export function reportLines(begins: Area | undefined, lines: readonly CheckLine[], tally: Tally, screen: Screen): string {
  const { paint, texts } = screen;
  if (lines.length === 0) return '';
  const told = begins === undefined ? [] : ['', paint('bold', texts.doctor.areas[begins])];
  for (const { mark, says, values = {}, todo } of lines) {
    tally[mark] += 1;
    const [first = '', ...more] = laidOut(fill(texts.doctor.says[says], values), screen, 4);
    told.push(`  ${paint(STYLES[mark], SIGNS[mark])} ${first}`, ...more);
    if (todo !== undefined)
      told.push(...laidOut(`→ ${fill(texts.doctor.todos[todo], values)}`, screen, 6).map((line, at) => (at === 0 ? `    ${line}` : line)));
  }
  return `${told.join('\n')}\n`;
}

/** Several lines of a problem stay lines of their own. */
function laidOut(text: string, { paint, columns }: Screen, indent: number): string[] {
  return text
    .split('\n')
    .flatMap((line, at) =>
      wrapped([{ text: line, style: undefined }], columns - 4, indent, paint).map((one) => (at === 0 ? one : `    ${one}`)),
    );
}
