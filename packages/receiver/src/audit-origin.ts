import type { KeyDirectory } from '@zhida/signing';

/** The origin of an agency's audit log; test and production logs can never be taken for each other. */
export function auditOrigin(keys: KeyDirectory): string {
  return `${keys.party}/${keys.mode}`;
}
