import { addTrust, openKeyDirectory, type TrustedParty, trustFingerprint } from '@zhida/signing';
import type { Command } from 'commander';
import { readTrustPath } from './keys.js';

interface AddOptions {
  readonly directory: string;
  readonly fingerprint?: string;
  readonly json: boolean;
}

const SAID = { added: 'is now trusted', replaced: 'is trusted under its new file', unchanged: 'was trusted already, nothing changed' };

/** `zhida trust add|list`: whose keys this party takes for true. */
export function registerTrust(program: Command): void {
  const trust = program.command('trust').description('pin the keys of another party, and list who is pinned');
  trust
    .command('add')
    .description('pin a party; without a fingerprint the file must be signed by a key pinned before')
    .argument('<file>', 'the trust file the other party handed over')
    .requiredOption('--directory <folder>', 'the key directory of this party')
    .option('--fingerprint <text>', 'as the other party read it out by telephone')
    .option('--json', 'one JSON object', false)
    .action(add);
  trust
    .command('list')
    .description('list the pinned parties')
    .requiredOption('--directory <folder>', 'the key directory of this party')
    .option('--json', 'one JSON object a line', false)
    .action(list);
}

async function add(path: string, { directory, fingerprint, json }: AddOptions): Promise<void> {
  const keys = await openKeyDirectory(directory);
  const { trusted, change } = await addTrust(keys, await readTrustPath(path), fingerprint === undefined ? {} : { fingerprint });
  const line = json
    ? JSON.stringify({ ...rowOf(trusted), change })
    : `${trusted.party} ${SAID[change]} (${trusted.mode}, ${trusted.baseUrl})`;
  process.stdout.write(`${line}\n`);
}

async function list({ directory, json }: { directory: string; json: boolean }): Promise<void> {
  const rows = (await openKeyDirectory(directory)).trusted.all().map(rowOf);
  if (json) {
    process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return;
  }
  if (rows.length === 0) process.stdout.write('no party is trusted yet\n');
  for (const row of rows) {
    process.stdout.write(`${row.party}\n  ${row.mode}, ${row.baseUrl}, until ${row.notAfter}\n  fingerprint ${row.fingerprint}\n`);
  }
}

function rowOf({ party, role, mode, baseUrl, notBefore, notAfter, file }: TrustedParty) {
  return { party, role, mode, baseUrl, notBefore, notAfter, fingerprint: trustFingerprint(file) };
}
