import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ZhidaError } from '@zhida/core';
import { zhida } from './command.js';
import { type Layout, PARTIES, type PartyName, TRUST } from './layout.js';

/** A trust file's time in the demo: long enough to find the data again months later. */
const NOT_AFTER = '2036-01-01T00:00:00Z';

/**
 * What two organisations do before the first report: each makes its keys, hands over a trust file, and adds the other's
 * after comparing the fingerprint that was read out. The same commands a person would type, run where they are still owed.
 */
export async function introduceParties(layout: Layout): Promise<string> {
  const names = Object.keys(PARTIES) as PartyName[];
  await Promise.all(names.filter((name) => !speaksOf(layout.trustFile(name), layout, name)).map((name) => createAndExport(layout, name)));
  const owed = TRUST.filter(([who, trusts]) => !speaksOf(pinnedFile(layout, who, trusts), layout, trusts));
  const readOut = new Map<PartyName, string>();
  await Promise.all(
    [...new Set(owed.map(([, trusts]) => trusts))].map(async (name) =>
      readOut.set(name, (await must('keys', 'fingerprint', layout.trustFile(name))).trim()),
    ),
  );
  await Promise.all(
    owed.map(([who, trusts]) =>
      must('trust', 'add', layout.trustFile(trusts), '--directory', layout.keys(who), '--fingerprint', readOut.get(trusts) ?? ''),
    ),
  );
  return owed.length === 0 ? `${names.length} parties, known to each other` : `${names.length} parties, ${owed.length} pins added`;
}

async function createAndExport(layout: Layout, name: PartyName): Promise<void> {
  const { party, role } = PARTIES[name];
  mkdirSync(dirname(layout.trustFile(name)), { recursive: true, mode: 0o700 });
  await must('keys', 'create', '--directory', layout.keys(name), '--party', party, '--role', role, '--mode', 'test');
  await must(
    'keys',
    'export',
    '--directory',
    layout.keys(name),
    '--base-url',
    layout.url(name),
    '--not-after',
    NOT_AFTER,
    '--output',
    layout.trustFile(name),
  );
}

function pinnedFile(layout: Layout, who: PartyName, trusts: PartyName): string {
  return join(layout.keys(who), 'trust', `${PARTIES[trusts].party.replace(':', '_')}.json`);
}

/** Whether this file is there and names the address the party has now: another `--base-port` is another address. */
function speaksOf(file: string, layout: Layout, name: PartyName): boolean {
  try {
    const { party, baseUrl } = JSON.parse(readFileSync(file, 'utf8')) as { party?: unknown; baseUrl?: unknown };
    return party === PARTIES[name].party && baseUrl === layout.url(name);
  } catch {
    return false;
  }
}

async function must(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await zhida(...args);
  if (code !== 0)
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', `zhida ${args.slice(0, 2).join(' ')} ended with ${code}: ${stderr.trim()}`, {
      at: 'keys',
    });
  return stdout;
}
