import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Clock, systemClock, ZhidaError } from '@zhida/core';
import type { KeyMode } from '../mode.js';
import { type PartyRole, requirePartyName } from '../party.js';
import { currentOf } from '../time.js';
import { openTrustStore, type TrustStore } from '../trust/trust-store.js';
import { createFile, makePrivateDirectory, readIfPresent, requirePrivate } from './file-system.js';
import { generateKey, importKey, type KeyFile, type PrivateKey, purposesOf, readKeyFile } from './key-file.js';

const KEY_FILE = 'keys.json';
const MASTER_KEY_FILE = 'master.key';
const TRUST_DIRECTORY = 'trust';
const MASTER_KEY_BYTES = 32;

/** A party's own keys and the parties it has pinned. Nothing private shows when it is printed, logged or turned into JSON. */
export interface KeyDirectory {
  readonly directory: string;
  readonly party: string;
  readonly role: PartyRole;
  readonly mode: KeyMode;
  readonly clock: Clock;
  /** The key to sign with now. */
  readonly signingKey: PrivateKey;
  /** Every signing key, oldest first; those past their time too. */
  readonly signingKeys: readonly PrivateKey[];
  /** Every key an envelope may have been encrypted to; none is ever thrown away. */
  readonly encryptionKeys: readonly PrivateKey[];
  /** Every key restricted groups may be sealed to, kept as long as reports; agencies alone have any. */
  readonly restrictedKeys: readonly PrivateKey[];
  /** 32 bytes that wrap the data keys at rest; a HIS has none. */
  readonly masterKey: Uint8Array | undefined;
  readonly trusted: TrustStore;
  /**
   * Reads own keys and trust files again, so that a rotation or a new party reaches a running service. If a file is wrong it throws
   * what {@link openKeyDirectory} throws, and what was known before stays.
   */
  reload(): Promise<void>;
}

export interface CreateKeyDirectoryOptions {
  readonly party: string;
  readonly role: PartyRole;
  readonly mode: KeyMode;
  /** @defaultValue the system clock */
  readonly clock?: Clock;
}

/**
 * Makes a key directory, or opens the one that is there. `keys.json` is written last: a run that is killed before leaves
 * nothing in use, and the next one completes it; of two that race, both end with the same keys.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` when the name is none, or another party's keys are there; `ZD_ERR_MODE_REFUSED`
 * when keys of the other mode are there; `ZD_ERR_KEY_FILE` when the folder cannot be written or is open to other users.
 */
export async function createKeyDirectory(directory: string, options: CreateKeyDirectoryOptions): Promise<KeyDirectory> {
  const { party, role, mode, clock = systemClock } = options;
  requirePartyName(party, role);
  const root = resolve(directory);
  if ((await readIfPresent(join(root, KEY_FILE))) === undefined) {
    await makePrivateDirectory(root);
    await requirePrivate(root);
    await makePrivateDirectory(join(root, TRUST_DIRECTORY));
    if (role !== 'his') await createFile(join(root, MASTER_KEY_FILE), `${randomBytes(MASTER_KEY_BYTES).toString('base64url')}\n`);
    const file: KeyFile = { v: '1', party, role, mode, keys: purposesOf(role).map((purpose) => generateKey(purpose, null)) };
    await createFile(join(root, KEY_FILE), `${JSON.stringify(file, null, 2)}\n`);
  }
  const keys = await openKeyDirectory(root, { clock });
  if (keys.party !== party) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the directory holds the keys of another party', { at: 'party' });
  if (keys.mode !== mode) throw new ZhidaError('ZD_ERR_MODE_REFUSED', `the directory holds ${keys.mode} keys`, { at: 'mode' });
  return keys;
}

/**
 * Opens a key directory.
 *
 * @throws ZhidaError `ZD_ERR_KEY_MISSING` when there is none or its master key is gone; `ZD_ERR_KEY_FILE` when a file is not
 * as written here, or the folder or a private file is open to other users; and what {@link openTrustStore} throws.
 */
export async function openKeyDirectory(directory: string, { clock = systemClock }: { clock?: Clock } = {}): Promise<KeyDirectory> {
  const root = resolve(directory);
  const file = await readPrivateKeys(root);
  const masterKey = file.role === 'his' ? undefined : readMasterKey(await readPrivate(root, MASTER_KEY_FILE));
  const { party, role, mode } = file;
  const trusted = await openTrustStore(join(root, TRUST_DIRECTORY), { party, role, mode });
  return new OpenedKeyDirectory({ directory: root, file, masterKey, trusted, clock });
}

/** The text of `keys.json` in an opened directory, for a rotation. */
export async function readStoredKeys(directory: string): Promise<KeyFile> {
  return readKeyFile((await readPrivate(directory, KEY_FILE)).toString('utf8'));
}

export function keyFilePath(directory: string): string {
  return join(directory, KEY_FILE);
}

async function readPrivateKeys(root: string): Promise<KeyFile> {
  return readKeyFile((await readPrivate(root, KEY_FILE)).toString('utf8'));
}

async function readPrivate(root: string, name: string): Promise<Buffer> {
  const path = join(root, name);
  const bytes = await readIfPresent(path);
  if (bytes === undefined) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'there is no such key file', { at: path });
  await requirePrivate(root);
  await requirePrivate(path);
  return bytes;
}

function readMasterKey(text: Buffer): Uint8Array {
  const encoded = text.toString('utf8').trim();
  const key = Buffer.from(encoded, 'base64url');
  if (key.length !== MASTER_KEY_BYTES || key.toString('base64url') !== encoded) {
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'the master key is not 32 bytes in base64url', { at: MASTER_KEY_FILE });
  }
  return key;
}

/** Private material lives in `#` fields, which no logger, inspector or serializer reaches. */
class OpenedKeyDirectory implements KeyDirectory {
  readonly directory: string;
  readonly party: string;
  readonly role: PartyRole;
  readonly mode: KeyMode;
  readonly #clock: Clock;
  #keys: Readonly<Record<'sig' | 'enc' | 'restricted', readonly PrivateKey[]>>;
  readonly #masterKey: Uint8Array | undefined;
  readonly #trusted: TrustStore;

  constructor(parts: { directory: string; file: KeyFile; masterKey: Uint8Array | undefined; trusted: TrustStore; clock: Clock }) {
    const { file } = parts;
    this.directory = parts.directory;
    this.party = file.party;
    this.role = file.role;
    this.mode = file.mode;
    this.#clock = parts.clock;
    this.#keys = importedKeys(file);
    this.#masterKey = parts.masterKey;
    this.#trusted = parts.trusted;
  }

  get clock(): Clock {
    return this.#clock;
  }

  get signingKey(): PrivateKey {
    const key = currentOf(this.#keys.sig, this.#clock.now());
    if (key === undefined) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'no signing key is in its time', { at: KEY_FILE });
    return key;
  }

  get signingKeys(): readonly PrivateKey[] {
    return this.#keys.sig;
  }

  get encryptionKeys(): readonly PrivateKey[] {
    return this.#keys.enc;
  }

  get restrictedKeys(): readonly PrivateKey[] {
    return this.#keys.restricted;
  }

  get masterKey(): Uint8Array | undefined {
    return this.#masterKey;
  }

  get trusted(): TrustStore {
    return this.#trusted;
  }

  async reload(): Promise<void> {
    const file = await readPrivateKeys(this.directory);
    if (file.party !== this.party || file.mode !== this.mode)
      throw new ZhidaError('ZD_ERR_KEY_FILE', 'the directory holds the keys of another party or mode now', { at: KEY_FILE });
    await this.#trusted.reload();
    this.#keys = importedKeys(file);
  }
}

function importedKeys(file: KeyFile): Readonly<Record<'sig' | 'enc' | 'restricted', readonly PrivateKey[]>> {
  const imported = (purpose: string): PrivateKey[] => file.keys.filter((key) => key.purpose === purpose).map(importKey);
  return { sig: imported('sig'), enc: imported('enc'), restricted: imported('restricted') };
}
