import { createSealer, type KeyDirectory } from '@zhida/signing';

/** What a sealed value is: part of its authentication, so that one kind can never be opened as another. */
export type SealedKind = 'payload' | 'summary' | 'outbox' | 'audit' | 'attachment';

/**
 * Keeps what the agency stores about people unreadable without its master key: one data key per delivery. `id` names what
 * is sealed (the delivery, or the audit entry), so that a sealed value cannot be moved to another.
 */
export interface Vault {
  /** A new data key, wrapped for storage: base64url. */
  newKey(): string;
  seal(wrappedKey: string, id: string, kind: SealedKind, plaintext: Uint8Array): Uint8Array;
  open(wrappedKey: string, id: string, kind: SealedKind, sealed: Uint8Array): Uint8Array;
}

/** @throws ZhidaError `ZD_ERR_KEY_MISSING` when the key directory holds no master key. */
export function createVault(keys: KeyDirectory): Vault {
  const sealer = createSealer(keys.masterKey);
  const aad = (id: string, kind: SealedKind): string => `${id}/${kind}`;
  const dataKey = (wrappedKey: string): Uint8Array => sealer.unwrap(Buffer.from(wrappedKey, 'base64url'));
  return {
    newKey: () => Buffer.from(sealer.newDataKey().wrapped).toString('base64url'),
    seal: (wrappedKey, id, kind, plaintext) => sealer.seal(dataKey(wrappedKey), plaintext, aad(id, kind)),
    open: (wrappedKey, id, kind, sealed) => sealer.open(dataKey(wrappedKey), sealed, aad(id, kind)),
  };
}
