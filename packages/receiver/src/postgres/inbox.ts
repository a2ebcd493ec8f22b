import { auditOrigin, type DayReceipt } from '@zhida/audit-log';
import { appendAudit } from '@zhida/audit-log/postgres';
import { type Clock, systemClock, ZhidaError } from '@zhida/core';
import { assertDurable, executorOf, migrate, type OpenDatabase } from '@zhida/database';
import type { KeyDirectory } from '@zhida/signing';
import { type Kysely, sql, type Transaction } from 'kysely';
import { CLAIM_MS, withinClaim } from '../claim-time.js';
import type { AuditDraft, ClaimActs, DueMessage, Inbox, InboxRecord, NewDelivery, Taken, TrailEntry } from '../inbox.js';
import { isOpen } from '../order.js';
import { createVault, type Vault } from '../vault.js';
import { attachmentsOf, contentOf, insertAttachment } from './attachments.js';
import { withDatabaseErrors } from './errors.js';
import { receiverMigrations } from './migrations.js';
import { dueOf, RECORD_COLUMNS, recordOf, rowOf } from './rows.js';
import type { ReceiverSchema } from './schema.js';

export interface PostgresInboxOptions {
  /** Opened by the caller; closing the inbox closes it. */
  readonly database: OpenDatabase<ReceiverSchema>;
  readonly keys: KeyDirectory;
  /** @defaultValue the system clock */
  readonly clock?: Clock;
  /** How long a claim may take before it lapses. @defaultValue 10 000 */
  readonly claimMs?: number;
}

interface Store {
  readonly db: Kysely<ReceiverSchema>;
  readonly vault: Vault;
  readonly origin: string;
  readonly clock: Clock;
  readonly claimMs: number;
}

type Tx = Transaction<ReceiverSchema>;

/**
 * An inbox in PostgreSQL; several processes may share it. Migrates the database and checks that it is durable.
 *
 * @throws ZhidaError `ZD_ERR_DATABASE_NOT_DURABLE`, `ZD_ERR_MIGRATION`, or `ZD_ERR_MODE_REFUSED` when the database belongs to
 * another party or mode.
 */
export async function openPostgresInbox(options: PostgresInboxOptions): Promise<Inbox> {
  const { database, keys, clock = systemClock, claimMs = CLAIM_MS } = options;
  surviveLostConnections(database);
  await assertDurable(database.pool);
  await migrate(database.pool, receiverMigrations, { namespace: 'receiver' });
  const store: Store = { db: database.db, vault: createVault(keys), origin: auditOrigin(keys), clock, claimMs };
  await requireOwner(store);
  return withDatabaseErrors(inboxOver(store, () => database.close()));
}

/**
 * A server that ends a connection inside a transaction, between two statements, makes its client emit `error`; without a
 * listener Node ends the process. The transaction itself fails with its next statement, which is where it is handled.
 */
function surviveLostConnections({ pool }: OpenDatabase<ReceiverSchema>): void {
  pool.on('connect', (client) => client.on('error', () => undefined));
}

async function requireOwner({ db, origin }: Store): Promise<void> {
  await sql`insert into inbox_owner (origin) values (${origin}) on conflict do nothing`.execute(db);
  const { rows } = await sql<{ origin: string }>`select origin from inbox_owner`.execute(db);
  if (rows[0]?.origin === origin) return;
  throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'this database belongs to another party or mode', { at: 'inbox_owner' });
}

function inboxOver(store: Store, close: () => Promise<void>): Inbox {
  const { db } = store;
  return {
    take: (delivery, acts) => db.transaction().execute((tx) => take(store, tx, delivery, acts)),
    find: async (deliveryId) => {
      const row = await db.selectFrom('inbox').select(RECORD_COLUMNS).where('delivery_id', '=', deliveryId).executeTakeFirst();
      return row === undefined ? undefined : recordOf(row);
    },
    list: (limit) => list(store, limit),
    payload: async (deliveryId) => {
      const row = await db.selectFrom('inbox').select('sealed_payload').where('delivery_id', '=', deliveryId).executeTakeFirst();
      return row?.sealed_payload;
    },
    change: (deliveryId, decide) => db.transaction().execute((tx) => change(store, tx, deliveryId, decide)),
    due: (nowMs, limit) => due(store, nowMs, limit),
    sent: async (messageId, atMs) => {
      await db
        .updateTable('outbox')
        .set({ sent_at: new Date(atMs) })
        .where('id', '=', messageId)
        .where('sent_at', 'is', null)
        .execute();
    },
    postponed: async (messageId, dueAtMs) => {
      const next = { attempts: sql<number>`attempts + 1`, next_due_at: new Date(dueAtMs) };
      await db.updateTable('outbox').set(next).where('id', '=', messageId).where('sent_at', 'is', null).execute();
    },
    waiting: () => waiting(store),
    trail: (deliveryId) => trail(store, deliveryId),
    receiptsBetween: (relay, fromMs, toMs) => receiptsBetween(store, relay, fromMs, toMs),
    attach: (attachment, stored) =>
      db.transaction().execute(async (tx) => {
        const delivery = await lockRecord(tx, attachment.deliveryId);
        const { record, isNew } = await insertAttachment(tx, attachment);
        if (isNew) await append(store, tx, delivery, stored);
        return record;
      }),
    attachments: (deliveryId) => attachmentsOf(db, deliveryId),
    attachmentContent: (attachmentId) => contentOf(db, attachmentId),
    close,
  };
}

async function receiptsBetween({ db }: Store, relay: string, fromMs: number, toMs: number): Promise<readonly DayReceipt[]> {
  const { rows } = await sql<DayReceipt>`
    select receipt->>'receiptId' as "receiptId", delivery_id as "deliveryId", payload_sha256 as "payloadSha256", receipt->>'stage' as stage
    from inbox cross join lateral jsonb_array_elements(receipts) as receipt
    where relay = ${relay} and received_at < ${new Date(toMs)}
      and (receipt->>'at')::timestamptz >= ${new Date(fromMs)} and (receipt->>'at')::timestamptz < ${new Date(toMs)}`.execute(db);
  return rows;
}

async function waiting({ db }: Store): Promise<number> {
  const { count } = await db
    .selectFrom('outbox')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('sent_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function due({ db }: Store, nowMs: number, limit: number): Promise<readonly DueMessage[]> {
  const rows = await db
    .selectFrom('outbox')
    .innerJoin('inbox', 'inbox.delivery_id', 'outbox.delivery_id')
    .selectAll('outbox')
    .select('inbox.wrapped_key')
    .where('outbox.id', 'in', (of) =>
      of
        .selectFrom((due) =>
          due
            .selectFrom('outbox as waiting')
            .select(({ fn }) => [
              'waiting.id',
              fn
                .agg<number>('row_number')
                .over((over) => over.partitionBy('waiting.relay').orderBy('waiting.next_due_at').orderBy('waiting.id'))
                .as('place'),
            ])
            .where('waiting.sent_at', 'is', null)
            .where('waiting.next_due_at', '<=', new Date(nowMs))
            .as('ranked'),
        )
        .select('ranked.id')
        .where('ranked.place', '<=', limit),
    )
    .orderBy('next_due_at')
    .orderBy('outbox.id')
    .execute();
  return rows.map(dueOf);
}

async function take(store: Store, tx: Tx, delivery: NewDelivery, acts: ClaimActs): Promise<Taken> {
  await lapseAfter(tx, store.claimMs);
  // A racing claim of the same id waits here until the first one commits or lapses.
  const won = await tx
    .insertInto('inbox')
    .values(rowOf(delivery))
    .onConflict((conflict) => conflict.column('delivery_id').doNothing())
    .returning('delivery_id')
    .executeTakeFirst();
  if (won === undefined) return takeAgain(store, tx, delivery, acts.conflict);
  const receipt = await withinClaim(acts.sign(), store.claimMs);
  await tx
    .updateTable('inbox')
    .set({ receipts: JSON.stringify([receipt]) })
    .where('delivery_id', '=', delivery.deliveryId)
    .execute();
  await append(store, tx, delivery, acts.stored);
  return { outcome: 'new', receipt };
}

async function takeAgain(store: Store, tx: Tx, delivery: NewDelivery, conflict: AuditDraft): Promise<Taken> {
  const known = await lockRecord(tx, delivery.deliveryId);
  const receipt = known.receipts.find(({ stage }) => stage === 'stored');
  if (known.payloadSha256 === delivery.payloadSha256 && receipt !== undefined) return { outcome: 'repeat', receipt };
  const { delivery_id, payload_sha256, wrapped_key, sealed_payload, received_at } = rowOf(delivery);
  // Kept once: a sender that repeats its conflict must not fill the disk.
  const kept = await tx
    .insertInto('inbox_conflicts')
    .values({ delivery_id, payload_sha256, wrapped_key, sealed_payload, received_at })
    .onConflict((clash) => clash.columns(['delivery_id', 'payload_sha256']).doNothing())
    .returning('delivery_id')
    .executeTakeFirst();
  if (kept !== undefined) {
    await tx.updateTable('inbox').set({ conflicts: sql<number>`conflicts + 1` }).where('delivery_id', '=', delivery_id).execute();
    await append(store, tx, delivery, conflict);
  }
  return { outcome: 'conflict' };
}

async function change(store: Store, tx: Tx, deliveryId: string, decide: Parameters<Inbox['change']>[1]): Promise<InboxRecord> {
  await lapseAfter(tx, store.claimMs);
  const record = await lockRecord(tx, deliveryId);
  const decided = await withinClaim(decide(record), store.claimMs);
  if (decided === undefined) return record;
  const receipts = decided.receipt === undefined ? record.receipts : [...record.receipts, decided.receipt];
  const feedback = decided.feedback === undefined ? record.feedback : [...record.feedback, decided.feedback];
  const open = isOpen(
    record.kind,
    receipts.map(({ stage }) => stage),
  );
  const columns = { receipts: JSON.stringify(receipts), feedback: JSON.stringify(feedback), open };
  await tx.updateTable('inbox').set(columns).where('delivery_id', '=', deliveryId).execute();
  for (const { id, kind, relay, sealedJws } of decided.outbox) {
    const row = { id, kind, relay, delivery_id: deliveryId, sealed_jws: sealedJws, next_due_at: new Date(store.clock.now()) };
    await tx.insertInto('outbox').values(row).execute();
  }
  for (const draft of decided.audit) await append(store, tx, record, draft);
  return { ...record, receipts, feedback };
}

/** The server ends a transaction whose process has stopped, so that a claim nobody confirms lapses by itself. */
async function lapseAfter(tx: Tx, claimMs: number): Promise<void> {
  await sql`select set_config('idle_in_transaction_session_timeout', ${`${claimMs * 2}ms`}, true),
    set_config('lock_timeout', ${`${claimMs * 3}ms`}, true)`.execute(tx);
}

async function lockRecord(tx: Tx, deliveryId: string): Promise<InboxRecord> {
  const row = await tx.selectFrom('inbox').select(RECORD_COLUMNS).where('delivery_id', '=', deliveryId).forUpdate().executeTakeFirst();
  if (row === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'deliveryId' });
  return recordOf(row);
}

async function list({ db }: Store, limit: number): Promise<readonly InboxRecord[]> {
  const rows = await db
    .selectFrom('inbox')
    .select(RECORD_COLUMNS)
    .orderBy('open', 'desc')
    .orderBy(sql`case when open then priority end`, 'desc')
    .orderBy(sql`case when open then received_at end`, 'asc')
    .orderBy(sql`case when not open then received_at end`, 'desc')
    .orderBy('delivery_id')
    .limit(limit)
    .execute();
  return rows.map(recordOf);
}

async function trail({ db }: Store, deliveryId: string): Promise<readonly TrailEntry[]> {
  const rows = await db
    .selectFrom('inbox_trail')
    .innerJoin('audit_entries', 'audit_entries.id', 'inbox_trail.entry_id')
    .select('audit_entries.bytes')
    .where('inbox_trail.delivery_id', '=', deliveryId)
    .orderBy('inbox_trail.position')
    .execute();
  return rows.map(({ bytes }) => {
    const { at, actor, action } = JSON.parse(new TextDecoder().decode(bytes)) as TrailEntry;
    return { at, actor, action };
  });
}

async function append(store: Store, tx: Tx, delivery: { deliveryId: string; wrappedKey: string }, draft: AuditDraft): Promise<void> {
  const { detail, ...entry } = draft;
  const base = { ...entry, origin: store.origin, clock: store.clock };
  const seal = (opening: Uint8Array, entryId: string): Uint8Array => store.vault.seal(delivery.wrappedKey, entryId, 'audit', opening);
  const entryId = await appendAudit(executorOf(tx), detail === undefined ? base : { ...base, detail, seal });
  await tx.insertInto('inbox_trail').values({ entry_id: entryId, delivery_id: delivery.deliveryId }).execute();
}
