import { invariant, ZhidaError } from '@zhida/core';
import { sha256Hex, type ReceiptClaims } from '@zhida/signing';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import { auditCleared, letterCleared } from '../dead-letters/dead-letters.js';
import type { DeliveryState, ReceiptStage, ReceiptsTable } from '../schema.js';
import { audit } from './audit.js';
import { type AttemptEnd, attemptEnded } from './attempts.js';
import { type Claim, looksAgain } from './claim.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';
import { endLadder } from '../escalation/raise.js';
import { raiseAlarm } from './escalations.js';
import { appendEvent, type MaybeRaised, RAISED_COLUMNS, raisedFrom, versionRaised, writeEvent } from './events.js';
import { type BreakerChange, recordSign } from './gates.js';
import type { StatusReportRow } from './status.js';
import { openTransfer } from './transfers.js';

/** A receipt whose signature has been verified with a pinned key of its issuer. */
export interface VerifiedReceipt {
  readonly claims: ReceiptClaims;
  readonly jws: string;
  /** By which road it came: as the answer to a push, or posted by the agency later. */
  readonly via: 'answer' | 'posted';
  /** The attempt it answered. */
  readonly attempt?: Claim;
}

interface TargetDelivery {
  readonly delivery_id: string;
  readonly report_id: string;
  readonly recipient_party: string;
  readonly kind: string;
  readonly state: DeliveryState;
  readonly number: string;
  /** Whether the attempt that brought this receipt still has its lease; one that has lost it leaves the delivery to whoever has it now. */
  readonly held: boolean;
  /** What the receipt says of it otherwise than it is. */
  readonly mismatch: string | null;
  /** Whether the receipt was not known, as a conflict where there is a mismatch. */
  readonly is_new: boolean;
}

const RECEIPTED: AttemptEnd = { outcome: 'receipted', status: 200, detail: 'receipt' };

/**
 * Records a verified receipt, whenever and by whatever road it comes, and lifts the delivery's state to what it proves.
 *
 * Neither lease nor fence is asked: proof counts also when the worker that fetched it was too late. The same receipt twice
 * is one. A receipt that speaks of another report, payload, recipient or mode, or that reuses an id for other words, is
 * kept as a conflict and moves nothing.
 *
 * @returns whether this receipt was already known, what became of the breaker of the endpoint that answered with it, and whether the worker that
 * made the attempt is to look what is due next.
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this facility has no such delivery; `ZD_ERR_RECEIPT_MISMATCH` after the conflict is stored.
 */
export async function recordReceipt(
  tenant: Tenant,
  context: LedgerContext,
  receipt: VerifiedReceipt,
): Promise<{ repeat: boolean; breaker: BreakerChange; again: boolean }> {
  const verdict = await context.db.transaction().execute(async (tx) => {
    const target = await keepReceipt(tenant, tx, context, receipt);
    const { mismatch, is_new: isNew } = target;
    if (mismatch !== null) return conflict(tenant, tx, context, receipt, { target, at: mismatch, isNew });
    if (!isNew && !sameWords(await knownReceipt(tx, receipt.claims), receipt.claims)) {
      const { rows } = await receiptKept(tenant, context, receipt, sql`select 'conflict' as kind`).execute(tx);
      return conflict(tenant, tx, context, receipt, { target, at: 'receiptId', isNew: rows.length > 0 });
    }
    const { attempt } = receipt;
    // One that is known has moved its delivery; the attempt that brought it again is still to be ended.
    const moved = isNew || attempt !== undefined ? await moveDelivery(tenant, tx, context, receipt, { target, isNew }) : undefined;
    if (isNew && moved !== undefined) await writeDown(tenant, tx, context, receipt, moved);
    // Last of all, and of an endpoint that goes on working nothing is to be said.
    const breaker = attempt !== undefined && moved?.hadFailed === true ? await recordSign(tx, context, attempt.party, 'works') : 'none';
    return { kind: 'recorded', repeat: !isNew, reportId: target.report_id, breaker, again: moved?.again === true } as const;
  });
  if (verdict.kind === 'conflict') {
    throw new ZhidaError('ZD_ERR_RECEIPT_MISMATCH', 'the receipt speaks of something else than this delivery', { at: verdict.at });
  }
  if (!verdict.repeat) context.changed(verdict.reportId);
  return { repeat: verdict.repeat, breaker: verdict.breaker, again: verdict.again };
}

/** Locks the delivery and keeps the receipt before it is looked for: almost every one is new, and one that is not has its words in the way. */
async function keepReceipt(tenant: Tenant, tx: Tx, context: LedgerContext, receipt: VerifiedReceipt): Promise<TargetDelivery> {
  const { claims, attempt } = receipt;
  const { rows } = await sql<TargetDelivery>`
    with target as (
      select delivery_id, deliveries.report_id, recipient_party, kind, state, number,
        coalesce(fence = ${attempt?.fence ?? null}::integer and lease_until >= now(), false) as held,
        case when recipient_party <> ${claims.iss} then 'iss'
          when deliveries.report_id <> ${claims.reportId} then 'reportId'
          when payload_sha256 is distinct from ${claims.payloadSha256} then 'payloadSha256'
          when mode <> ${claims.mode} then 'mode' end as mismatch
      from deliveries join reports on reports.report_id = deliveries.report_id
      where deliveries.facility = ${tenant} and delivery_id = ${claims.deliveryId}
      for update of deliveries
    ), kept as (${receiptKept(
      tenant,
      context,
      receipt,
      sql`select case when mismatch is null then 'receipt' else 'conflict' end as kind from target`,
    )})
    select delivery_id, report_id, recipient_party, kind, state, number, held, mismatch, exists (select from kept) as is_new
    from target`.execute(tx);
  const [target] = rows;
  if (target === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'deliveryId' });
  return target;
}

/** The statement that keeps a receipt unless it is known, so that it may be part of another. @param as selects its `kind`. */
function receiptKept(
  tenant: Tenant,
  { clock }: Pick<LedgerContext, 'clock'>,
  { claims, jws, via }: VerifiedReceipt,
  as: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
    insert into receipts (facility, kind, issuer, receipt_id, delivery_id, report_id, stage, payload_sha256, agency_number, transferred_to,
      stated_at, received_at, via, jws, jws_sha256)
    select ${tenant}, kind, ${claims.iss}, ${claims.receiptId}, ${claims.deliveryId}, ${claims.reportId}, ${claims.stage},
      ${claims.payloadSha256}, ${claims.agencyNumber}, ${claims.transferredTo}, ${claims.at}, ${dateNow(clock)}, ${via}, ${jws}, ${sha256Hex(jws)}
    from (${as}) as taken
    on conflict do nothing returning row_id`;
}

type KnownReceipt = Pick<Selectable<ReceiptsTable>, 'delivery_id' | 'stage' | 'agency_number' | 'transferred_to' | 'stated_at'>;

async function knownReceipt(tx: Tx, claims: ReceiptClaims): Promise<KnownReceipt> {
  return tx
    .selectFrom('receipts')
    .select(['delivery_id', 'stage', 'agency_number', 'transferred_to', 'stated_at'])
    .where('kind', '=', 'receipt')
    .where('issuer', '=', claims.iss)
    .where('receipt_id', '=', claims.receiptId)
    .executeTakeFirstOrThrow();
}

/** A rotated key signs the same words with other bytes, so the words are compared. */
function sameWords(known: KnownReceipt, claims: ReceiptClaims): boolean {
  return (
    known.delivery_id === claims.deliveryId &&
    known.stage === claims.stage &&
    known.agency_number === claims.agencyNumber &&
    known.transferred_to === claims.transferredTo &&
    known.stated_at === claims.at
  );
}

/**
 * What a stage proves: a misdirected report is held by the agency's system; an error notice is closed only by the word that
 * the report it speaks of is no longer used (已停止使用), however many officers have seen it.
 */
function stateProvedBy(stage: ReceiptStage, kind: string): DeliveryState {
  const closing: ReceiptStage = kind === 'error-notice' ? 'stopped-using' : 'accepted';
  return stage === closing ? 'accepted' : 'stored';
}

/** Of a receipt that was not known. @param moved what its delivery was lifted to. */
async function writeDown(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  receipt: VerifiedReceipt,
  { state, raised }: Pick<Moved, 'state' | 'raised'>,
): Promise<void> {
  const { claims } = receipt;
  const entry = {
    actor: claims.iss,
    action: 'receipt.recorded',
    subject: {
      deliveryId: claims.deliveryId,
      reportId: claims.reportId,
      receiptId: claims.receiptId,
      stage: claims.stage,
      state,
      via: receipt.via,
      jwsSha256: sha256Hex(receipt.jws),
    },
  };
  if (raised !== undefined) return writeEvent(tenant, tx, context, raised, [{ entry }]);
  // It redirects, and the event is to show to whom.
  await audit(tx, context, entry);
  await redirect(tenant, tx, context, claims);
  await appendEvent(tenant, tx, context, claims.reportId);
}

interface Moved {
  readonly state: DeliveryState;
  /** Whether its endpoint has failed since it last worked, so that it is to be written down that it works. */
  readonly hadFailed: boolean;
  /** The report, if its version was raised with it. */
  readonly raised: StatusReportRow | undefined;
  /** Whether the worker that made the attempt is to look what is due next. */
  readonly again: boolean;
}

/**
 * Lifts the delivery to what the receipt proves, and ends the attempt that brought it and its dead letter, if there are any. The version of the
 * report is raised with it by a receipt that was not known, but for one that redirects: a case is locked before its report.
 */
async function moveDelivery(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  { claims, attempt }: VerifiedReceipt,
  { target, isNew }: { readonly target: TargetDelivery; readonly isNew: boolean },
): Promise<Moved> {
  const now = dateNow(context.clock);
  const proved = stateProvedBy(claims.stage, target.kind);
  const ended = attempt === undefined ? sql`` : sql`, ${attemptEnded(tenant, context, attempt, RECEIPTED, sql`${!target.held}`)}`;
  const changed = isNew && claims.stage !== 'misdirected' ? claims.reportId : null;
  const { rows } = await sql<MaybeRaised & { state: DeliveryState; times: number | null; failed: boolean | null; again: boolean }>`
    with raised as (${versionRaised(tenant, changed)}), letter as (${letterCleared(tenant, context, claims.deliveryId)})${ended}
    update deliveries set
      state = case when array_position(array['open', 'attested', 'stored', 'accepted'], state)
        < array_position(array['open', 'attested', 'stored', 'accepted'], ${proved}) then ${proved} else state end,
      stored_at = coalesce(stored_at, ${now}),
      accepted_at = case when ${proved} = 'accepted' then coalesce(accepted_at, ${now}) else accepted_at end,
      agency_number = coalesce(${isNew ? claims.agencyNumber : null}, agency_number),
      last_outcome = case when ${target.held} then 'receipted' else last_outcome end,
      lease_until = case when ${target.held} then null else lease_until end
    from (select) as one left join raised on true
    where facility = ${tenant} and delivery_id = ${claims.deliveryId}
    returning state, (select times from letter) as times, ${attempt === undefined ? sql`false` : looksAgain(tenant, context, attempt)} as again,
      (select failures > 0 from endpoint_gates where party = ${target.recipient_party}) as failed, ${RAISED_COLUMNS}`.execute(tx);
  const [moved] = rows;
  invariant(moved !== undefined, 'a delivery that is locked is there');
  await auditCleared(tx, context, claims.deliveryId, moved.times);
  return { state: moved.state, hadFailed: moved.failed !== false, raised: raisedFrom(moved), again: moved.again };
}

/** Who gave a report away will never accept it: the ladder goes on with the one it was given to, or a person is called. */
async function redirect(tenant: Tenant, tx: Tx, context: LedgerContext, claims: ReceiptClaims): Promise<void> {
  const { deliveryId, reportId, iss, transferredTo } = claims;
  const opened = transferredTo !== null && (await openTransfer(tenant, tx, context, { deliveryId, from: iss, to: transferredTo }));
  if (opened) return endLadder(tenant, tx, context, deliveryId, 'misdirected');
  const { number } = await tx.selectFrom('reports').select('number').where('report_id', '=', reportId).executeTakeFirstOrThrow();
  await raiseAlarm(tenant, tx, context, {
    subject: `${deliveryId}/misdirected`,
    rung: 'misdirected',
    deliveryId,
    reportId,
    dueAt: dateNow(context.clock),
    state: 'stored',
    about: { party: iss, number },
    tell: true,
  });
}

async function conflict(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  receipt: VerifiedReceipt,
  { target, at, isNew }: { readonly target: TargetDelivery; readonly at: string; readonly isNew: boolean },
): Promise<{ kind: 'conflict'; at: string }> {
  if (isNew) {
    await audit(tx, context, {
      actor: receipt.claims.iss,
      action: 'receipt.conflict',
      subject: { deliveryId: target.delivery_id, reportId: target.report_id, at, via: receipt.via, jwsSha256: sha256Hex(receipt.jws) },
    });
    await raiseAlarm(tenant, tx, context, {
      subject: `${target.delivery_id}/receipt-conflict/${sha256Hex(receipt.jws).slice(0, 16)}`,
      rung: 'receipt-conflict',
      deliveryId: target.delivery_id,
      reportId: target.report_id,
      dueAt: dateNow(context.clock),
      state: target.state,
      about: { party: receipt.claims.iss, number: target.number, at },
      tell: true,
    });
  }
  return { kind: 'conflict', at };
}
