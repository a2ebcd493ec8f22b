import { createId, isoNow, ZhidaError } from '@zhida/core';
import { type AttestationClaims, type HandoverWay, signAttestation, sha256Hex } from '@zhida/signing';
import { sql } from 'kysely';
import { visibleTo } from '../escalation/hidden.js';
import { CLOCK_SKEW_MS, dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import { dataKeyOf, sealedAs } from '../ledger/data-keys.js';
import { appendEvent } from '../ledger/events.js';
import { attestableOf } from './attestable.js';

/** What the person says who handed a report over. */
export interface Handover {
  /** The account of the operator's token; nobody else can be named. */
  readonly by: string;
  /** The officer or desk that took it. */
  readonly handedTo: string;
  readonly handedAt: Date;
  readonly how: HandoverWay;
  /** 警情编号. */
  readonly incidentNumber: string | null;
}

/**
 * Records that a named person handed a report over: an act of its own, signed by the relay over the operator's account. It is
 * taken only for a recipient whose profile says that it has no system, or after the 30-minute rung, and it stops the escalation;
 * a recipient with a system is still sent to until its receipt comes (INV-5). A telephone call that was logged is no attestation.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this operator sees no such delivery; `ZD_ERR_CONFLICT` at `rung` before its time, at
 * `state` if it is accepted or attested already; `ZD_ERR_INPUT_UNREADABLE` for a handover in the future.
 */
export async function attest(
  tenant: Tenant,
  context: LedgerContext,
  deliveryId: string,
  handover: Handover,
): Promise<{ attestationId: string }> {
  const done = await context.db.transaction().execute(async (tx) => {
    const target = await lockTarget(tenant, tx, deliveryId, handover.by);
    if (target === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'id' });
    if (target.state === 'accepted' || target.attested_at !== null) {
      throw new ZhidaError('ZD_ERR_CONFLICT', 'the report is accepted or attested already', { at: 'state' });
    }
    if (!(await attestableOf(tenant, tx, context, [{ deliveryId, party: target.recipient_party }])).has(deliveryId)) {
      throw new ZhidaError('ZD_ERR_CONFLICT', 'the recipient has a system, and its 30 minutes are not over', { at: 'rung' });
    }
    if (handover.handedAt.getTime() > context.clock.now() + CLOCK_SKEW_MS) {
      throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a handover lies in the past', { at: 'handedAt' });
    }
    const attestationId = await record(tenant, tx, context, target, handover);
    return { attestationId, reportId: target.report_id };
  });
  context.changed(done.reportId);
  return { attestationId: done.attestationId };
}

type Target = NonNullable<Awaited<ReturnType<typeof lockTarget>>>;

async function lockTarget(tenant: Tenant, tx: Tx, deliveryId: string, by: string) {
  return tx
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['delivery_id', 'deliveries.report_id', 'recipient_party', 'payload_sha256', 'state', 'attested_at', 'mode', 'sequence'])
    .where('deliveries.facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .where(visibleTo(by))
    .forUpdate('deliveries')
    .executeTakeFirst();
}

async function record(tenant: Tenant, tx: Tx, context: LedgerContext, target: Target, handover: Handover): Promise<string> {
  const { keys, clock, sealer } = context;
  const { delivery_id: deliveryId, report_id: reportId } = target;
  const claims: AttestationClaims = {
    v: '1',
    mode: target.mode,
    iss: keys.party,
    sub: handover.by,
    attestationId: createId('atn', clock),
    deliveryId,
    reportId,
    sequence: target.sequence,
    recipient: target.recipient_party,
    payloadSha256: target.payload_sha256,
    handedTo: handover.handedTo,
    handedAt: handover.handedAt.toISOString(),
    how: handover.how,
    incidentNumber: handover.incidentNumber,
    at: isoNow(clock),
  };
  const jws = await signAttestation(claims, keys);
  const jwsSha256 = sha256Hex(jws);
  const dataKey = await dataKeyOf(tenant, tx, context, reportId, 'report');
  const now = dateNow(clock);
  await tx
    .insertInto('receipts')
    .values({
      facility: tenant,
      kind: 'attestation',
      issuer: keys.party,
      receipt_id: claims.attestationId,
      delivery_id: deliveryId,
      report_id: reportId,
      stage: 'attested',
      payload_sha256: target.payload_sha256,
      agency_number: null,
      transferred_to: null,
      stated_at: claims.at,
      received_at: now,
      via: 'operator',
      jws: null,
      jws_sealed: Buffer.from(sealer.seal(dataKey, Buffer.from(jws), sealedAs.attestation(claims.attestationId))),
      jws_sha256: jwsSha256,
    })
    .execute();
  await sql`update deliveries set attested_at = ${now}, state = case when state = 'open' then 'attested' else state end
    where facility = ${tenant} and delivery_id = ${deliveryId}`.execute(tx);
  const { handedTo, handedAt, how, incidentNumber, attestationId } = claims;
  const entry = { actor: handover.by, action: 'delivery.attested', subject: { deliveryId, reportId, attestationId, how, jwsSha256 } };
  await appendEvent(tenant, tx, context, reportId, [{ entry, sealed: { detail: { handedTo, handedAt, incidentNumber }, dataKey } }]);
  return attestationId;
}
