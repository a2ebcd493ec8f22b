import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditOrigin, publicKeyFromJwk, verifyCheckpoint } from '@zhida/audit-log';
import { isZhidaError } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import type { KeyDirectory } from '@zhida/signing';
import { type CheckLine, look, right, wrong } from './check.js';

/**
 * The head of a service's audit log: signed by its own key, of this log, and not beyond what the database holds (a database put back
 * from an older copy). Every entry is `zhida audit verify`'s affair, which reads them all.
 */
export async function auditLine(data: string, keys: KeyDirectory, database: OpenDatabase<unknown>): Promise<CheckLine> {
  const { rows } = await database.pool.query<{ size: number }>('select coalesce(max(index) + 1, 0) as size from audit_leaves');
  const leaves = rows[0]?.size ?? 0;
  const note = await readFile(join(data, 'audit', 'checkpoint'), 'utf8').catch(() => undefined);
  if (note === undefined) return leaves === 0 ? right('auditEmpty') : wrong('auditGone', 'audit', { leaves });
  const origin = auditOrigin(keys);
  try {
    const publicKeys = keys.signingKeys.map(({ publicKey }) => publicKeyFromJwk(publicKey.export({ format: 'jwk' }), origin));
    const head = verifyCheckpoint(note, publicKeys);
    if (head.origin !== origin) return wrong('auditOther', 'audit');
    if (head.size > leaves) return wrong('auditAhead', 'auditAhead', { size: head.size, leaves });
    return head.size < leaves ? look('auditBehind', 'auditBehind', { size: head.size, leaves }) : right('audit', { size: head.size });
  } catch (error) {
    return wrong('auditUnproven', 'audit', { why: isZhidaError(error) ? error.code : 'ZD_ERR_AUDIT_CORRUPT' });
  }
}
