import { RECIPIENT_KINDS } from '@zhida/report';
import type { Reader, Tenant } from './context.js';
import type { AttemptOutcome, CallOutcome, DeliveryRow, DeliveryState, HoldReason, PartyName, ReportRow } from '../schema.js';

/** The one headline of a report. `stored` is never shown as `accepted`, nor `attested` as either (INV-5). */
export type StatusHeadline = 'submitted' | 'attested' | 'stored' | 'accepted';

/** Who receives, as the reporter's screen names them. */
export interface StatusRecipient {
  readonly party: string;
  readonly kind: string;
  readonly name: PartyName;
}

/** How one recipient's delivery stands. Times are the relay's, RFC 3339. */
export interface StatusLine {
  readonly deliveryId: string;
  readonly recipient: StatusRecipient;
  readonly state: DeliveryState;
  readonly storedAt: string | null;
  readonly acceptedAt: string | null;
  /** When a person attested that they had handed it over. */
  readonly attestedAt: string | null;
  readonly agencyNumber: string | null;
  readonly attempts: number;
  readonly lastOutcome: AttemptOutcome | null;
  readonly holdReason: HoldReason | null;
  /** `null` once nothing more is sent. */
  readonly nextDueAt: string | null;
}

/** A telephone call about a report. It says that somebody called and closes nothing (INV-5); with whom and what for is sealed. */
export interface StatusCall {
  readonly callId: string;
  readonly outcome: CallOutcome;
  readonly at: string;
}

/** What the reporter sees of a report: ids, states and times, nothing of the child. */
export interface ReportStatus {
  readonly reportId: string;
  readonly number: string;
  readonly kind: string;
  readonly sequence: number;
  readonly createdAt: string;
  readonly version: number;
  readonly headline: StatusHeadline;
  readonly lines: readonly StatusLine[];
  readonly calls: readonly StatusCall[];
}

const HEADLINES: Record<DeliveryState, StatusHeadline> = {
  open: 'submitted',
  attested: 'attested',
  stored: 'stored',
  accepted: 'accepted',
};
/** An attestation stops the escalation and not the wait for a receipt: until one comes, the report is sent on. */
export const AWAITS_RECEIPT: ReadonlySet<DeliveryState> = new Set(['open', 'attested']);
const RANKS: readonly DeliveryState[] = ['open', 'attested', 'stored', 'accepted'];

/** The furthest proof of a police recipient; of any recipient where none is police, because the reporter waits for the police first. */
function headlineOf(lines: readonly Pick<StatusLine, 'recipient' | 'state'>[]): StatusHeadline {
  const police = lines.filter((line) => line.recipient.kind === 'police');
  const deciding = police.length > 0 ? police : lines;
  const furthest = deciding.reduce((rank, line) => Math.max(rank, RANKS.indexOf(line.state)), 0);
  return HEADLINES[RANKS[furthest] ?? 'open'];
}

export const STATUS_REPORT_COLUMNS = ['report_id', 'number', 'kind', 'sequence', 'version', 'received_at'] as const;
export const STATUS_DELIVERY_COLUMNS = [
  'delivery_id',
  'recipient_party',
  'recipient_kind',
  'recipient_name',
  'state',
  'stored_at',
  'accepted_at',
  'attested_at',
  'agency_number',
  'fence',
  'last_outcome',
  'hold_reason',
  'next_due_at',
] as const;

/** Reads the status of one report of this facility from its rows; `undefined` if there is none. */
export async function readStatus(tenant: Tenant, db: Reader, reportId: string): Promise<ReportStatus | undefined> {
  const report = await db
    .selectFrom('reports')
    .select(STATUS_REPORT_COLUMNS)
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  return report === undefined ? undefined : statusOf(tenant, db, report);
}

/** The status of a report whose own row is known. */
export async function statusOf(tenant: Tenant, db: Reader, report: StatusReportRow): Promise<ReportStatus> {
  const reportId = report.report_id;
  const rows = await db
    .selectFrom('deliveries')
    .select([
      ...STATUS_DELIVERY_COLUMNS,
      // Of most reports nobody has telephoned, and every change of a report reads this.
      (on) => on.exists(on.selectFrom('calls').where('calls.facility', '=', tenant).where('calls.report_id', '=', reportId)).as('called'),
    ])
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .orderBy('delivery_id')
    .execute();
  const called = rows.length === 0 || rows.some((row) => row.called);
  return statusFrom(report, rows, called ? (await callsOf(tenant, db, [reportId])).get(reportId) : []);
}

/** What was telephoned about these reports, by report, the first call first. */
export async function callsOf(tenant: Tenant, db: Reader, reportIds: readonly string[]): Promise<ReadonlyMap<string, StatusCall[]>> {
  const rows = await db
    .selectFrom('calls')
    .select(['report_id', 'call_id', 'outcome', 'made_at'])
    .where('facility', '=', tenant)
    .where('report_id', 'in', reportIds)
    .orderBy('made_at')
    .orderBy('call_id')
    .execute();
  const calls = new Map<string, StatusCall[]>();
  for (const { report_id: reportId, call_id: callId, outcome, made_at: madeAt } of rows) {
    calls.set(reportId, [...(calls.get(reportId) ?? []), { callId, outcome, at: madeAt.toISOString() }]);
  }
  return calls;
}

/** The columns a status is made of. */
export type StatusReportRow = Pick<ReportRow, (typeof STATUS_REPORT_COLUMNS)[number]>;
export type StatusDeliveryRow = Pick<DeliveryRow, (typeof STATUS_DELIVERY_COLUMNS)[number]>;

/** The status that these rows say; the rows come in the order of their ids, which is that of the profile. */
export function statusFrom(report: StatusReportRow, rows: readonly StatusDeliveryRow[], calls: readonly StatusCall[] = []): ReportStatus {
  const lines = rows.map(lineFrom).sort((left, right) => rankOf(left) - rankOf(right));
  return {
    reportId: report.report_id,
    number: report.number,
    kind: report.kind,
    sequence: report.sequence,
    createdAt: report.received_at.toISOString(),
    version: report.version,
    headline: headlineOf(lines),
    lines,
    calls,
  };
}

/** The police first: ids of some recipients tell only the day, so ids alone do not keep the order of the profile. */
function rankOf({ recipient }: StatusLine): number {
  const rank = (RECIPIENT_KINDS as readonly string[]).indexOf(recipient.kind);
  return rank < 0 ? RECIPIENT_KINDS.length : rank;
}

function lineFrom(row: StatusDeliveryRow): StatusLine {
  return {
    deliveryId: row.delivery_id,
    recipient: { party: row.recipient_party, kind: row.recipient_kind, name: row.recipient_name },
    state: row.state,
    storedAt: row.stored_at?.toISOString() ?? null,
    acceptedAt: row.accepted_at?.toISOString() ?? null,
    attestedAt: row.attested_at?.toISOString() ?? null,
    agencyNumber: row.agency_number,
    // Every won claim is one attempt, so the fence counts them.
    attempts: row.fence,
    lastOutcome: row.last_outcome,
    // A conflict of interest keeps the case from that recipient whatever a person has attested.
    holdReason: row.state === 'open' || row.hold_reason === 'conflict' ? row.hold_reason : null,
    nextDueAt: AWAITS_RECEIPT.has(row.state) && row.hold_reason === null ? row.next_due_at.toISOString() : null,
  };
}
