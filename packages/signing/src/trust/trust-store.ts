import { join } from 'node:path';
import { ZhidaError } from '@zhida/core';
import { namesIn, readIfPresent, requireOwnedWrites } from '../keys/file-system.js';
import type { KeyMode } from '../mode.js';
import { type PartyRole, trustFileName } from '../party.js';
import { readTrustFile, type TrustFile } from './trust-file.js';
import { type TrustedParty, trustedParty } from './trusted-party.js';

/** Whose trust this is: every verifier checks `aud` and `mode` against it. */
export interface Owner {
  readonly party: string;
  readonly role: PartyRole;
  readonly mode: KeyMode;
}

/** The pinned parties of one key directory, as read at opening or at the last `reload`. */
export interface TrustStore {
  readonly owner: Owner;
  party(name: string): TrustedParty | undefined;
  /** Sorted by name. */
  all(): readonly TrustedParty[];
  /** Reads the trust files again; if one of them is wrong it throws and the parties known before stay. */
  reload(): Promise<void>;
}

/**
 * Opens the `trust` folder of a key directory.
 *
 * @throws ZhidaError `ZD_ERR_TRUST_FILE` for a file that is not one, `ZD_ERR_MODE_REFUSED` for one of the other mode,
 * `ZD_ERR_KEY_FILE` when others may write there.
 */
export async function openTrustStore(directory: string, owner: Owner): Promise<TrustStore> {
  let parties = await readParties(directory, owner);
  return {
    owner,
    party: (name) => parties.get(name),
    all: () => [...parties.values()],
    async reload() {
      parties = await readParties(directory, owner);
    },
  };
}

async function readParties(directory: string, owner: Owner): Promise<ReadonlyMap<string, TrustedParty>> {
  const parties: TrustedParty[] = [];
  const names = (await namesIn(directory)).filter((entry) => entry.endsWith('.json'));
  if (names.length > 0) await requireOwnedWrites(directory);
  for (const name of names) {
    const path = join(directory, name);
    await requireOwnedWrites(path);
    const file = readTrustText((await readIfPresent(path))?.toString('utf8') ?? '', path);
    if (trustFileName(file.party) !== name) {
      throw new ZhidaError('ZD_ERR_TRUST_FILE', 'the file name is not that of the party inside', { at: path });
    }
    requireSameMode(file, owner, path);
    parties.push(trustedParty(file));
  }
  return new Map(parties.sort((a, b) => (a.party < b.party ? -1 : 1)).map((party) => [party.party, party]));
}

function readTrustText(text: string, path: string): TrustFile {
  try {
    return readTrustFile(JSON.parse(text));
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_TRUST_FILE', 'a pinned trust file cannot be read', { at: path, cause });
  }
}

/** @throws ZhidaError `ZD_ERR_MODE_REFUSED`: production and test share nothing (INV-16). */
export function requireSameMode(file: TrustFile, owner: Owner, at: string): void {
  if (file.mode !== owner.mode) {
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', `a ${owner.mode} party trusts no ${file.mode} party`, { at });
  }
}
