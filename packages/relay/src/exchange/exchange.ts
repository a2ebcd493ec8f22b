import { type DayReceipt, dayRoot } from '@zhida/audit-log';
import { aboutError, isoNow } from '@zhida/core';
import { EXCHANGE_IDS_MAX, type ExchangeClaims, signExchange } from '@zhida/signing';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Reader, type Tx } from '../ledger/context.js';
import { raiseAlarm } from '../ledger/escalations.js';

/** A day as the duty desk sees it. */
export interface ListedExchange {
  readonly party: string;
  readonly day: string;
  readonly agrees: boolean;
  readonly agencyCount: number;
  readonly ownCount: number;
  /** Receipts the agency has signed and this ledger does not have. */
  readonly missingHere: readonly string[];
  /** Receipts this ledger has and the agency does not know any more. */
  readonly missingThere: readonly string[];
  readonly checkedAt: string;
}

/**
 * Takes an agency's word of one day, compares it with this ledger, and answers with this relay's own word, signed. A difference is
 * kept, told to every hospital that has reports there, and looked at again until it is gone.
 */
export async function recordExchange(
  context: LedgerContext,
  { claims, jws }: { readonly claims: ExchangeClaims; readonly jws: string },
): Promise<{ repeat: boolean; statement: string; agrees: boolean }> {
  const { keys, clock } = context;
  const own = await ownDay(context.db, claims.iss, claims.day);
  const { repeat, agrees } = await context.db.transaction().execute(async (tx) => {
    const known = await tx
      .selectFrom('exchanges')
      .select('jws')
      .where('party', '=', claims.iss)
      .where(isDay(claims.day))
      .forUpdate()
      .executeTakeFirst();
    const same = await compare(tx, context, { claims, jws }, own);
    return { repeat: known?.jws === jws, agrees: same };
  });
  const statement = await signExchange(
    {
      v: '1',
      mode: claims.mode,
      iss: keys.party,
      aud: claims.iss,
      day: claims.day,
      ...dayRoot(own),
      receiptIds: idsOf(own),
      at: isoNow(clock),
    },
    keys,
  );
  return { repeat, statement, agrees };
}

type Word = Pick<ExchangeClaims, 'iss' | 'day' | 'count' | 'root' | 'receiptIds'>;

async function compare(
  tx: Tx,
  context: LedgerContext,
  { claims, jws }: { readonly claims: Word; readonly jws: string },
  own: readonly DayReceipt[],
): Promise<boolean> {
  const { iss: party, day } = claims;
  const { count, root } = dayRoot(own);
  const agrees = claims.count === count && claims.root === root;
  const now = dateNow(context.clock);
  const found = agrees ? { here: [], there: [] } : difference(claims.receiptIds, own);
  const values = {
    agency_count: claims.count,
    agency_root: claims.root,
    agency_ids: [...claims.receiptIds],
    own_count: count,
    own_root: root,
    agrees,
    missing_here: found.here,
    missing_there: found.there,
    checked_at: now,
    jws,
  };
  await tx
    .insertInto('exchanges')
    .values({ party, day, received_at: now, ...values })
    .onConflict((on) => on.columns(['party', 'day']).doUpdateSet(values))
    .execute();
  const subject = { party, day, agrees: String(agrees), count: String(count), agencyCount: String(claims.count) };
  await audit(tx, context, { actor: party, action: 'exchange.compared', subject });
  if (!agrees) await callSomebody(tx, context, { party, day, rung: 'exchange-difference' });
  return agrees;
}

/** Which ids one end has and the other has not; nothing where a day is too busy to list them. */
function difference(theirs: readonly string[], own: readonly DayReceipt[]): { here: string[]; there: string[] } {
  if (theirs.length === 0 && own.length > EXCHANGE_IDS_MAX) return { here: [], there: [] };
  const ours = new Set(own.map(({ receiptId }) => receiptId));
  const other = new Set(theirs);
  const first = (ids: string[]): string[] => ids.slice(0, EXCHANGE_IDS_MAX);
  return { here: first(theirs.filter((id) => !ours.has(id))), there: first([...ours].filter((id) => !other.has(id))) };
}

function idsOf(receipts: readonly DayReceipt[]): string[] {
  return receipts.length > EXCHANGE_IDS_MAX ? [] : receipts.map(({ receiptId }) => receiptId);
}

/** What is wrong with the days of one agency; for a silent one `day` is the last that it told. */
export interface ExchangeAlarm {
  readonly party: string;
  readonly day: string;
  readonly rung: 'exchange-difference' | 'exchange-silent';
}

/** An exchange is between two systems; whoever has reports at that agency must know that something is missing. */
export async function callSomebody(tx: Tx, context: LedgerContext, { party, day, rung }: ExchangeAlarm): Promise<void> {
  const facilities = await tx.selectFrom('deliveries').select('facility').distinct().where('recipient_party', '=', party).execute();
  for (const { facility } of facilities) {
    await raiseAlarm(facility, tx, context, {
      subject: rung === 'exchange-difference' ? `exchange/${party}/${day}` : `${rung}/${party}/${day}`,
      rung,
      deliveryId: null,
      reportId: null,
      dueAt: dateNow(context.clock),
      state: null,
      about: { party, day },
      tell: true,
    });
  }
}

/** The receipts of one agency that are dated in one day of the law's zone. The agency's own time decides, because both ends have it. */
async function ownDay(db: Reader, party: string, day: string): Promise<DayReceipt[]> {
  const { rows } = await sql<DayReceipt>`
    select receipt_id as "receiptId", delivery_id as "deliveryId", payload_sha256 as "payloadSha256", stage
    from receipts
    where kind = 'receipt' and issuer = ${party}
      -- A receipt is never here a day before it was signed; the index goes by when it came.
      and received_at >= ${day}::date::timestamp at time zone 'Asia/Shanghai' - interval '1 day'
      and (${STATED_UTC} at time zone 'UTC' at time zone 'Asia/Shanghai')::date = ${day}::date
    order by receipt_id`.execute(db);
  return rows;
}

/**
 * When a receipt says it was signed, in UTC. Put together from its parts: an offset or a year that the database refuses, on one receipt
 * taken before such were refused, must not stop the day; and a fraction that it rounds up must not carry one into the next.
 */
const STATED_UTC = sql`(case when stated_at like '0000%' then null else left(stated_at, 19)::timestamp end - case when stated_at like '%Z' then interval '0' else right(stated_at, 6)::interval end)`;

function isDay(day: string) {
  return sql<boolean>`day = ${day}::date`;
}

/** How often a day with a difference is compared again: what was late has then come. */
const AGAIN_MS = 3_600_000;
/** Days in one look; those that were looked at longest ago come first, so that none is left out for ever. */
const DAYS_MAX = 200;

/** Compares days with a difference again. A receipt that was late ends one without a hand. */
export function exchangeSweeper(context: LedgerContext, log: Logger): () => Promise<void> {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = context.clock.now();
    if (nowMs - lookedAtMs < AGAIN_MS) return;
    const { rows } = await sql<{ party: string; day: string }>`
      select party, to_char(day, 'YYYY-MM-DD') as day from exchanges where not agrees
      order by checked_at, party, exchanges.day limit ${DAYS_MAX}`.execute(context.db);
    for (const { party, day } of rows) {
      // A day that cannot be compared, for a time that the database reads otherwise than its signer, keeps none behind it.
      await compareAgain(context, party, day).catch((error: unknown) =>
        log.error({ party, day, ...aboutError(error) }, 'a day could not be compared again'),
      );
    }
    lookedAtMs = nowMs;
  };
}

async function compareAgain(context: LedgerContext, party: string, day: string): Promise<void> {
  const own = await ownDay(context.db, party, day);
  await context.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('exchanges')
      .selectAll()
      .where('party', '=', party)
      .where(isDay(day))
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (row.own_root === dayRoot(own).root) {
      // Nothing came since: a difference that stays must not fill the audit log with the same sentence each hour.
      await tx
        .updateTable('exchanges')
        .set({ checked_at: dateNow(context.clock) })
        .where('party', '=', party)
        .where(isDay(day))
        .execute();
      return;
    }
    const word: Word = { iss: party, day, count: row.agency_count, root: row.agency_root, receiptIds: row.agency_ids };
    await compare(tx, context, { claims: word, jws: row.jws }, own);
  });
}

/** The last days of every agency, the newest first. */
export async function listExchanges({ db }: Pick<LedgerContext, 'db'>, limit: number): Promise<ListedExchange[]> {
  const { rows } = await sql<ListedExchange & { checkedAt: Date }>`
    select party, to_char(day, 'YYYY-MM-DD') as day, agrees, agency_count as "agencyCount", own_count as "ownCount",
      missing_here as "missingHere", missing_there as "missingThere", checked_at as "checkedAt"
    from exchanges order by agrees, exchanges.day desc, party limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...row, checkedAt: row.checkedAt.toISOString() }));
}
