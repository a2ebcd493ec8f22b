import { fingerprint } from '@zhida/core';
import { type Detector, createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SCAN_FORMATS, type ScanFormat } from '../scan/formats/formats.js';
import { ruleIds } from '../scan/why.js';
import { readOverlay } from '../pack/file.js';
import { LANGUAGES, type Language } from '../locales/texts.js';

/** What every command that reads encounters from files is told. */
export interface EncounterFlags {
  readonly format: ScanFormat;
  readonly field?: string;
  readonly mapping?: string;
  readonly why?: string;
  readonly overlay?: string;
  readonly lang: Language;
}

/** What a FILE may be, for the help of each of them. */
export const INPUT_DETAILS = `
An encounter is judged as of its period.start; one without is judged as of this machine's clock.

FILE is JSON Lines (one record a line, read in constant memory) or one JSON document, a list included; - is standard input.
With --format hl7v2 it holds messages, however parted, with --format cda WS/T 500 or other CDA documents; all files tell the visits
together, which come in order of their first message or document. With --format his it holds rows (CSV or JSON) that --mapping explains; all files together are one set of tables.
What cannot be read is named by file and line, the rest is scanned.

Exit code: 0, also when some are red; 2 when something could not be read.`;

/** Adds the arguments and options of reading encounters. */
export function readsEncounters(command: Command): Command {
  return command
    .argument('<FILE...>', 'files to read, - for standard input')
    .addOption(new Option('--format <format>', 'what a record is').choices(SCAN_FORMATS).default('encounter'))
    .option(
      '--field <path>',
      'the member of each record that holds the encounter, bundle, messages, document or tables, for example encounter',
    )
    .option('--mapping <FILE>', 'how the rows of --format his are to be read')
    .option('--overlay <FILE>', "a hospital's overlay over the national pack")
    .addOption(new Option('--lang <language>', 'language of what is read by people').choices(LANGUAGES).default('zh-CN'));
}

/** Adds the option that asks about one rule. */
export function explainsRule(command: Command): Command {
  return command.addOption(
    new Option('--why <RULE>', 'explain one rule: where it speaks, and where it does not which condition failed').argParser(knownRule),
  );
}

/** The detector a command is told to use. @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an overlay that cannot be used */
export async function detectorOf({ overlay }: Pick<EncounterFlags, 'overlay'>): Promise<Detector> {
  if (overlay === undefined) return createDetector({ pack: nationalRulePack });
  const chosen = await readOverlay(overlay);
  return createDetector({ pack: nationalRulePack, overlay: chosen, overlayDigest: await fingerprint(chosen) });
}

/** Ends with a usage error where mapping and format do not fit. */
export function checkMapping({ format, mapping }: EncounterFlags, command: Command): void {
  if ((format === 'his') !== (mapping !== undefined)) command.error('error: --format his needs --mapping, and nothing else has one');
}

function knownRule(id: string): string {
  if (!ruleIds().includes(id)) throw new InvalidArgumentError(`The pack has ${ruleIds().join(', ')}.`);
  return id;
}
