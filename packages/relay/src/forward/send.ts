import { aboutError, isZhidaError } from '@zhida/core';
import { verifyForwarded, webhookHeaders } from '@zhida/signing';
import { type RawBuilder, sql } from 'kysely';
import type { Logger } from 'pino';
import type { Incoming, Post } from '../delivery/egress.js';
import { trustedRecipient } from '../delivery/route.js';
import { waitMs } from '../delivery/schedule.js';
import type { DeliverySettings } from '../delivery/settings.js';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext } from '../ledger/context.js';
import { queueStatement } from './take.js';

export interface ForwardDeps {
  readonly ledger: LedgerContext;
  readonly settings: DeliverySettings;
  readonly post: Post;
  readonly random: () => number;
  readonly underWay: Set<AbortController>;
  /** A relay that is stopped begins no further round. */
  readonly state: { readonly stopping: boolean };
  readonly log: Logger;
}

/** Under way at once; the next ones follow in the same sweep. */
const AT_ONCE = 20;
/** Of these to one party: one that does not answer holds a place until its time is over, and must not hold them all. */
const AT_ONCE_TO_ONE = 4;
/** Ends a sweep that would never end while more comes in than goes out. */
const ROUNDS_MAX = 50;

interface DueForward {
  readonly origin: string;
  readonly delivery_id: string;
  readonly recipient: string;
  readonly envelope: string;
  readonly attempts: number;
}

interface DueStatement {
  readonly statement_id: string;
  readonly relay: string;
  readonly kind: string;
  readonly jws: string;
  readonly attempts: number;
}

/** Carries what is due: envelopes to agencies, statements back to the relays they are addressed to. @returns how many arrived. */
export async function forwardOnce(deps: ForwardDeps): Promise<number> {
  let arrived = 0;
  for (let round = 0; round < ROUNDS_MAX && !deps.state.stopping; round += 1) {
    const forwards = await claimForwards(deps);
    const sent = await Promise.all(forwards.map((forward) => guarded(deps, () => sendForward(deps, forward))));
    const statements = await claimStatements(deps);
    const told = await Promise.all(statements.map((statement) => guarded(deps, () => sendStatement(deps, statement))));
    arrived += [...sent, ...told].filter(Boolean).length;
    if (forwards.length + statements.length === 0) break;
  }
  return arrived;
}

async function guarded({ log }: ForwardDeps, act: () => Promise<boolean>): Promise<boolean> {
  try {
    return await act();
  } catch (error) {
    log.error(aboutError(error), 'something carried for others could not be written down');
    return false;
  }
}

function claimable({ settings, ledger }: ForwardDeps): { lease: RawBuilder<Date>; due: RawBuilder<boolean> } {
  return {
    lease: sql<Date>`now() + make_interval(secs => ${settings.leaseMs / 1000})`,
    due: sql<boolean>`next_due_at <= ${dateNow(ledger.clock)} and (lease_until is null or lease_until < now())`,
  };
}

/** What was never tried goes first, and to one party only a few at a time. */
function fairly(party: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`row_number() over (partition by ${party} order by attempts > 0, next_due_at)`;
}

async function claimForwards(deps: ForwardDeps): Promise<DueForward[]> {
  const { lease, due } = claimable(deps);
  const { rows } = await sql<DueForward>`
    update forwards set lease_until = ${lease}, attempts = attempts + 1
    where (origin, delivery_id) in (
      select origin, delivery_id from forwards
      where receipt is null and ${due} and (origin, delivery_id) in (
        select origin, delivery_id from (
          select origin, delivery_id, ${fairly(sql.ref('recipient'))} as place from forwards where receipt is null and ${due}) as ranked
        where place <= ${AT_ONCE_TO_ONE})
      order by attempts > 0, next_due_at limit ${AT_ONCE} for update skip locked)
    returning origin, delivery_id, recipient, envelope, attempts`.execute(deps.ledger.db);
  return rows;
}

async function claimStatements(deps: ForwardDeps): Promise<DueStatement[]> {
  const { lease, due } = claimable(deps);
  const { rows } = await sql<DueStatement>`
    update forwarded_statements set lease_until = ${lease}, attempts = attempts + 1
    where statement_id in (
      select statement_id from forwarded_statements
      where sent_at is null and ${due} and statement_id in (
        select statement_id from (
          select statement_id, ${fairly(sql.ref('relay'))} as place from forwarded_statements where sent_at is null and ${due}) as ranked
        where place <= ${AT_ONCE_TO_ONE})
      order by attempts > 0, next_due_at limit ${AT_ONCE} for update skip locked)
    returning statement_id, relay, kind, jws, attempts`.execute(deps.ledger.db);
  return rows;
}

async function sendForward(deps: ForwardDeps, forward: DueForward): Promise<boolean> {
  const { ledger, log } = deps;
  const { origin, delivery_id: deliveryId, recipient } = forward;
  const { receipt, detail } = await pushForward(deps, forward);
  if (receipt === undefined) {
    const next = new Date(ledger.clock.now() + waitMs(deps.settings, forward.attempts - 1, deps.random));
    await ledger.db
      .updateTable('forwards')
      .set({ next_due_at: next, lease_until: null, last_detail: detail })
      .where('origin', '=', origin)
      .where('delivery_id', '=', deliveryId)
      .execute();
    log.warn({ deliveryId, origin, party: recipient, detail }, 'nothing signed for what is forwarded; it is tried again');
    return false;
  }
  await ledger.db.transaction().execute(async (tx) => {
    const done = await tx
      .updateTable('forwards')
      .set({ receipt, envelope: null, lease_until: null, last_detail: 'receipt' })
      .where('origin', '=', origin)
      .where('delivery_id', '=', deliveryId)
      .where('receipt', 'is', null)
      .returning('recipient')
      .executeTakeFirst();
    if (done === undefined) return;
    await audit(tx, ledger, { actor: recipient, action: 'forward.receipted', subject: { deliveryId, origin } });
    await queueStatement(tx, ledger, { relay: origin, kind: 'receipts', jws: receipt, issuer: recipient });
  });
  log.info({ deliveryId, origin, party: recipient }, 'forwarded, and signed for');
  return true;
}

/** Posts an envelope as it came. Only a statement the agency has signed for its sender ends it. */
async function pushForward(deps: ForwardDeps, forward: DueForward): Promise<{ receipt: string | undefined; detail: string }> {
  const { ledger } = deps;
  const { keys, clock } = ledger;
  const nowMs = clock.now();
  const route = trustedRecipient(keys, forward.recipient, nowMs);
  if (route === undefined) return { receipt: undefined, detail: 'no-route' };
  const stamp = { id: forward.delivery_id, timestampSeconds: Math.floor(nowMs / 1000), body: forward.envelope, keys };
  try {
    const answer = await send(deps, `${route.baseUrl}/v1/envelopes`, forward.recipient, {
      body: forward.envelope,
      headers: { accept: 'application/jose', ...(await webhookHeaders(stamp)) },
    });
    const jws = answer.status === 200 ? (answer.body?.toString('utf8').trim() ?? '') : '';
    if (jws === '') return { receipt: undefined, detail: `http-${answer.status}` };
    const { iss, aud, deliveryId } = await verifyForwarded(jws, 'receipts', { trusted: keys.trusted });
    // A true receipt of another report is no answer to this one.
    return iss === forward.recipient && aud === forward.origin && deliveryId === forward.delivery_id
      ? { receipt: jws, detail: 'receipt' }
      : { receipt: undefined, detail: 'receipt-mismatch' };
  } catch (error) {
    return { receipt: undefined, detail: isZhidaError(error) ? 'receipt-not-verified' : 'connection' };
  }
}

async function sendStatement(deps: ForwardDeps, { statement_id: id, relay, kind, jws, attempts }: DueStatement): Promise<boolean> {
  const { ledger, log } = deps;
  const taken = await postStatement(deps, { relay, kind, jws });
  const now = dateNow(ledger.clock);
  const outcome = taken
    ? { jws: null, sent_at: now, lease_until: null }
    : { next_due_at: new Date(now.getTime() + waitMs(deps.settings, attempts - 1, deps.random)), lease_until: null };
  await ledger.db.updateTable('forwarded_statements').set(outcome).where('statement_id', '=', id).execute();
  if (!taken) log.warn({ relay, kind }, 'a statement could not be brought to its relay; it is tried again');
  return taken;
}

async function postStatement(deps: ForwardDeps, { relay, kind, jws }: Pick<DueStatement, 'relay' | 'kind' | 'jws'>): Promise<boolean> {
  const pinned = deps.ledger.keys.trusted.party(relay);
  if (pinned === undefined || pinned.role !== 'relay') return false;
  try {
    return (await send(deps, `${pinned.baseUrl}/v1/agency/${kind}`, relay, { body: jws, headers: {} })).status === 200;
  } catch {
    return false;
  }
}

async function send(
  { post, ledger, settings, underWay }: ForwardDeps,
  url: string,
  party: string,
  { body, headers }: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
): Promise<Incoming> {
  const limit = new AbortController();
  underWay.add(limit);
  const timer = setTimeout(() => limit.abort('timeout'), settings.attemptTimeoutMs);
  try {
    const { permitted } = ledger.limitsOf(party);
    return await post({ url, headers: { 'content-type': 'application/jose', ...headers }, body, permitted }, limit.signal);
  } finally {
    clearTimeout(timer);
    underWay.delete(limit);
  }
}
