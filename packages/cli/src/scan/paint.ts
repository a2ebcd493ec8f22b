import { styleText } from 'node:util';

/** The few ways a line of text is marked. */
export type Style = 'red' | 'orange' | 'yellow' | 'dim' | 'bold' | 'mark';
export type Paint = (style: Style, text: string) => string;

const FORMATS: Readonly<Record<Exclude<Style, 'orange'>, Parameters<typeof styleText>[0]>> = {
  red: ['red', 'bold'],
  yellow: 'yellow',
  dim: 'dim',
  bold: 'bold',
  mark: 'inverse',
};
/** The terminal's sixteen colours have no orange. */
const ORANGE = ['\u001B[38;5;208m', '\u001B[39m'] as const;

/** Colours, where the output is a terminal and nobody said NO_COLOR (no-color.org). What they say is always said in words or marks too. */
export function createPaint(coloured: boolean): Paint {
  if (!coloured) return (_style, text) => text;
  return (style, text) =>
    style === 'orange' ? `${ORANGE[0]}${text}${ORANGE[1]}` : styleText(FORMATS[style], text, { validateStream: false });
}
