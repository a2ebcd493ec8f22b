import { canonicalBytes, formatPartialDate, invariant, type Issue, ZhidaError } from '@zhida/core';
import { sha256Hex, type PayloadMode } from '@zhida/signing';
import { formatReportNumber, priorityOf } from '@zhida/report';
import { type Insertable, sql } from 'kysely';
import { wasPhoned } from '../escalation/called.js';
import { auditAll, type AuditDraft } from '../ledger/audit.js';
import type { Tenant, Tx } from '../ledger/context.js';
import { dataKeyRows, sealedAs } from '../ledger/data-keys.js';
import { eventRow } from '../ledger/events.js';
import { type ReportStatus, type StatusDeliveryRow, statusFrom } from '../ledger/status.js';
import type { ProfileRecipient } from '../options.js';
import { enterPaperNumber } from '../paper/enter.js';
import { type ChainSoFar, conflictsOfChain, isSameChain, readChain } from '../routing/chain-recipients.js';
import { type ConflictNamed, holdFromConflicted, lockUndelivered } from '../routing/conflicted.js';
import { hiddenFrom } from '../routing/conflicts.js';
import { type LaterReport, openToNewcomers } from '../routing/newcomers.js';
import { isKept } from '../routing/recipients.js';
import type { DataKeysTable, HoldReason, NewDelivery, Priority, ReportEventsTable, ReportsTable } from '../schema.js';
import type { IntakeContext, ReceivedPress } from './accept.js';
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
  readonly press: ReceivedPress;
  readonly mode: PayloadMode;
  readonly pressed: PressedReport;
  readonly drafts: readonly DraftDelivery[];
  /** Whose people have an interest of their own in the case, as far as its reports say. */
  readonly conflicts: readonly string[];
  /** What was known of its case when it was routed. */
  readonly chain: ChainSoFar;
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

/** A report that is written, once the transaction is committed. */
export interface WrittenReport {
  readonly answer: Buffer;
  readonly priority: Priority;
}

/**
 * Writes reports of one day with their deliveries and payload bytes, first events and audit entries. Whoever commits this
 * transaction may answer each of them 202; nobody may before (INV-1). They get their numbers in this order.
 */
export async function writeReports(
  tenant: Tenant,
  tx: Tx,
  context: IntakeContext,
  toWrite: readonly [ReportToWrite, ...ReportToWrite[]],
): Promise<WrittenReport[]> {
  const placed: { readonly toWrite: ReportToWrite; readonly place: ChainPlace; readonly issues: readonly Issue[] }[] = [];
  for (const each of toWrite) {
    const issues = [...each.issues];
    const { report } = each.pressed;
    if (each.conflicts.length > 0) await lockUndelivered(tenant, tx, report);
    const place = await placeInChain(tenant, tx, report, issues);
    if (place.sequence > 1) {
      await assertRouted(tenant, tx, context, each);
      await openToNewcomers(tenant, tx, context.ledger, laterReport(each, place));
      if (each.conflicts.length > 0) await holdFromConflicted(tenant, tx, context.ledger, conflictNamed(context, each, place));
    }
    await enterPaperNumber(tenant, tx, context, { report, chainId: place.chainId, actor: each.press.actor }, issues);
    placed.push({ toWrite: each, place, issues });
  }
  // As late as can be: the serial's row stays locked until the commit, and every other press of this hospital waits for it.
  const numbers = await nextNumbers(tenant, tx, context, toWrite[0].today, toWrite.length);
  const drafts = placed.map(({ toWrite: each, place, issues }, index) =>
    rowsOf(tenant, context, each, { place, issues, number: numbers[index] ?? '' }),
  );
  await insertAll(
    tx,
    drafts.map(({ rows }) => rows),
  );
  for (const { toWrite: each, place } of placed) {
    if (each.conflicts.length > 0) await hideChain(tenant, tx, place.chainId, each.conflicts);
  }
  await auditAll(
    tx,
    context.ledger,
    drafts.flatMap(({ audits }) => audits),
  );
  return drafts.map(({ written }) => written);
}

function laterReport({ pressed: { report }, drafts }: ReportToWrite, { chainId }: ChainPlace): LaterReport {
  const recipients = drafts.map(({ recipient }) => recipient);
  return { reportId: report.reportId, kind: report.kind, chainId, priority: priorityOf(report), recipients };
}

function conflictNamed({ profile }: IntakeContext, { pressed, drafts, conflicts }: ReportToWrite, { chainId }: ChainPlace): ConflictNamed {
  return {
    reportId: pressed.report.reportId,
    chainId,
    recipients: drafts.map(({ recipient }) => recipient.party),
    isKeptOut: (party, kind) => isKept({ party, kind }, conflicts, profile),
  };
}

/**
 * Under the lock of the case: a release, a transfer or a conflict that was recorded since the report was routed is not passed over.
 *
 * @throws ZhidaError `ZD_ERR_BUSY`; routed again it knows of it.
 */
async function assertRouted(tenant: Tenant, tx: Tx, { ledger }: IntakeContext, { pressed, chain }: ReportToWrite): Promise<void> {
  const now = await readChain(tenant, { db: tx, recipientOf: ledger.recipientOf }, pressed.report, false);
  if (!isSameChain(chain, now)) throw new ChainMoved('ZD_ERR_BUSY', 'the case has changed while its report was routed', { at: 'chain.id' });
}

/** Thrown on the way of a report; whoever takes it begins anew. */
export class ChainMoved extends ZhidaError {}

/** Everything of one report that the transaction inserts, and what its press is answered. */
interface ReportDraft {
  readonly rows: ReportRows;
  readonly audits: readonly AuditDraft[];
  readonly written: WrittenReport;
}

function rowsOf(
  tenant: Tenant,
  context: IntakeContext,
  toWrite: ReportToWrite,
  { number, place, issues }: Pick<Numbered, 'number' | 'place'> & { readonly issues: readonly Issue[] },
): ReportDraft {
  const { sealer } = context.ledger;
  const { report } = toWrite.pressed;
  const [dataKey, reporterKey] = [sealer.newDataKey(), sealer.newDataKey()];
  const numbered: Numbered = { number, priority: priorityOf(report), place, dataKey: dataKey.dataKey, reporterKey: reporterKey.dataKey };
  const answer = answerOf(toWrite, number, issues);
  const rows: ReportRows = {
    report: reportRow(tenant, context, toWrite, numbered, answer),
    keys: dataKeyRows(tenant, context.ledger, report.reportId, { report: dataKey.wrapped, reporter: reporterKey.wrapped }),
    deliveries: deliveryRows(tenant, context, toWrite, numbered),
    event: eventRow(tenant, context.ledger.clock, firstStatus(toWrite, numbered)),
  };
  const audits = [reportEntry(tenant, toWrite, numbered, rows), ...deliveryEntries(context, toWrite)];
  return { rows, audits, written: { answer, priority: numbered.priority } };
}

/** The rows of one report. */
interface ReportRows {
  readonly report: Insertable<ReportsTable>;
  readonly keys: readonly Insertable<DataKeysTable>[];
  readonly deliveries: readonly NewDelivery[];
  readonly event: Insertable<ReportEventsTable>;
}

/** In one statement: each more would keep the number's lock for another way to the database and back. */
async function insertAll(tx: Tx, reports: readonly ReportRows[]): Promise<void> {
  await tx
    .with('keys', (db) =>
      db
        .insertInto('data_keys')
        .values(reports.flatMap(({ keys }) => keys))
        .returning('purpose'),
    )
    .with('opened', (db) =>
      db
        .insertInto('deliveries')
        .values(reports.flatMap(({ deliveries }) => deliveries))
        .returning('delivery_id'),
    )
    .with('first', (db) =>
      db
        .insertInto('report_events')
        .values(reports.map(({ event }) => event))
        .returning('version'),
    )
    .insertInto('reports')
    .values(reports.map(({ report }) => report))
    .execute();
}

/** Whoever has an interest of their own loses sight of the whole case, also of what was reported before that was known. */
async function hideChain(tenant: Tenant, tx: Tx, chainId: string, named: readonly string[]): Promise<void> {
  // Another report of the case may have named somebody else since this one was routed.
  const conflicts = [...new Set([...(await conflictsOfChain(tenant, tx, chainId)), ...named])].sort();
  await tx
    .updateTable('reports')
    .set({ conflicts, hidden_from: hiddenFrom(conflicts) })
    .where('facility', '=', tenant)
    .where('chain_id', '=', chainId)
    .execute();
}

async function nextNumbers(tenant: Tenant, tx: Tx, context: IntakeContext, date: ReportToWrite['today'], count: number): Promise<string[]> {
  const day = formatPartialDate(date);
  const next = await sql<{ last: number }>`
    insert into number_serials as serials (facility, day, last) values (${tenant}, ${day}, ${count})
    on conflict (facility, day) do update set last = serials.last + ${count} returning last`.execute(tx);
  const hospitalIndex = context.profile.hospitalIndex[tenant];
  const last = next.rows[0]?.last;
  invariant(hospitalIndex !== undefined && last !== undefined, 'every facility of this relay has its index');
  return Array.from({ length: count }, (_, index) =>
    formatReportNumber({ regionCode: context.profile.regionCode, date, hospitalIndex, serial: last - count + 1 + index }),
  );
}

function answerOf({ pressed, drafts, receivedAt }: ReportToWrite, number: string, issues: readonly Issue[]): Buffer {
  const deliveries = drafts.map(({ deliveryId, recipient: { party, kind, name } }) => ({ deliveryId, recipient: { party, kind, name } }));
  return Buffer.from(JSON.stringify({ reportId: pressed.report.reportId, number, receivedAt, deliveries, issues }));
}

function reportRow(
  tenant: Tenant,
  context: IntakeContext,
  { press, mode, pressed, receivedAt, bodySha256, conflicts }: ReportToWrite,
  { number, priority, place, dataKey, reporterKey }: Numbered,
  answer: Buffer,
): ReportRows['report'] {
  const { sealer } = context.ledger;
  const { reportId, kind, exerciseId = null } = pressed.report;
  const identity = pressed.reporterIdentity;
  return {
    facility: tenant,
    report_id: reportId,
    number,
    chain_id: place.chainId,
    sequence: place.sequence,
    kind,
    mode,
    priority,
    press_id: press.pressId,
    body_sha256: bodySha256,
    body_sealed: Buffer.from(sealer.seal(dataKey, press.raw, sealedAs.body(reportId))),
    reporter_sealed:
      identity === undefined ? null : Buffer.from(sealer.seal(reporterKey, canonicalBytes(identity), sealedAs.reporter(reportId))),
    answer,
    auth_degraded: press.authDegraded,
    version: 1,
    received_at: new Date(receivedAt),
    conflicts: [...conflicts],
    hidden_from: hiddenFrom(conflicts),
    exercise_id: mode === 'exercise' ? exerciseId : null,
  };
}

function deliveryRows(tenant: Tenant, context: IntakeContext, toWrite: ReportToWrite, numbered: Numbered): NewDelivery[] {
  const { number, priority, place, dataKey } = numbered;
  const pressed = withPlace(toWrite.pressed, numbered);
  const { reportId, kind } = pressed.report;
  const head = {
    mode: toWrite.mode,
    iss: context.ledger.keys.party,
    reportId,
    number,
    sequence: place.sequence,
    kind,
    createdAt: toWrite.receivedAt,
  };
  const createdAt = new Date(toWrite.receivedAt);
  return toWrite.drafts.map(({ deliveryId, recipient, hold, restricted }): NewDelivery => {
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
      ...context.ledger.escalation.ladder.first({
        party: recipient.party,
        recipientKind: recipient.kind,
        reportKind: kind,
        priority,
        createdAt,
        phoned: wasPhoned(pressed.report, recipient),
      }),
      created_at: createdAt,
    };
  });
}

function reportEntry(
  tenant: Tenant,
  { press, pressed, bodySha256 }: ReportToWrite,
  { number, place, dataKey }: Numbered,
  { report, deliveries }: ReportRows,
): AuditDraft {
  const { reportId, kind } = pressed.report;
  const reporter = report.reporter_sealed;
  const detail = {
    bodySha256,
    pressId: press.pressId,
    // The hash of the sealed reporter proves later who pressed, without a word of it here.
    reporterSealedSha256: reporter === null || reporter === undefined ? null : sha256Hex(reporter),
    payloads: Object.fromEntries(deliveries.map((row) => [row.delivery_id, row.payload_sha256 ?? null])),
  };
  return {
    entry: {
      actor: press.actor,
      action: 'report.accepted',
      subject: { facility: tenant, reportId, number, kind, sequence: String(place.sequence), authDegraded: String(press.authDegraded) },
    },
    sealed: { detail, dataKey },
  };
}

function deliveryEntries(context: IntakeContext, { drafts, pressed }: ReportToWrite): AuditDraft[] {
  const { reportId } = pressed.report;
  return drafts.map(({ deliveryId, recipient, hold }) => ({
    entry: {
      actor: context.ledger.keys.party,
      action: 'delivery.opened',
      subject: { deliveryId, reportId, party: recipient.party, ...(hold === null ? {} : { hold }) },
    },
  }));
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
      attested_at: null,
      agency_number: null,
      fence: 0,
      last_outcome: null,
      hold_reason: hold,
      next_due_at: receivedOn,
    }),
  );
  return statusFrom(report, rows);
}
