import { createId, isId, type Issue, isoNow, type Json, localDate, ZhidaError } from '@zhida/core';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { trustedRecipient } from '../delivery/route.js';
import type { LedgerContext, Reader, Tenant } from '../ledger/context.js';
import type { RelayOptions, RelayProfile } from '../options.js';
import { type PressedReport, pressedFrom } from './pressed.js';
import { sealGroups, viewOf } from './render.js';
import { type ReadBody, readBody } from './read-body.js';
import { type DraftDelivery, type ReportToWrite, writeReport } from './write-report.js';

/** What intake works with. */
export interface IntakeContext {
  readonly ledger: LedgerContext;
  readonly profile: RelayProfile;
  readonly mode: RelayOptions['mode'];
  readonly log: Logger;
  /** Told once the transaction is committed; it wakes the first attempts. */
  readonly committed: (deliveries: readonly { deliveryId: string; priority: 'urgent' | 'routine' }[]) => void;
}

/** One press of the button, authenticated. */
export interface Press {
  /** The idempotency key. */
  readonly pressId: string;
  readonly raw: Buffer;
  /** Who brought it, as the audit log names it: a gateway. The person is in `reporterIdentity` alone. */
  readonly actor: string;
  readonly reporterIdentity: Json | undefined;
  readonly authDegraded: boolean;
}

/** The answer to a press. The bytes of a repeat are those of the first answer. */
export interface Accepted {
  readonly repeat: boolean;
  readonly reportId: string;
  readonly answer: Buffer;
}

/** Thrown on a used key with another body; the screen shows the first report and offers to add to it. */
export class PressConflict extends ZhidaError {
  readonly reportId: string;
  readonly number: string;

  constructor(reportId: string, number: string) {
    super('ZD_ERR_IDEMPOTENCY_CONFLICT', 'the same key came with another body', { at: 'idempotency-key' });
    this.reportId = reportId;
    this.number = number;
  }
}

/**
 * Takes one report: stores it with its deliveries and audit entries in one transaction and answers only after the commit.
 *
 * Content never refuses it (INV-9). The views are rendered and their restricted groups encrypted before the transaction
 * begins, because the number's row lock would otherwise make every other press of this hospital wait for it.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE`, `ZD_ERR_MODE_REFUSED`, {@link PressConflict}
 */
export async function acceptReport(tenant: Tenant, context: IntakeContext, press: Press): Promise<Accepted> {
  const body = readBody(press.raw);
  const issues: Issue[] = [];
  refuseOtherMode(body.value, context.mode, issues);
  const earlier = await findPress(tenant, context.ledger.db, press.pressId);
  if (earlier !== undefined) return repeatOf(earlier, body.sha256);

  const receivedAt = isoNow(context.ledger.clock);
  const reportId = await freeReportId(context, body, issues);
  const { reporterIdentity, authDegraded } = press;
  const read = pressedFrom(tenant, body, { reportId, mode: context.mode, receivedAt, reporterIdentity, authDegraded });
  const drafts = await draftDeliveries(context, read.pressed);
  const toWrite: ReportToWrite = {
    press,
    pressed: read.pressed,
    drafts,
    receivedAt,
    today: localDate(context.ledger.clock.now()),
    bodySha256: body.sha256,
    issues: [...issues, ...read.issues],
  };
  const written = await context.ledger.db.transaction().execute(async (tx) => {
    // Presses with one key pass here one at a time, so that two tabs make one report and neither meets a unique violation.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant} ${press.pressId}`}, 0))`.execute(tx);
    const first = await findPress(tenant, tx, press.pressId);
    return first === undefined ? writeReport(tenant, tx, context, toWrite) : { first };
  });
  if ('first' in written) return repeatOf(written.first, body.sha256);
  afterCommit(context, drafts, written.priority);
  return { repeat: false, reportId, answer: written.answer };
}

function refuseOtherMode(value: Record<string, unknown>, own: string, issues: Issue[]): void {
  const mode = value['mode'];
  if (typeof mode === 'string' && mode !== own)
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'the report is of another mode', { at: 'mode' });
  if (mode !== undefined && typeof mode !== 'string') issues.push({ code: 'FIELD_WRONG_TYPE', severity: 'warning', at: 'mode' });
}

interface EarlierPress {
  readonly report_id: string;
  readonly number: string;
  readonly body_sha256: string;
  readonly answer: Buffer;
}

async function findPress(tenant: Tenant, db: Reader, pressId: string): Promise<EarlierPress | undefined> {
  return db
    .selectFrom('reports')
    .select(['report_id', 'number', 'body_sha256', 'answer'])
    .where('facility', '=', tenant)
    .where('press_id', '=', pressId)
    .executeTakeFirst();
}

function repeatOf(earlier: EarlierPress, bodySha256: string): Accepted {
  if (earlier.body_sha256 !== bodySha256) throw new PressConflict(earlier.report_id, earlier.number);
  return { repeat: true, reportId: earlier.report_id, answer: earlier.answer };
}

/** The id the gateway gave, unless it is malformed or already names another report; a bad id never stops a report. */
async function freeReportId(context: IntakeContext, body: ReadBody, issues: Issue[]): Promise<string> {
  const given = body.value['reportId'];
  if (isId('rpt', given)) {
    const taken = await context.ledger.db.selectFrom('reports').select('report_id').where('report_id', '=', given).executeTakeFirst();
    if (taken === undefined) return given;
  }
  issues.push({ code: 'VALUE_DEFAULTED', severity: given === undefined ? 'information' : 'warning', at: 'reportId' });
  return createId('rpt', context.ledger.clock);
}

async function draftDeliveries(context: IntakeContext, pressed: PressedReport): Promise<DraftDelivery[]> {
  const { keys, clock } = context.ledger;
  // Sorted, so that deliveries stand in the order of the profile wherever they are listed by id.
  const ids = context.profile.recipients.map(() => createId('dlv', clock)).toSorted();
  const drafts = context.profile.recipients.map(async (recipient, position): Promise<DraftDelivery | undefined> => {
    const view = viewOf(pressed, recipient.view);
    const deliveryId = ids[position];
    if (view === undefined || deliveryId === undefined) return undefined;
    if (recipient.system === 'no-system') return { deliveryId, recipient, hold: 'no-system', restricted: undefined };
    const trusted = trustedRecipient(keys, recipient.party, clock.now());
    if (trusted === undefined) return { deliveryId, recipient, hold: 'no-route', restricted: undefined };
    return { deliveryId, recipient, hold: null, restricted: await sealGroups(view, trusted.party, clock.now()) };
  });
  return (await Promise.all(drafts)).filter((draft) => draft !== undefined);
}

function afterCommit(context: IntakeContext, drafts: readonly DraftDelivery[], priority: 'urgent' | 'routine'): void {
  for (const { deliveryId, recipient, hold } of drafts) {
    if (hold === 'no-route')
      context.log.error({ deliveryId, party: recipient.party, hold }, 'a report is held: its recipient has no keys or no address');
  }
  context.committed(drafts.filter((draft) => draft.hold === null).map(({ deliveryId }) => ({ deliveryId, priority })));
}
