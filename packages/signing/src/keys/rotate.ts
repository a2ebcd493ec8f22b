import { ZhidaError } from '@zhida/core';
import { instantMs } from '../time.js';
import { replaceFile } from './file-system.js';
import { type KeyDirectory, keyFilePath, openKeyDirectory, readStoredKeys } from './key-directory.js';
import { generateKey, purposesOf, type StoredKey } from './key-file.js';

export interface RotateOptions {
  /** From when on the new key signs, RFC 3339 with offset: give the others until then to pin the new trust file. */
  readonly activateAt: string;
  /** From when on the old keys verify nothing new and are no longer encrypted to, RFC 3339 with offset; after `activateAt`. */
  readonly retireAt: string;
}

/**
 * Adds a new key for every purpose and sets an end to those in use. Old private keys stay: what was encrypted to them must
 * still open. Returns the directory with its new keys; the next step is to export a new trust file, which the old key signs.
 *
 * A running service reads its keys again every few seconds ({@link KeyDirectory.reload}). What the others encrypt to the new key
 * before it has is held, not lost, until it can be opened.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for times that are none or in the wrong order.
 */
export async function rotateKeys(keys: KeyDirectory, { activateAt, retireAt }: RotateOptions): Promise<KeyDirectory> {
  const from = instantMs(activateAt);
  const until = instantMs(retireAt);
  if (from === undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'this must be an RFC 3339 time with offset', { at: 'activateAt' });
  if (until === undefined || until <= from) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'this must be an RFC 3339 time with offset, after the activation', { at: 'retireAt' });
  }
  const file = await readStoredKeys(keys.directory);
  const retired = file.keys.map((key): StoredKey => (key.notAfter === null ? { ...key, notAfter: retireAt } : key));
  // The others encrypt to a new key as soon as they know it, so only the signing key waits.
  const added = purposesOf(file.role).map((purpose) => generateKey(purpose, purpose === 'sig' ? activateAt : null));
  await replaceFile(keyFilePath(keys.directory), `${JSON.stringify({ ...file, keys: [...retired, ...added] }, null, 2)}\n`);
  return openKeyDirectory(keys.directory, { clock: keys.clock });
}
