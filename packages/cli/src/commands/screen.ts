import type { Screen } from '../explanation/terminal.js';
import { type Language, textsOf } from '../locales/texts.js';
import { createPaint } from '../scan/paint.js';

/** A terminal wider than this is harder to read, not easier. */
const COLUMNS_MAX = 110;
const COLUMNS_MIN = 40;
const COLUMNS_UNKNOWN = 80;

/** Standard output, as wide as it says and in colours where it is a terminal and nobody said NO_COLOR. */
export function screenOf(language: Language): Screen {
  const { isTTY, columns } = process.stdout;
  return {
    paint: createPaint(isTTY && !process.env['NO_COLOR']),
    texts: textsOf(language),
    columns: Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, isTTY ? columns : COLUMNS_UNKNOWN)),
  };
}
