import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ZhidaError } from '@zhida/core';
import { zhidaEach } from './command.js';
import { type Layout, PARTIES, type PartyName, TRUST } from './layout.js';

/** A trust file's time in the demo: long enough to find the data again months later. */
const NOT_AFTER = '2036-01-01T00:00:00Z';

/**
 * What two organisations do before the first report: each makes its keys, hands over a trust file, and adds the other's
 * after comparing the fingerprint that was read out. The same commands a person would type, run where they are still owed.
 */
export async function introduceParties(layout: Layout): Promise<string> {
  const names = Object.keys(PARTIES) as PartyName[];
  const made = names.filter((name) => !speaksOf(layout.trustFile(name), layout, name)).flatMap((name) => createAndExport(layout, name));
  const owed = TRUST.filter(([who, trusts]) => !speaksOf(pinnedFile(layout, who, trusts), layout, trusts));
  const read = [...new Set(owed.map(([, trusts]) => trusts))];
  const readOut = (await must([...made, ...read.map((name) => ['keys', 'fingerprint', layout.trustFile(name)])])).slice(made.length);
  const fingerprints = new Map(read.map((name, index) => [name, readOut[index]?.trim() ?? '']));
  await must(
    owed.map(([who, trusts]) => {
      const fingerprint = fingerprints.get(trusts) ?? '';
      return ['trust', 'add', layout.trustFile(trusts), '--directory', layout.keys(who), '--fingerprint', fingerprint];
    }),
  );
  return owed.length === 0 ? `${names.length} parties, known to each other` : `${names.length} parties, ${owed.length} pins added`;
}

function createAndExport(layout: Layout, name: PartyName): string[][] {
  const { party, role } = PARTIES[name];
  const [directory, file] = [layout.keys(name), layout.trustFile(name)];
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return [
    ['keys', 'create', '--directory', directory, '--party', party, '--role', role, '--mode', 'test'],
    ['keys', 'export', '--directory', directory, '--base-url', layout.url(name), '--not-after', NOT_AFTER, '--output', file],
  ];
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

/** @returns what each command wrote */
async function must(commands: readonly (readonly string[])[]): Promise<readonly string[]> {
  if (commands.length === 0) return [];
  const { code, said, stderr } = await zhidaEach(commands);
  if (code === 0) return said;
  const failed = (commands[said.length] ?? []).slice(0, 2).join(' ');
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', `zhida ${failed} ended with ${code}: ${stderr.trim()}`, { at: 'keys' });
}
