import { systemClock } from '@zhida/core';
import type { Detector } from '@zhida/detect';
import type { Command } from 'commander';
import { createExplanation } from '../scan/explain.js';
import { readerOf } from '../scan/formats/formats.js';
import { jsonOutput, readableOutput } from '../scan/output.js';
import { type ScanOutput, runScan } from '../scan/run.js';
import { whyOutput } from '../scan/why.js';
import { type EncounterFlags, INPUT_DETAILS, checkMapping, detectorOf, explainsRule, readsEncounters } from './encounter-input.js';
import { screenOf } from './screen.js';

interface ScanFlags extends EncounterFlags {
  readonly explainMapping?: true;
  readonly json?: true;
}

const DETAILS = `
One Assessment for each encounter, in input order. With --json, or when standard output is no terminal, as JSON Lines and
nothing else on standard output; on a terminal for reading, with what is the reason marked in the record. Messages and progress
go to standard error.
${INPUT_DETAILS}`;

/** `zhida scan`: assesses encounters from files without a service. */
export function registerScan(program: Command): void {
  const command = program
    .command('scan')
    .summary('assess encounters from files')
    .description('Assess encounters from files: which show a reason to look, and the words or codes that are the reason.');
  explainsRule(readsEncounters(command))
    .option('--explain-mapping', 'say on standard error what was not understood: segments, fields, resources, columns, never values')
    .option('--json', 'print JSON Lines also on a terminal')
    .addHelpText('after', DETAILS)
    .action(async (files: string[], flags: ScanFlags) => {
      checkMapping(flags, command);
      if (flags.why !== undefined && flags.json === true) command.error('error: --why is for reading, --json for machines');
      const detector = await detectorOf(flags);
      process.exitCode = await runScan({
        files,
        reader: await readerOf(flags),
        explanation: flags.explainMapping === true ? createExplanation() : undefined,
        detector,
        output: outputFor(flags, detector),
        stdin: process.stdin,
        stderr: process.stderr,
        clock: systemClock,
      });
    });
}

function outputFor({ json, why, lang }: ScanFlags, detector: Detector): ScanOutput {
  const isTerminal = process.stdout.isTTY;
  const screen = screenOf(lang);
  if (why !== undefined) return whyOutput(process.stdout, why, screen, detector);
  return json === true || !isTerminal ? jsonOutput(process.stdout) : readableOutput(process.stdout, screen);
}
