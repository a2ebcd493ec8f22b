import { createHmac } from 'node:crypto';
import type { EncounterSnapshot } from '@zhida/core';

/**
 * A keyed name for "the same child in this facility", so that rows can be grouped without holding an identifier.
 * A visit without a patient id stands for itself alone.
 */
export function patientKey(secret: Uint8Array, facility: string, snapshot: EncounterSnapshot): string {
  const who = snapshot.patient?.id === undefined ? `encounter ${snapshot.id}` : `patient ${snapshot.patient.id}`;
  return createHmac('sha256', secret).update(`${facility}\n${who}`).digest('hex').slice(0, 32);
}
