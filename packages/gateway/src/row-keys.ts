import { createHmac, hkdfSync } from 'node:crypto';
import type { EncounterSnapshot } from '@zhida/core';

/** Keyed names for visits and patients, so that rows can be found and grouped without holding a hospital's number. */
export interface RowKeys {
  /** One visit of this facility; 32 hex digits. */
  encounter(encounterId: string): string;
  /** One patient of this facility; a visit without a patient id stands for itself alone. */
  patient(snapshot: EncounterSnapshot): string;
  /** Anything else of this facility that has a name of its own: a message, a file, a key of a folded visit. */
  of(kind: 'message' | 'file' | 'content' | 'folded', ...parts: readonly string[]): string;
}

const KEY_BYTES = 32;
const NAME_LENGTH = 32;

/** Row keys of one facility under a key derived from the master key (RFC 5869), which itself never names anything. */
export function createRowKeys(masterKey: Uint8Array, facility: string): RowKeys {
  const secret = new Uint8Array(hkdfSync('sha256', masterKey, new Uint8Array(), 'zhida/gateway/row-keys', KEY_BYTES));
  const nameOf = (...parts: readonly string[]): string =>
    createHmac('sha256', secret)
      .update(JSON.stringify([facility, ...parts]))
      .digest('hex')
      .slice(0, NAME_LENGTH);
  return {
    encounter: (encounterId) => nameOf('encounter', encounterId),
    of: nameOf,
    patient: ({ id, patient }) => (patient?.id === undefined ? nameOf('patient-of', id) : nameOf('patient', patient.id)),
  };
}
