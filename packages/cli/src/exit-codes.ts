import { isZhidaError } from '@zhida/core';

/** Exit codes as sysexits names them: 65 bad input, 69 unavailable, 75 try again, 78 configuration; 1 for a failed check, 70 for a bug. */
export function exitCodeOf(error: unknown): number {
  if (!isZhidaError(error)) return 70;
  if (error.code === 'ZD_ERR_AUDIT_CORRUPT') return 1;
  const byRemedy = { 'fix-input': 65, 'fix-config': 78, retry: 75, 'call-a-human': 69 } as const;
  return byRemedy[error.remedy];
}
