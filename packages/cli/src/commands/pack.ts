import { systemClock } from '@zhida/core';
import { createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
import type { Command } from 'commander';
import { failedCases, localRulesWithoutCases, readPackCases, rulesWithoutCases, wordsWithoutCases } from '../pack/cases.js';
import { diffLines, diffPacks } from '../pack/diff.js';
import { NATIONAL, type PackFile, readOverlay, readPackFile, resolvedPack } from '../pack/file.js';
import { lintOverlay } from '../pack/lint-overlay.js';
import { lintPack } from '../pack/lint-pack.js';
import type { Problem } from '../pack/problem.js';
import { signPack, verifyPack } from '../pack/signature.js';

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

const SIGN_DETAILS = `
Writes the digest of the content into FILE and the signature beside it, FILE.sig. A gateway whose configuration names gateway.packKey takes
no pack without it. A key pair: openssl genpkey -algorithm ed25519 -out pack.key; openssl pkey -in pack.key -pubout -out pack.pub

Exit code: 0 when signed; 65 or 78 when file or key cannot be used.`;

const VERIFY_DETAILS = `
Exit code: 0 when whole and, with --key, signed by that key; 65 or 78 otherwise.`;

/** `zhida pack`: checks, signs and verifies rule packs and overlays, and tells what changes from one to another. */
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
  registerSignatures(pack);
}

function registerSignatures(pack: Command): void {
  pack
    .command('sign')
    .summary('sign a rule pack or a legal pack')
    .description('Sign a rule pack or a legal pack with an Ed25519 key.')
    .argument('<FILE>', 'the pack')
    .requiredOption('--key <PEM>', 'the private key')
    .addHelpText('after', SIGN_DETAILS)
    .action(async (file: string, { key }: { readonly key: string }) => {
      const { id, version, digest } = await signPack(file, key);
      process.stdout.write(`${id} ${version} signed: ${file}.sig\ndigest ${digest}\n`);
    });
  pack
    .command('verify')
    .summary('check the digest and the signature of a pack')
    .description('Check that a pack is whole and, with a key, who signed it.')
    .argument('<FILE>', 'the pack')
    .option('--key <PEM>', 'the public key it must be signed with')
    .addHelpText('after', VERIFY_DETAILS)
    .action(async (file: string, { key }: { readonly key?: string }) => {
      const { id, version, digest } = await verifyPack(file, key);
      process.stdout.write(`${id} ${version} is whole${key === undefined ? '' : ' and signed by this key'}\ndigest ${digest}\n`);
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
  const uncovered =
    overlay === undefined
      ? rulesWithoutCases(pack, cases)
      : [...wordsWithoutCases(content, cases), ...localRulesWithoutCases(content, cases)];
  return [...problems, ...uncovered, ...unreadable, ...failedCases(cases, detector, systemClock.now())];
}

function problemLines(problems: readonly Problem[]): string[] {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return [
    ...problems.map(({ severity, code, at, message }) => `${severity} ${code} at ${at}: ${message}`),
    problems.length === 0 ? 'nothing wrong' : `${errors} errors, ${problems.length - errors} warnings`,
  ];
}
