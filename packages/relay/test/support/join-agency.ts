import { join } from 'node:path';
import { createKeyDirectory } from '@zhida/signing';
import type { Fixture } from './fixture.js';
import { type ScriptedAgency, startAgency } from './scripted-agency.js';

/** One agency more than a fixture has, with keys of its own; it and the relay know each other. */
export async function joinAgency({ clock, parties }: Fixture, party: string): Promise<ScriptedAgency> {
  const agency = await startAgency(clock);
  const keys = await createKeyDirectory(join(parties.directory, party.replace(':', '_')), { party, role: 'agency', mode: 'test', clock });
  await parties.introduce(keys, parties.relay, agency.url);
  await parties.introduce(parties.relay, keys, 'http://127.0.0.1:9');
  agency.keys = keys;
  return agency;
}
