import { writeFile } from 'node:fs/promises';
import { ZhidaError, systemClock } from '@zhida/core';
import type { Command } from 'commander';
import { textsOf } from '../locales/texts.js';
import { readerOf } from '../scan/formats/formats.js';
import { write } from '../scan/output.js';
import { pageOutput } from '../scan/page.js';
import { runScan } from '../scan/run.js';
import { type EncounterFlags, INPUT_DETAILS, checkMapping, detectorOf, explainsRule, readsEncounters } from './encounter-input.js';

interface ExplainFlags extends EncounterFlags {
  readonly output?: string;
}

const DETAILS = `
One page of HTML that needs nothing else: each encounter that shows a reason to look, its notes with the reason marked in place,
the rule, the law, what lowered it and what would have. With --why every encounter, and what the rule missed where it kept silent.
The page holds what the records hold: keep it where they may be. With --output only its owner may read the file.
${INPUT_DETAILS}`;

/** `zhida explain`: what `zhida scan` shows on a terminal, as a page. */
export function registerExplain(program: Command): void {
  const command = program
    .command('explain')
    .summary('explain encounters from files on a page')
    .description('Write a page that shows which encounters give a reason to look, with the words or codes marked in the record.');
  explainsRule(readsEncounters(command))
    .option('-o, --output <FILE>', 'write the page to this file instead of standard output')
    .addHelpText('after', DETAILS)
    .action(async (files: string[], flags: ExplainFlags) => {
      checkMapping(flags, command);
      if (flags.output === undefined && process.stdout.isTTY) command.error('error: name a file for the page with --output');
      const detector = await detectorOf(flags);
      process.exitCode = await runScan({
        files,
        reader: await readerOf(flags),
        explanation: undefined,
        detector,
        output: pageOutput(textsOf(flags.lang), detector, flags.why, (page) => save(page, flags.output)),
        stdin: process.stdin,
        stderr: process.stderr,
        clock: systemClock,
      });
    });
}

async function save(page: string, file: string | undefined): Promise<void> {
  if (file === undefined) return write(process.stdout, page);
  try {
    await writeFile(file, page, { mode: 0o600 });
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the page cannot be written', { at: file, cause });
  }
}
