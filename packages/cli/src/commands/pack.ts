import { systemClock } from '@zhida/core';
import { createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
import type { Command } from 'commander';
import { failedCases, readPackCases, rulesWithoutCases, wordsWithoutCases } from '../pack/cases.js';
import { diffLines, diffPacks } from '../pack/diff.js';
import { NATIONAL, type PackFile, readOverlay, readPackFile, resolvedPack } from '../pack/file.js';
import { lintOverlay } from '../pack/lint-overlay.js';
import { lintPack } from '../pack/lint-pack.js';
import type { Problem } from '../pack/problem.js';

interface LintFlags {
  readonly cases?: string;
  readonly json?: true;
}

/** A check that was made and failed. */
const EXIT_FAILED = 1;

const LINT_DETAILS = `
FILE is a hospital's overlay over the national pack, a rule pack, or the word ${NATIONAL}. With --cases the records of a file (JSON Lines of
{id, why, expect: {level, ruleId?}, encounter}), or of a folder of RULE.cases.jsonl, are assessed and compared.

An encounter of a case is judged as of its period.start; one without is judged as of this machine's clock.

Exit code: 0, also with warnings; 1 with an error; 65 when a file is no JSON.`;

const DIFF_DETAILS = `
A and B are overlays, rule packs or the word ${NATIONAL}; an overlay stands for the national pack with the overlay over it.

Exit code: 0, also where they differ; 65 or 78 when one cannot be used.`;

/** `zhida pack`: checks rule packs and overlays, and tells what changes from one to another. */
export function registerPack(program: Command): void {
  const pack = program.command('pack').description('Rule packs and the overlays of hospitals.');
  pack
    .command('lint')
    .summary('check a rule pack or an overlay')
    .description('Check a rule pack or an overlay: its form, what it names, its bounds, and its cases.')
    .argument('<FILE>', `overlay, rule pack, or ${NATIONAL}`)
    .option('--cases <PATH>', 'records with what is expected of them')
    .option('--json', 'print the problems as JSON')
    .addHelpText('after', LINT_DETAILS)
    .action(async (name: string, { cases, json }: LintFlags) => {
      const problems = await lint(name, await readPackFile(name), cases);
      process.stdout.write(json === true ? `${JSON.stringify({ problems })}\n` : `${problemLines(problems).join('\n')}\n`);
      if (problems.some(({ severity }) => severity === 'error')) process.exitCode = EXIT_FAILED;
    });
  pack
    .command('diff')
    .summary('tell what changes from one pack to another')
    .description('Tell what changes from one pack or overlay to another, by rule and by number of words.')
    .argument('<A>', `overlay, rule pack, or ${NATIONAL}`)
    .argument('<B>', `overlay, rule pack, or ${NATIONAL}`)
    .option('--json', 'print the difference as JSON')
    .addHelpText('after', DIFF_DETAILS)
    .action(async (a: string, b: string, { json }: Pick<LintFlags, 'json'>) => {
      const diff = diffPacks(await resolvedPack(a), await resolvedPack(b));
      process.stdout.write(json === true ? `${JSON.stringify(diff)}\n` : `${diffLines(diff).join('\n')}\n`);
    });
}

async function lint(name: string, { kind, content }: PackFile, casesPath: string | undefined): Promise<Problem[]> {
  const problems = kind === 'overlay' ? lintOverlay(content, nationalRulePack) : await lintPack(content);
  // What cannot be used can have no cases that hold.
  if (casesPath === undefined || problems.some(({ severity }) => severity === 'error')) return problems;
  const { cases, problems: unreadable } = await readPackCases(casesPath);
  const overlay = kind === 'overlay' ? await readOverlay(name) : undefined;
  const { pack } = await resolvedPack(name);
  const detector = createDetector(overlay === undefined ? { pack } : { pack: nationalRulePack, overlay });
  const uncovered = overlay === undefined ? rulesWithoutCases(pack, cases) : wordsWithoutCases(content, cases);
  return [...problems, ...uncovered, ...unreadable, ...failedCases(cases, detector, systemClock.now())];
}

function problemLines(problems: readonly Problem[]): string[] {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return [
    ...problems.map(({ severity, code, at, message }) => `${severity} ${code} at ${at}: ${message}`),
    problems.length === 0 ? 'nothing wrong' : `${errors} errors, ${problems.length - errors} warnings`,
  ];
}
