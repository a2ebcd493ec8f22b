import { addTrust, openKeyDirectory, trustFingerprint } from '@zhida/signing';
import type { Command } from 'commander';
import { readTrustPath } from './keys.js';

/** `zhida trust add|list`: whose keys this party takes for true. */
export function registerTrust(program: Command): void {
  const trust = program.command('trust').description('pin the keys of another party, and list who is pinned');
  trust
    .command('add')
    .description('pin a party; without a fingerprint the file must be signed by a key pinned before')
    .argument('<file>', 'the trust file the other party handed over')
    .requiredOption('--directory <folder>', 'the key directory of this party')
    .option('--fingerprint <text>', 'as the other party read it out by telephone')
    .action(async (file: string, options: { directory: string; fingerprint?: string }) => {
      const keys = await openKeyDirectory(options.directory);
      const given = options.fingerprint === undefined ? {} : { fingerprint: options.fingerprint };
      const { trusted, change } = await addTrust(keys, await readTrustPath(file), given);
      process.stdout.write(`${trusted.party} ${change}\n`);
    });
  trust
    .command('list')
    .description('list the pinned parties')
    .requiredOption('--directory <folder>', 'the key directory of this party')
    .option('--json', 'one JSON object a line', false)
    .action(async (options: { directory: string; json: boolean }) => {
      const keys = await openKeyDirectory(options.directory);
      for (const { party, role, mode, baseUrl, file } of keys.trusted.all()) {
        const row = { party, role, mode, baseUrl, notAfter: file.notAfter, fingerprint: trustFingerprint(file) };
        process.stdout.write(options.json ? `${JSON.stringify(row)}\n` : `${Object.values(row).join('  ')}\n`);
      }
    });
}
