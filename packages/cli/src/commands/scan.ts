import { systemClock } from '@zhida/core';
import { type Detector, createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createExplanation } from '../scan/explain.js';
import { SCAN_FORMATS, type ScanFormat, readerOf } from '../scan/formats/formats.js';
import { jsonOutput, readableOutput } from '../scan/output.js';
import { createPaint } from '../scan/paint.js';
import { type ScanOutput, runScan } from '../scan/run.js';
import { ruleIds, whyOutput } from '../scan/why.js';

interface ScanFlags {
  readonly format: ScanFormat;
  readonly field?: string;
  readonly mapping?: string;
  readonly explainMapping?: true;
  readonly json?: true;
  readonly why?: string;
}

const DETAILS = `
One Assessment for each encounter, in input order. With --json, or when standard output is no terminal, as JSON Lines and
nothing else on standard output; on a terminal for reading. Messages and progress go to standard error.

An encounter is judged as of its period.start; one without is judged as of this machine's clock.

FILE is JSON Lines (one record a line, read in constant memory) or one JSON document, a list included; - is standard input.
With --format hl7v2 it holds messages, however parted; all files tell the visits together, which come in order of their first
message. With --format his it holds rows (CSV or JSON) that --mapping explains; all files together are one set of tables.
What cannot be read is named by file and line, the rest is scanned.

Exit code: 0, also when some are red; 2 when something could not be read.`;

/** `zhida scan`: assesses encounters from files without a service. */
export function registerScan(program: Command): void {
  program
    .command('scan')
    .summary('assess encounters from files')
    .description('Assess encounters from files: which show a reason to look, and the words or codes that are the reason.')
    .argument('<FILE...>', 'files to scan, - for standard input')
    .addOption(new Option('--format <format>', 'what a record is').choices(SCAN_FORMATS).default('encounter'))
    .option('--field <path>', 'the member of each record that holds the encounter, bundle, messages or tables, for example encounter')
    .option('--mapping <FILE>', 'how the rows of --format his are to be read')
    .option('--explain-mapping', 'say on standard error what was not understood: segments, fields, resources, columns, never values')
    .option('--json', 'print JSON Lines also on a terminal')
    .addOption(
      new Option('--why <RULE>', 'explain one rule: where it speaks, and where it does not which condition failed')
        .argParser(knownRule)
        .conflicts('json'),
    )
    .addHelpText('after', DETAILS)
    .action(async (files: string[], flags: ScanFlags, command: Command) => {
      if ((flags.format === 'his') !== (flags.mapping !== undefined))
        command.error('error: --format his needs --mapping, and nothing else has one');
      stopWithReader();
      const detector = createDetector({ pack: nationalRulePack });
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

function outputFor({ json, why }: ScanFlags, detector: Detector): ScanOutput {
  const isTerminal = process.stdout.isTTY;
  const paint = createPaint(isTerminal && !process.env['NO_COLOR']);
  if (why !== undefined) return whyOutput(process.stdout, why, paint, detector);
  return json === true || !isTerminal ? jsonOutput(process.stdout) : readableOutput(process.stdout, paint);
}

function knownRule(id: string): string {
  if (!ruleIds().includes(id)) throw new InvalidArgumentError(`The pack has ${ruleIds().join(', ')}.`);
  return id;
}

/** `zhida scan … | head` closes the pipe early; that is no error. */
function stopWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
