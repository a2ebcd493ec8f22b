import { DEFAULT_ZONE } from '@zhida/core';
import { type Command, Option } from 'commander';
import { padded, widthOf } from '../explanation/layout.js';
import { LANGUAGES, type Language, type Texts, textsOf } from '../locales/texts.js';

/** How a list of the relay is written. */
export interface ShownFlags {
  readonly json: boolean;
  readonly lang: Language;
}

/** The options of every command that lists something of the relay. */
export function listsRows(command: Command): Command {
  return inLanguage(command.option('--json', 'one JSON object a line', false));
}

/** The option of a command that says what it did in words. */
export function inLanguage(command: Command): Command {
  return command.addOption(new Option('--lang <language>', 'language of the lines').choices(LANGUAGES).default('zh-CN'));
}

export function operationsIn(lang: Language): Texts['operations'] {
  return textsOf(lang).operations;
}

/** Rows under their headings, each column as wide as its widest cell on a terminal; the last one ends where it ends. */
export function tableText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((_heading, column) => Math.max(...[headings, ...rows].map((row) => widthOf(row[column] ?? ''))));
  const lines = [headings, ...rows].map((row) => row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** Objects as JSON Lines. */
export function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

const LOCAL_TIME = new Intl.DateTimeFormat('sv-SE', { timeZone: DEFAULT_ZONE, dateStyle: 'short', timeStyle: 'short' });

/** `2026-11-22 20:30` in the law's zone; `—` for no time. */
export function localText(instant: string | null): string {
  return instant === null ? '—' : LOCAL_TIME.format(new Date(instant));
}
