import { writeFile } from 'node:fs/promises';
import { ZhidaError, systemClock } from '@zhida/core';
import type { Command } from 'commander';
import { EXIT_INPUT_SKIPPED } from '../exit-codes.js';
import { readLabels } from '../backtest/labels.js';
import { backtestPage } from '../backtest/page.js';
import { runBacktest } from '../backtest/run.js';
import type { BacktestSummary } from '../backtest/summary.js';
import { backtestLines } from '../backtest/terminal.js';
import { fill, textsOf } from '../locales/texts.js';
import { readerOf } from '../scan/formats/formats.js';
import { linesText, write } from '../scan/output.js';
import { type EncounterFlags, INPUT_DETAILS, checkMapping, detectorOf, readsEncounters } from './encounter-input.js';
import { screenOf } from './screen.js';

interface BacktestFlags extends EncounterFlags {
  readonly labels?: string;
  readonly out?: string;
  readonly json?: true;
}

const DETAILS = `
Every visit is judged as of its own time, and prompts are counted as the gateway opens them: one per child and episode, again where
there is something new to say. Nobody is prompted, nothing leaves this machine, and nothing is written about a person: no name, number,
visit id or text. Groups of fewer than five are withheld by department, class, age and hour. A visit a person has to look at is named
by where it stands: 2:1043 is line 1043 of the second FILE. Before you begin, name the person who will read that list the same day.

LABELS is CSV: visit id, and red, orange, yellow, none, yes or no. With them the report says what was found and what was left alone.
${INPUT_DETAILS}`;

/** `zhida backtest`: what would have been prompted, had the system been running for the time these records are of. */
export function registerBacktest(program: Command): void {
  const command = program
    .command('backtest')
    .summary('count what would have been prompted')
    .description('Run records of the past through the rules and count what would have been prompted, how often, where and why.');
  readsEncounters(command)
    .option('--labels <LABELS>', 'what people said of the visits, to compare')
    .option('-o, --out <FILE>', 'write the report as a page')
    .option('--json', 'print the counts as JSON')
    .addHelpText('after', DETAILS)
    .action(async (files: string[], flags: BacktestFlags) => {
      checkMapping(flags, command);
      const summary = await runBacktest({
        files,
        reader: await readerOf(flags),
        detector: await detectorOf(flags),
        labels: flags.labels === undefined ? undefined : await readLabels(flags.labels),
        stdin: process.stdin,
        stderr: process.stderr,
        clock: systemClock,
      });
      await say(summary, flags);
      process.exitCode = summary.unreadable.length === 0 ? 0 : EXIT_INPUT_SKIPPED;
    });
}

async function say(summary: BacktestSummary, { json, lang, out }: BacktestFlags): Promise<void> {
  const screen = screenOf(lang);
  await write(process.stdout, json === true ? `${JSON.stringify(summary)}\n` : linesText(backtestLines(summary, screen)));
  if (out === undefined) return;
  try {
    await writeFile(out, backtestPage(summary, textsOf(lang)), { mode: 0o600 });
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the page cannot be written', { at: out, cause });
  }
  process.stderr.write(`${fill(screen.texts.backtest.terminal.page, { file: out })}\n`);
}
