import { canonicalBytes, ZhidaError } from '@zhida/core';
import { isReached } from '../escalation/called.js';
import type { CallOutcome } from '../schema.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';
import { dataKeyOf, sealedAs } from './data-keys.js';
import { appendEvent } from './events.js';

/** A telephone call about a report, as a gateway tells it. */
export interface Call {
  readonly callId: string;
  readonly outcome: CallOutcome;
  /** When the call was made. */
  readonly madeAt: Date;
  /** What names a person or an incident; sealed with the report's key. */
  readonly sealed: {
    readonly number: string;
    readonly answeredBy: string;
    /** 警情编号. */
    readonly incidentNumber: string;
    /** The account that logged the call. */
    readonly account: string;
  };
}

/**
 * Logs a call beside its report, with its audit entry in the same transaction. It moves no delivery and closes none: only a
 * receipt or an attestation does (INV-5).
 *
 * @returns whether this call was already known.
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this facility has no such report; `ZD_ERR_CONFLICT` if the id was used for another call.
 */
export async function recordCall(
  tenant: Tenant,
  context: LedgerContext,
  { reportId, actor, call }: { readonly reportId: string; readonly actor: string; readonly call: Call },
): Promise<{ repeat: boolean }> {
  const repeat = await context.db.transaction().execute(async (tx) => {
    const report = await tx
      .selectFrom('reports')
      .select('report_id')
      .where('facility', '=', tenant)
      .where('report_id', '=', reportId)
      .executeTakeFirst();
    if (report === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'this facility has no such report', { at: 'id' });
    const dataKey = await dataKeyOf(tenant, tx, context, reportId, 'report');
    const called = await calledParties(tenant, tx, context, reportId, call);
    if (!(await insertCall(tenant, tx, context, { reportId, call, called, dataKey }))) {
      await assertSame(tenant, tx, context, { reportId, call, dataKey });
      return true;
    }
    const entry = { actor, action: 'call.recorded', subject: { reportId, callId: call.callId, outcome: call.outcome } };
    const detail = { ...call.sealed, madeAt: call.madeAt.toISOString(), called };
    await appendEvent(tenant, tx, context, reportId, [{ entry, sealed: { detail, dataKey } }]);
    return false;
  });
  if (!repeat) context.changed(reportId);
  return { repeat };
}

/** The recipients of a report whom an answered call has told. */
async function calledParties(tenant: Tenant, tx: Tx, context: LedgerContext, reportId: string, call: Call): Promise<string[]> {
  if (call.outcome !== 'answered') return [];
  const recipients = await tx
    .selectFrom('deliveries')
    .select(['recipient_party', 'recipient_kind'])
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .orderBy('recipient_party')
    .execute();
  return recipients
    .filter(({ recipient_party: party, recipient_kind: kind }) =>
      isReached(call.sealed, { kind, phone: context.recipientOf(party)?.phone }),
    )
    .map(({ recipient_party: party }) => party);
}

interface CallOfReport {
  readonly reportId: string;
  readonly call: Call;
  readonly dataKey: Uint8Array;
}

async function insertCall(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  { reportId, call, called, dataKey }: CallOfReport & { readonly called: string[] },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('calls')
    .values({
      facility: tenant,
      call_id: call.callId,
      report_id: reportId,
      outcome: call.outcome,
      made_at: call.madeAt,
      recorded_at: dateNow(context.clock),
      called,
      sealed: Buffer.from(context.sealer.seal(dataKey, canonicalBytes({ ...call.sealed }), sealedAs.call(call.callId))),
    })
    .onConflict((on) => on.column('call_id').doNothing())
    .returning('call_id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** The same id must tell the same call; only the one who logged it may differ, because a page may have signed in anew. */
async function assertSame(tenant: Tenant, tx: Tx, context: LedgerContext, { reportId, call, dataKey }: CallOfReport): Promise<void> {
  const known = await tx
    .selectFrom('calls')
    .select(['outcome', 'made_at', 'sealed'])
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .where('call_id', '=', call.callId)
    .executeTakeFirst();
  const told = known === undefined ? undefined : (openCall(context, dataKey, call.callId, known.sealed) satisfies Call['sealed']);
  const same =
    known?.outcome === call.outcome &&
    known.made_at.getTime() === call.madeAt.getTime() &&
    told?.number === call.sealed.number &&
    told.answeredBy === call.sealed.answeredBy &&
    told.incidentNumber === call.sealed.incidentNumber;
  if (!same) throw new ZhidaError('ZD_ERR_CONFLICT', 'this call id was used for another call', { at: 'callId' });
}

function openCall({ sealer }: LedgerContext, dataKey: Uint8Array, callId: string, sealed: Buffer): Call['sealed'] {
  return JSON.parse(new TextDecoder().decode(sealer.open(dataKey, sealed, sealedAs.call(callId)))) as Call['sealed'];
}
