import { systemClock } from '@zhida/core';
import { type Command, Option } from 'commander';
import type { Area, CheckLine } from '../doctor/check.js';
import { examine } from '../doctor/examine.js';
import { reportLines, type Tally } from '../doctor/report.js';
import { LANGUAGES, type Language, fill } from '../locales/texts.js';
import { CONFIGURATION_VARIABLE } from '../serve/configuration.js';
import { version } from '../version.js';
import { screenOf } from './screen.js';

const DETAILS = `
Every check is a line: ✓ as it should be, ! worth a look, ✗ wrong, with what to do. Nothing is changed, nothing is sent to an agency
unless you say --probe (one request for its health), and neither a secret nor anything of a person is printed.

Exit code: 0 where nothing is wrong; 1 where something is.`;

/** `zhida doctor`: one look at an installation. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('look at an installation')
    .description('Look at an installation: configuration, folders, keys, trust, database, queue, ports, roster, agencies and audit log.')
    .argument('[FILE]', `the configuration (YAML); without it the file that ${CONFIGURATION_VARIABLE} names`)
    .option('--probe', 'ask each agency for its health', false)
    .addOption(new Option('--lang <language>', 'language of the lines').choices(LANGUAGES).default('zh-CN'))
    .addHelpText('after', DETAILS)
    .action(async (file: string | undefined, { probe, lang }: { probe: boolean; lang: Language }) => {
      const screen = screenOf(lang);
      const tally: Tally = { right: 0, look: 0, wrong: 0 };
      let current: Area | undefined;
      const tell = (area: Area, lines: readonly CheckLine[]): void => {
        process.stdout.write(reportLines(area === current ? undefined : area, lines, tally, screen));
        if (lines.length > 0) current = area;
      };
      await examine({ file, probe, clock: systemClock, version }, tell);
      process.stdout.write(`\n${fill(screen.texts.doctor.tally, { ...tally })}\n`);
      process.exitCode = tally.wrong === 0 ? 0 : 1;
    });
}
