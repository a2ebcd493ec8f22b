import { ZhidaError } from '@zhida/core';
import type { SqlExecutor } from './executor.js';

/** Two words, 'zhid' and 'audt': one log per database, so one lock per database. */
const LOCK = [0x7a686964, 0x61756474];

/** Where in (transaction, id) order the search for entries without a leaf goes on. */
export interface PendingCursor {
  xid: string;
  id: string;
}

/** An entry without a leaf. */
export interface PendingEntry extends PendingCursor {
  bytes: Uint8Array;
}

/** A leaf: its place in the log, the entry there, and the entry's leaf hash. */
export interface LeafRow {
  index: number;
  entryId: string;
  leafHash: Uint8Array;
}

/** A leaf with the entry's bytes. */
export interface LoggedRow extends LeafRow {
  bytes: Uint8Array;
}

/** A signed checkpoint as stored. */
export interface CheckpointRow {
  size: number;
  note: string;
}

/** Waits until no other session of this database sequences. Held by the session: it ends with the connection at the latest. */
export async function lockSequencer(client: SqlExecutor): Promise<void> {
  await client.query('select pg_advisory_lock($1::int, $2::int)', [...LOCK]);
}

/** Gives the lock back. */
export async function unlockSequencer(client: SqlExecutor): Promise<void> {
  await client.query('select pg_advisory_unlock($1::int, $2::int)', [...LOCK]);
}

/** The oldest transaction still running: everything older has committed, or never will. */
export async function transactionHorizon(client: SqlExecutor): Promise<string> {
  const { rows } = await client.query('select pg_snapshot_xmin(pg_current_snapshot())::text as xmin', []);
  return text(rows[0], 'xmin');
}

/** Committed entries after the cursor that have no row in `audit_leaves`. */
export async function pendingEntries(client: SqlExecutor, cursor: PendingCursor, limit: number): Promise<PendingEntry[]> {
  const { rows } = await client.query(
    `select e.id, e.bytes, e.xid::text as xid from audit_entries e
      where (e.xid, e.id) > ($1::xid8, $2::text) and not exists (select from audit_leaves l where l.entry_id = e.id)
      order by e.xid, e.id limit $3::int`,
    [cursor.xid, cursor.id, limit],
  );
  return rows.map((row) => ({ id: text(row, 'id'), xid: text(row, 'xid'), bytes: bytes(row, 'bytes') }));
}

/** Gives entries the next places; one statement, so all of them or none. */
export async function insertLeaves(client: SqlExecutor, leaves: readonly LeafRow[]): Promise<void> {
  await client.query(
    `insert into audit_leaves (index, entry_id, leaf_hash)
      select index, entry_id, decode(leaf, 'hex') from unnest($1::bigint[], $2::text[], $3::text[]) as given (index, entry_id, leaf)`,
    [
      leaves.map((leaf) => leaf.index),
      leaves.map((leaf) => leaf.entryId),
      leaves.map((leaf) => Buffer.from(leaf.leafHash).toString('hex')),
    ],
  );
}

/** Number of entries that have a place. */
export async function logSize(client: SqlExecutor): Promise<number> {
  const { rows } = await client.query('select coalesce(max(index) + 1, 0)::text as size from audit_leaves', []);
  return Number(text(rows[0], 'size'));
}

/** Leaves from `index` on, in order. @throws ZhidaError `ZD_ERR_AUDIT_CORRUPT` when a place is empty. */
export async function leavesFrom(client: SqlExecutor, index: number, limit: number): Promise<LeafRow[]> {
  const { rows } = await client.query(
    'select l.index::text as index, l.entry_id, l.leaf_hash from audit_leaves l where l.index >= $1::bigint order by l.index limit $2::int',
    [index, limit],
  );
  return rows.map((row, offset) => gapless(leafOf(row), index + offset));
}

/** Leaves from `index` on with the bytes of their entries. @throws ZhidaError `ZD_ERR_AUDIT_CORRUPT` when a place or an entry is missing. */
export async function loggedFrom(client: SqlExecutor, index: number, limit: number): Promise<LoggedRow[]> {
  const { rows } = await client.query(
    `select l.index::text as index, l.entry_id, l.leaf_hash, e.bytes from audit_leaves l left join audit_entries e on e.id = l.entry_id
      where l.index >= $1::bigint order by l.index limit $2::int`,
    [index, limit],
  );
  return rows.map((row, offset) => {
    const leaf = gapless(leafOf(row), index + offset);
    if (row['bytes'] === null) {
      throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', `the database lost entry ${leaf.entryId}`, { at: `entries[${leaf.index}]` });
    }
    return { ...leaf, bytes: bytes(row, 'bytes') };
  });
}

/** Checkpoints larger than `size`, smallest first. */
export async function checkpointsAfter(client: SqlExecutor, size: number): Promise<CheckpointRow[]> {
  const { rows } = await client.query('select c.size::text as size, c.note from checkpoints c where c.size > $1::bigint order by c.size', [
    size,
  ]);
  return rows.map((row) => ({ size: Number(text(row, 'size')), note: text(row, 'note') }));
}

/** The largest checkpoint, when there is one. */
export async function newestCheckpoint(client: SqlExecutor): Promise<CheckpointRow | undefined> {
  const { rows } = await client.query('select c.size::text as size, c.note from checkpoints c order by c.size desc limit 1', []);
  return rows.map((row) => ({ size: Number(text(row, 'size')), note: text(row, 'note') })).at(0);
}

/** Stores a signed checkpoint. */
export async function insertCheckpoint(client: SqlExecutor, { size, note }: CheckpointRow, at: string): Promise<void> {
  await client.query('insert into checkpoints (size, note, at) values ($1::bigint, $2, $3::timestamptz)', [size, note, at]);
}

function gapless<Row extends LeafRow>(row: Row, index: number): Row {
  if (row.index !== index) throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', 'the database lost a leaf', { at: `leaves[${index}]` });
  return row;
}

function leafOf(row: Record<string, unknown>): LeafRow {
  return { index: Number(text(row, 'index')), entryId: text(row, 'entry_id'), leafHash: bytes(row, 'leaf_hash') };
}

function text(row: Record<string, unknown> | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} did not come as text`);
  return value;
}

function bytes(row: Record<string, unknown>, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} did not come as bytes`);
  return value;
}
