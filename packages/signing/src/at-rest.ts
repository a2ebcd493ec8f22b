import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ZhidaError } from '@zhida/core';

/** First byte of everything sealed, so that another cipher can follow without guessing. */
const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;
const CIPHER = 'aes-256-gcm';

/**
 * Seals what is kept at rest with AES-256-GCM: a data key per record, wrapped by the master key. Erasing a record's wrapped
 * data key erases the record. Sealed bytes are `version (1) | nonce (12) | ciphertext | tag (16)`.
 */
export interface Sealer {
  /** A fresh 32-byte data key, and the same key wrapped for storage (61 bytes). */
  newDataKey(): { readonly dataKey: Uint8Array; readonly wrapped: Uint8Array };
  /** @throws ZhidaError `ZD_ERR_SEALED_UNREADABLE` when it was wrapped by another master key or changed. */
  unwrap(wrapped: Uint8Array): Uint8Array;
  /** @param aad what the value is and where it belongs: it opens only under the same words. */
  seal(dataKey: Uint8Array, plaintext: Uint8Array, aad: string): Uint8Array;
  /** @throws ZhidaError `ZD_ERR_SEALED_UNREADABLE` for another key, other `aad` or a changed byte. */
  open(dataKey: Uint8Array, sealed: Uint8Array, aad: string): Uint8Array;
}

const WRAP = 'zhida/data-key';
const VALUE = 'zhida/value/';

/**
 * A sealer under one master key.
 *
 * @throws ZhidaError `ZD_ERR_KEY_MISSING` when there is no master key, `ZD_ERR_OPTION_INVALID` when it is not 32 bytes.
 */
export function createSealer(masterKey: Uint8Array | undefined): Sealer {
  if (masterKey === undefined) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'sealing at rest needs a master key', { at: 'master.key' });
  if (masterKey.length !== KEY_BYTES) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a master key is 32 bytes', { at: 'masterKey' });
  const master = Buffer.from(masterKey);
  return {
    newDataKey() {
      const dataKey = randomBytes(KEY_BYTES);
      return { dataKey, wrapped: encrypt(master, dataKey, WRAP) };
    },
    unwrap: (wrapped) => decrypt(master, wrapped, WRAP),
    seal: (dataKey, plaintext, aad) => encrypt(dataKey, plaintext, VALUE + aad),
    open: (dataKey, sealed, aad) => decrypt(dataKey, sealed, VALUE + aad),
  };
}

/** A random nonce is safe here: a data key seals a handful of values, and a master key far fewer than 2³² data keys. */
function encrypt(key: Uint8Array, plaintext: Uint8Array, aad: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(aad));
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, aad: string): Uint8Array {
  if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] !== VERSION) {
    throw new ZhidaError('ZD_ERR_SEALED_UNREADABLE', 'this was not sealed here');
  }
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(1, HEAD_BYTES), { authTagLength: TAG_BYTES }).setAAD(boundTo(aad));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_SEALED_UNREADABLE', 'the sealed value was changed, moved, or belongs to another key', { cause });
  }
}

function boundTo(aad: string): Uint8Array {
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(aad, 'utf8')]);
}
