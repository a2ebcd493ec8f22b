import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isoNow, systemClock, ZhidaError } from '@zhida/core';
import {
  createKeyDirectory,
  exportTrustFile,
  KEY_MODES,
  openKeyDirectory,
  PARTY_ROLES,
  readTrustFile,
  rotateKeys,
  type TrustFile,
  trustFingerprint,
} from '@zhida/signing';
import { type Command, Option } from 'commander';

/** How long a trust file is good when nobody says: two years, after which the parties meet again. */
const TRUST_YEARS = 2;

/** A trust file is some 2 kB; what is larger than this, in bytes, is something else. */
const TRUST_FILE_MAX_BYTES = 256 * 1024;

interface CreateOptions {
  readonly directory: string;
  readonly party: string;
  readonly role: (typeof PARTY_ROLES)[number];
  readonly mode: (typeof KEY_MODES)[number];
  readonly json: boolean;
}

interface ExportOptions {
  readonly directory: string;
  readonly baseUrl: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly output?: string;
}

/** `zhida keys create|export|fingerprint|rotate`: a party's own keys and the trust file it hands to others. */
export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('make a party’s keys, and the trust file it hands to others');
  keys
    .command('create')
    .description('make a key directory (0700) with new keys (0600); one that is there stays as it is')
    .requiredOption('--directory <folder>', 'where the keys go')
    .requiredOption('--party <name>', 'for example agency:police-440299')
    .addOption(new Option('--role <role>', 'what the party is').choices(PARTY_ROLES).makeOptionMandatory())
    .addOption(new Option('--mode <mode>', 'test and production keys trust nothing of each other').choices(KEY_MODES).makeOptionMandatory())
    .option('--json', 'one JSON object', false)
    .action(create);
  keys
    .command('export')
    .description('write the trust file: public keys and address; its fingerprint goes to standard error, to be read out by telephone')
    .requiredOption('--directory <folder>', 'the key directory')
    .requiredOption('--base-url <url>', 'where the other parties reach this one')
    .option('--not-before <time>', 'RFC 3339; default now')
    .option('--not-after <time>', `RFC 3339; default ${TRUST_YEARS} years from now`)
    .option('--output <file>', 'instead of standard output')
    .action(exportTrust);
  keys
    .command('fingerprint')
    .description('print the fingerprint of a trust file, to compare with the one read out')
    .argument('<file>', 'a trust file')
    .action(async (file: string) => {
      process.stdout.write(`${trustFingerprint(await readTrustPath(file))}\n`);
    });
  keys
    .command('rotate')
    .description('add new keys and set an end to those in use; then export a new trust file, which the old key signs')
    .requiredOption('--directory <folder>', 'the key directory')
    .requiredOption('--activate-at <time>', 'RFC 3339: from when on the new key signs')
    .requiredOption('--retire-at <time>', 'RFC 3339: from when on the old keys are no longer used')
    .action(rotate);
}

async function create({ directory, party, role, mode, json }: CreateOptions): Promise<void> {
  const keys = await createKeyDirectory(directory, { party, role, mode });
  const made = { party: keys.party, role: keys.role, mode: keys.mode, directory: keys.directory, signingKey: keys.signingKey.kid };
  process.stdout.write(json ? `${JSON.stringify(made)}\n` : `the ${made.mode} keys of ${made.party} are in ${made.directory}\n`);
}

async function rotate(options: { directory: string; activateAt: string; retireAt: string }): Promise<void> {
  const { party } = await rotateKeys(await openKeyDirectory(options.directory), options);
  process.stdout.write(
    `${party}: new keys sign from ${options.activateAt}, the old ones end at ${options.retireAt}\n` +
      'next: restart this party’s services, "zhida keys export", and hand the new trust file to every party before then\n',
  );
}

async function exportTrust(options: ExportOptions): Promise<void> {
  const keys = await openKeyDirectory(options.directory);
  const trust = exportTrustFile(keys, {
    baseUrl: options.baseUrl,
    notBefore: options.notBefore ?? isoNow(systemClock),
    notAfter: options.notAfter ?? yearsFromNow(TRUST_YEARS),
  });
  const text = `${JSON.stringify(trust, null, 2)}\n`;
  if (options.output === undefined) process.stdout.write(text);
  else await replace(options.output, text);
  process.stderr.write(`fingerprint of ${trust.party}, to be read out by telephone:\n${trustFingerprint(trust)}\n`);
}

/** A trust file is whole or not there: a run that is killed half-way leaves the old one. */
async function replace(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    // `wx`: in a folder others can write to, nothing they laid there is followed or written into.
    await writeFile(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
    await rename(unfinished, file);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the file cannot be written', { at: file, cause });
  }
}

function yearsFromNow(years: number): string {
  const time = new Date(systemClock.now());
  time.setUTCFullYear(time.getUTCFullYear() + years);
  return time.toISOString();
}

/** Reads a trust file from disk. @throws ZhidaError `ZD_ERR_TRUST_FILE` when it cannot be read or is none, `ZD_ERR_INPUT_TOO_LARGE` when it cannot be one. */
export async function readTrustPath(file: string): Promise<TrustFile> {
  let parsed: unknown;
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && found.size > TRUST_FILE_MAX_BYTES) {
    throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'this is too large for a trust file', { at: file });
  }
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_TRUST_FILE', 'this is no trust file that can be read', { at: file, cause });
  }
  return readTrustFile(parsed);
}
