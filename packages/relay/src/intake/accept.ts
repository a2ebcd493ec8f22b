import { createId, type Exercise, isId, type Issue, isoNow, type Json, localDate, ZhidaError } from '@zhida/core';
import { wholeDayClock } from '@zhida/report';
import { type PayloadMode, sealRestrictedGroups } from '@zhida/signing';
import type { Logger } from 'pino';
import { trustedRecipient } from '../delivery/route.js';
import type { LedgerContext, Reader, Tenant } from '../ledger/context.js';
import type { ProfileRecipient, RelayOptions, RelayProfile } from '../options.js';
import type { AddressTable } from '../routing/address-table.js';
import { recipientsOf } from '../routing/recipients.js';
import { deliveryIdFor, isDayOnly } from '../routing/releases.js';
import { modeOf, refuseUnplanned } from './mode.js';
import { type PressedReport, pressedFrom } from './pressed.js';
import { viewOf } from './render.js';
import { type ReadBody, readBody } from './read-body.js';
import { ChainMoved, type DraftDelivery, type ReportToWrite } from './write-report.js';
import type { ReportWriter } from './write-together.js';

/** What intake works with. */
export interface IntakeContext {
  readonly ledger: LedgerContext;
  readonly profile: RelayProfile;
  readonly addressTable?: AddressTable | undefined;
  readonly mode: RelayOptions['mode'];
  readonly exercises: readonly Exercise[];
  readonly writer: ReportWriter;
  readonly log: Logger;
  /** Told once the transaction is committed; it wakes the first attempts. */
  readonly committed: (deliveries: readonly { deliveryId: string; priority: 'urgent' | 'routine' }[]) => void;
}

/** One press of the button, authenticated. */
export interface ReceivedPress {
  /** The idempotency key. */
  readonly pressId: string;
  readonly raw: Buffer;
  /** Who brought it, as the audit log names it: a gateway. The person is in `reporterIdentity` alone. */
  readonly actor: string;
  readonly reporterIdentity: Json | undefined;
  /** What the ticket says it is pressed as, where one came. */
  readonly ticketMode: PayloadMode | undefined;
  readonly authDegraded: boolean;
}

/** The answer to a press. The bytes of a repeat are those of the first answer. */
export interface Accepted {
  readonly repeat: boolean;
  readonly mode: PayloadMode;
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
export async function acceptReport(tenant: Tenant, context: IntakeContext, press: ReceivedPress): Promise<Accepted> {
  const body = readBody(press.raw);
  const issues: Issue[] = [];
  const mode = modeOf(body.value['mode'], { own: context.mode, ticket: press.ticketMode }, issues);
  return settle(tenant, context, { press, body, mode, issues });
}

interface Reading {
  readonly press: ReceivedPress;
  readonly body: ReadBody;
  readonly mode: PayloadMode;
  readonly issues: readonly Issue[];
}

/** A press starts anew so often where something else of its case is written in this instant. */
const TRIES = 3;

/** Answers a repeat, or writes the report. A press that meets its own twin in this instant starts once more and finds it. */
async function settle(tenant: Tenant, context: IntakeContext, reading: Reading, tries = TRIES): Promise<Accepted> {
  const { press, body, mode } = reading;
  const issues = [...reading.issues];
  const known = await findKnown(tenant, context.ledger.db, press.pressId, body.value['reportId']);
  if (known.press !== undefined) return { ...repeatOf(known.press, body.sha256), mode };
  const reportId = freeReportId(context, body, known.reportTaken, issues);
  try {
    return await writeNew(tenant, context, { ...reading, issues }, { reportId, overtaken: known.overtaken });
  } catch (error) {
    // Two tabs at once: the second waited for the first to commit and was refused by the index on the key.
    if (tries === 1 || !isPassing(error)) throw error;
    return settle(tenant, context, reading, tries - 1);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ChainMoved || (error as { code?: unknown }).code === UNIQUE_VIOLATION;
}

const UNIQUE_VIOLATION = '23505';

interface OwnPlace {
  readonly reportId: string;
  /** A later report of its case came before it. */
  readonly overtaken: boolean;
}

async function writeNew(
  tenant: Tenant,
  context: IntakeContext,
  { press, body, mode, issues }: Reading,
  { reportId, overtaken }: OwnPlace,
): Promise<Accepted> {
  const receivedAt = isoNow(context.ledger.clock);
  const { reporterIdentity, authDegraded } = press;
  const read = pressedFrom(tenant, body, { reportId, mode, receivedAt, reporterIdentity, authDegraded });
  if (mode === 'exercise') await refuseUnplanned(tenant, context, read.pressed.report);
  const { recipients, conflicts, releasedTo, chain } = await recipientsOf(tenant, context, read.pressed.report, overtaken);
  const drafts = draftDeliveries(context, { ...read.pressed, releasedTo }, recipients);
  const toWrite: ReportToWrite = {
    press,
    mode,
    pressed: { ...read.pressed, releasedTo },
    drafts,
    conflicts,
    chain,
    receivedAt,
    today: localDate(context.ledger.clock.now()),
    bodySha256: body.sha256,
    issues: [...issues, ...read.issues],
  };
  const written = await context.writer.write(tenant, context, toWrite);
  afterCommit(context, drafts, written.priority);
  return { repeat: false, mode, reportId, answer: written.answer };
}

interface EarlierPress {
  readonly report_id: string;
  readonly number: string;
  readonly body_sha256: string;
  readonly answer: Buffer;
}

/** The report that has this key, whether another report has the id the sender gave, and whether one of its case came before it; one look for all. */
async function findKnown(
  tenant: Tenant,
  db: Reader,
  pressId: string,
  givenId: unknown,
): Promise<{ press: EarlierPress | undefined; reportTaken: boolean; overtaken: boolean }> {
  const rows = await db
    .selectFrom('reports')
    .select(['facility', 'press_id', 'report_id', 'number', 'body_sha256', 'answer'])
    .where((of) =>
      of.or([
        of.and({ facility: tenant, press_id: pressId }),
        ...(isId('rpt', givenId) ? [of('report_id', '=', givenId), of.and({ facility: tenant, chain_id: givenId })] : []),
      ]),
    )
    .execute();
  return {
    press: rows.find((row) => row.facility === tenant && row.press_id === pressId),
    reportTaken: rows.some((row) => row.report_id === givenId),
    overtaken: rows.some((row) => row.report_id !== givenId),
  };
}

function repeatOf(earlier: EarlierPress, bodySha256: string): Omit<Accepted, 'mode'> {
  if (earlier.body_sha256 !== bodySha256) throw new PressConflict(earlier.report_id, earlier.number);
  return { repeat: true, reportId: earlier.report_id, answer: earlier.answer };
}

/** The id the gateway gave, unless it is malformed or already names another report; a bad id never stops a report. */
function freeReportId(context: IntakeContext, body: ReadBody, taken: boolean, issues: Issue[]): string {
  const given = body.value['reportId'];
  if (isId('rpt', given) && !taken) return given;
  issues.push({ code: 'VALUE_DEFAULTED', severity: given === undefined ? 'information' : 'warning', at: 'reportId' });
  // Everyone who gets the report reads its id, and some may know no more than the day.
  return createId('rpt', wholeDayClock(context.ledger.clock));
}

function draftDeliveries(context: IntakeContext, pressed: PressedReport, recipients: readonly ProfileRecipient[]): DraftDelivery[] {
  const { keys, clock } = context.ledger;
  // Sorted, so that deliveries stand in the order of the profile wherever they are listed by id.
  const exact = recipients
    .filter(({ view }) => !isDayOnly(view))
    .map(({ view }) => deliveryIdFor(view, context.ledger))
    .toSorted();
  const drafts = recipients.map((recipient): DraftDelivery | undefined => {
    const view = viewOf(pressed, recipient.view);
    const deliveryId = isDayOnly(recipient.view) ? deliveryIdFor(recipient.view, context.ledger) : exact.shift();
    if (view === undefined || deliveryId === undefined) return undefined;
    if (recipient.system === 'no-system') return { deliveryId, recipient, hold: 'no-system', restricted: undefined };
    const trusted = trustedRecipient(keys, recipient.party, clock.now());
    if (trusted === undefined) return { deliveryId, recipient, hold: 'no-route', restricted: undefined };
    const hold = recipient.system === 'pull' ? 'pull' : null;
    return { deliveryId, recipient, hold, restricted: sealRestrictedGroups(view.restricted, trusted.party, clock.now()) };
  });
  return drafts.filter((draft) => draft !== undefined);
}

function afterCommit(context: IntakeContext, drafts: readonly DraftDelivery[], priority: 'urgent' | 'routine'): void {
  for (const { deliveryId, recipient, hold } of drafts) {
    if (hold === 'no-route')
      context.log.error({ deliveryId, party: recipient.party, hold }, 'a report is held: its recipient has no keys or no address');
  }
  context.committed(drafts.filter((draft) => draft.hold === null).map(({ deliveryId }) => ({ deliveryId, priority })));
}
