import { createHash } from 'node:crypto';
import { canonicalBytes, invariant, type Issue } from '@zhida/core';
import { formatReportNumber, priorityOf } from '@zhida/report';
import { sql } from 'kysely';
import { audit } from '../ledger/audit.js';
import type { Tenant, Tx } from '../ledger/context.js';
import { insertDataKeys, sealedAs } from '../ledger/data-keys.js';
import { insertEvent } from '../ledger/events.js';
import { type ReportStatus, type StatusDeliveryRow, statusFrom } from '../ledger/status.js';
import type { ProfileRecipient } from '../options.js';
import type { HoldReason, NewDelivery, Priority } from '../schema.js';
import type { IntakeContext, Press } from './accept.js';
import { type ChainPlace, placeInChain } from './chain.js';
import { type PressedReport, withPlace } from './pressed.js';
import { payloadBytes } from './render.js';
import { sealPayload } from './seal-payload.js';

/** A delivery before the report has its number. */
export interface DraftDelivery {
  readonly deliveryId: string;
  readonly recipient: ProfileRecipient;
  readonly hold: HoldReason | null;
  /** Encrypted groups of the view; absent while there is no key to encrypt them to. */
  readonly restricted: Readonly<Record<string, string>> | undefined;
}

/** Everything the transaction writes, but for the number and the place in the chain. */
export interface ReportToWrite {
  readonly press: Press;
  readonly pressed: PressedReport;
  readonly drafts: readonly DraftDelivery[];
  /** RFC 3339. */
  readonly receivedAt: string;
  /** Calendar day of the facility, part of the number. */
  readonly today: { readonly year: number; readonly month: number; readonly day: number };
  readonly bodySha256: string;
  readonly issues: readonly Issue[];
}

/** What the second half of the transaction needs of the first. */
interface Numbered {
  readonly number: string;
  readonly priority: Priority;
  readonly place: ChainPlace;
  readonly dataKey: Uint8Array;
  readonly reporterKey: Uint8Array;
}

/** What the audit entry commits to. */
interface Written {
  readonly numbered: Numbered;
  readonly reporterSealedSha256: string | null;
  /** Delivery id → SHA-256 of its payload, `null` while there is none. */
  readonly payloads: Readonly<Record<string, string | null>>;
}

/**
 * Writes the report, its deliveries with their payload bytes, its first event and its audit entries. Whoever commits this
 * transaction may answer 202; nobody may before (INV-1).
 */
export async function writeReport(
  tenant: Tenant,
  tx: Tx,
  context: IntakeContext,
  toWrite: ReportToWrite,
): Promise<{ answer: Buffer; priority: Priority }> {
  const { sealer, clock } = context.ledger;
  const { report } = toWrite.pressed;
  const issues = [...toWrite.issues];
  const dataKey = sealer.newDataKey();
  const reporterKey = sealer.newDataKey();
  await insertDataKeys(tenant, tx, { clock }, report.reportId, [
    { purpose: 'report', wrapped: dataKey.wrapped },
    { purpose: 'reporter', wrapped: reporterKey.wrapped },
  ]);
  await auditDeliveries(tx, context, toWrite);
  const place = await placeInChain(tenant, tx, report, issues);
  // As late as can be: the serial's row stays locked until the commit, and every other press of this hospital waits for it.
  const number = await nextNumber(tenant, tx, context, toWrite.today);
  const numbered: Numbered = { number, priority: priorityOf(report), place, dataKey: dataKey.dataKey, reporterKey: reporterKey.dataKey };
  const answer = answerOf(toWrite, number, issues);
  const reporterSealedSha256 = await insertReport(tenant, tx, context, toWrite, numbered, answer);
  const payloads = await insertDeliveries(tenant, tx, context, toWrite, numbered);
  await insertEvent(tenant, tx, clock, firstStatus(toWrite, numbered));
  await auditReport(tenant, tx, context, toWrite, { numbered, reporterSealedSha256, payloads });
  return { answer, priority: numbered.priority };
}

async function nextNumber(tenant: Tenant, tx: Tx, context: IntakeContext, date: ReportToWrite['today']): Promise<string> {
  const day = `${date.year}-${String(date.month).padStart(2, '0')}-${String(date.day).padStart(2, '0')}`;
  const next = await sql<{ last: number }>`
    insert into number_serials as serials (facility, day, last) values (${tenant}, ${day}, 1)
    on conflict (facility, day) do update set last = serials.last + 1 returning last`.execute(tx);
  const hospitalIndex = context.profile.hospitalIndex[tenant];
  const serial = next.rows[0]?.last;
  invariant(hospitalIndex !== undefined && serial !== undefined, 'every facility of this relay has its index');
  return formatReportNumber({ regionCode: context.profile.regionCode, date, hospitalIndex, serial });
}

function answerOf({ pressed, drafts, receivedAt }: ReportToWrite, number: string, issues: readonly Issue[]): Buffer {
  const deliveries = drafts.map(({ deliveryId, recipient: { party, kind, name } }) => ({ deliveryId, recipient: { party, kind, name } }));
  return Buffer.from(JSON.stringify({ reportId: pressed.report.reportId, number, receivedAt, deliveries, issues }));
}

async function insertReport(
  tenant: Tenant,
  tx: Tx,
  context: IntakeContext,
  { press, pressed, receivedAt, bodySha256 }: ReportToWrite,
  { number, priority, place, dataKey, reporterKey }: Numbered,
  answer: Buffer,
): Promise<string | null> {
  const { sealer } = context.ledger;
  const { reportId, kind } = pressed.report;
  const identity = pressed.reporterIdentity;
  const reporter =
    identity === undefined ? null : Buffer.from(sealer.seal(reporterKey, canonicalBytes(identity), sealedAs.reporter(reportId)));
  await tx
    .insertInto('reports')
    .values({
      facility: tenant,
      report_id: reportId,
      number,
      chain_id: place.chainId,
      sequence: place.sequence,
      kind,
      mode: context.mode,
      priority,
      press_id: press.pressId,
      body_sha256: bodySha256,
      body_sealed: Buffer.from(sealer.seal(dataKey, press.raw, sealedAs.body(reportId))),
      reporter_sealed: reporter,
      answer,
      auth_degraded: press.authDegraded,
      version: 1,
      received_at: new Date(receivedAt),
    })
    .execute();
  return reporter === null ? null : sha256(reporter);
}

async function insertDeliveries(
  tenant: Tenant,
  tx: Tx,
  context: IntakeContext,
  toWrite: ReportToWrite,
  numbered: Numbered,
): Promise<Written['payloads']> {
  const { number, priority, place, dataKey } = numbered;
  const pressed = withPlace(toWrite.pressed, numbered);
  const { reportId, kind } = pressed.report;
  const head = {
    mode: context.mode,
    iss: context.ledger.keys.party,
    reportId,
    number,
    sequence: place.sequence,
    kind,
    createdAt: toWrite.receivedAt,
  };
  const createdAt = new Date(toWrite.receivedAt);
  const rows = toWrite.drafts.map(({ deliveryId, recipient, hold, restricted }): NewDelivery => {
    const payload =
      restricted === undefined
        ? undefined
        : payloadBytes({ ...head, aud: recipient.party, deliveryId }, pressed, recipient.view, restricted);
    return {
      facility: tenant,
      delivery_id: deliveryId,
      report_id: reportId,
      recipient_party: recipient.party,
      recipient_kind: recipient.kind,
      recipient_name: JSON.stringify(recipient.name),
      view: recipient.view,
      priority,
      ...sealPayload(context.ledger, dataKey, deliveryId, payload),
      next_due_at: createdAt,
      hold_reason: hold,
      held_by: hold === null ? null : context.ledger.keys.party,
      held_since: hold === null ? null : createdAt,
      created_at: createdAt,
    };
  });
  await tx.insertInto('deliveries').values(rows).execute();
  return Object.fromEntries(rows.map((row) => [row.delivery_id, row.payload_sha256 ?? null]));
}

async function auditReport(tenant: Tenant, tx: Tx, context: IntakeContext, toWrite: ReportToWrite, written: Written): Promise<void> {
  const { press, pressed, bodySha256 } = toWrite;
  const { number, place, dataKey } = written.numbered;
  const { reportId, kind } = pressed.report;
  await audit(
    tx,
    context.ledger,
    {
      actor: press.actor,
      action: 'report.accepted',
      subject: { facility: tenant, reportId, number, kind, sequence: String(place.sequence), authDegraded: String(press.authDegraded) },
    },
    // The hash of the sealed reporter proves later who pressed, without a word of it here.
    {
      detail: { bodySha256, pressId: press.pressId, reporterSealedSha256: written.reporterSealedSha256, payloads: written.payloads },
      dataKey,
    },
  );
}

async function auditDeliveries(tx: Tx, context: IntakeContext, { drafts, pressed }: ReportToWrite): Promise<void> {
  const { reportId } = pressed.report;
  for (const { deliveryId, recipient, hold } of drafts) {
    await audit(tx, context.ledger, {
      actor: context.ledger.keys.party,
      action: 'delivery.opened',
      subject: { deliveryId, reportId, party: recipient.party, ...(hold === null ? {} : { hold }) },
    });
  }
}

/** What the rows just written say; reading them back would only keep the number's lock longer. */
function firstStatus({ drafts, pressed, receivedAt }: ReportToWrite, { number, place }: Numbered): ReportStatus {
  const { reportId, kind } = pressed.report;
  const receivedOn = new Date(receivedAt);
  const report = { report_id: reportId, number, kind, sequence: place.sequence, version: 1, received_at: receivedOn };
  const rows = drafts.map(
    ({ deliveryId, recipient, hold }): StatusDeliveryRow => ({
      delivery_id: deliveryId,
      recipient_party: recipient.party,
      recipient_kind: recipient.kind,
      recipient_name: recipient.name,
      state: 'open',
      stored_at: null,
      accepted_at: null,
      agency_number: null,
      fence: 0,
      last_outcome: null,
      hold_reason: hold,
      next_due_at: receivedOn,
    }),
  );
  return statusFrom(report, rows);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
