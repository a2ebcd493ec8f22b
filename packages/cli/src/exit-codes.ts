import { isZhidaError } from '@zhida/core';

/** The work was done, but some input could not be read. */
export const EXIT_INPUT_SKIPPED = 2;
/** sysexits EX_USAGE: the command line itself is wrong. */
export const EXIT_USAGE = 64;

/** Exit codes as sysexits names them: 65 bad input, 69 unavailable, 75 try again, 78 configuration; 1 for a failed check, 70 for a bug. */
export function exitCodeOf(error: unknown): number {
  if (!isZhidaError(error)) return 70;
  if (error.code === 'ZD_ERR_AUDIT_CORRUPT') return 1;
  const byRemedy = { 'fix-input': 65, 'fix-config': 78, retry: 75, 'call-a-human': 69 } as const;
  return byRemedy[error.remedy];
}
