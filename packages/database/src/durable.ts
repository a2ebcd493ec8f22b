import { ZhidaError } from '@zhida/core';
import type pg from 'pg';

/** Each setting, and the one value under which a committed row survives a power cut. `remote_*` and `local` flush here too. */
const REQUIRED: readonly { name: string; safe: readonly string[] }[] = [
  { name: 'fsync', safe: ['on'] },
  { name: 'full_page_writes', safe: ['on'] },
  { name: 'synchronous_commit', safe: ['on', 'local', 'remote_write', 'remote_apply'] },
];

/**
 * Refuses a database that may lose a committed row. Asked over the caller's own pool, because role and database can
 * weaken what the server's file says.
 *
 * @throws ZhidaError `ZD_ERR_DATABASE_NOT_DURABLE` naming the first weak setting.
 */
export async function assertDurable(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string; setting: string }>('select name, setting from pg_settings where name = any($1)', [
    REQUIRED.map(({ name }) => name),
  ]);
  for (const { name, safe } of REQUIRED) {
    const setting = rows.find((row) => row.name === name)?.setting;
    if (setting === undefined || !safe.includes(setting)) {
      throw new ZhidaError('ZD_ERR_DATABASE_NOT_DURABLE', `${name} must be on: a committed report could be lost`, { at: name });
    }
  }
}
