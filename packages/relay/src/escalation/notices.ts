import { aboutError, invariant, type ScreenLocale } from '@zhida/core';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { withDeadline } from '../deadline.js';
import { CLOCK_SKEW_MS, dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import type { DutyContact, NoticeChannel, NoticeOutcome } from './channel.js';
import { needsAcknowledgement } from './ladder.js';
import { isOvertaken } from './overtaken.js';
import { onDuty } from './roster.js';
import { alarmText } from './wording.js';

export interface NoticeDeps {
  readonly ledger: LedgerContext;
  readonly channels: readonly NoticeChannel[];
  readonly fallbackContact: DutyContact | undefined;
  readonly upperContact: DutyContact | undefined;
  readonly repeatMs: number;
  /** A channel that has not answered by then is left for a while; the others go on. @defaultValue {@link SEND_MS_MAX} */
  readonly sendMs?: number;
  readonly locale: ScreenLocale;
  readonly mode: string;
  readonly log: Logger;
}

/** Notices sent by one channel in one sweep. */
const BATCH = 50;
/** A process that died while it sent is followed by another after this. */
const LEASE_SECONDS = 60;
/** How long one channel may take for one notice. */
const SEND_MS_MAX = 15_000;
/** No send begins whose lease might end before it does: another process would tell the same a second time. */
const BEGIN_MS_MAX = LEASE_SECONDS * 1000 - 2 * SEND_MS_MAX;
/** Seconds after a failed send; the last one for ever. */
const RETRY_SECONDS = [5, 15, 60, 300] as const;

interface DueNotice {
  readonly notice_id: string;
  readonly escalation_id: string;
  readonly channel: string;
  readonly attempts: number;
  readonly sent: number;
  readonly rung: string;
  readonly delivery_id: string | null;
  readonly report_id: string | null;
  readonly about: Readonly<Record<string, string>>;
  readonly overtaken: boolean;
  readonly hidden: boolean;
  readonly mode: string | null;
}

/**
 * Sends the notices that are due: at least once each, and again every few minutes while somebody must acknowledge. What was
 * acknowledged, silenced, or answered by the agency meanwhile is not sent any more. Every channel goes by itself, so that a mail server
 * that hangs, or a thousand notices it has refused, keep no SMS back.
 *
 * @returns how many went out.
 */
export async function sendNotices(tenant: Tenant, deps: NoticeDeps): Promise<number> {
  const due = await claimDue(tenant, deps);
  const lanes = [...new Set(due.map(({ channel }) => channel))].map((name) => due.filter(({ channel }) => channel === name));
  const sent = await Promise.all(lanes.map(async (notices) => sendLane(tenant, deps, notices)));
  return sent.reduce((sum, count) => sum + count, 0);
}

/** One after the other by one channel. One that does not answer says enough: the rest of them wait until their lease is over. */
async function sendLane(tenant: Tenant, deps: NoticeDeps, notices: readonly DueNotice[]): Promise<number> {
  const beganMs = performance.now();
  let sent = 0;
  for (const notice of notices) {
    if (performance.now() - beganMs > BEGIN_MS_MAX) break;
    if (notice.overtaken) {
      await settle(deps, notice, { outcome: 'overtaken', nextDueAt: null });
      continue;
    }
    const outcome = await sendOne(tenant, deps, notice);
    if (outcome === 'sent') sent += 1;
    if (outcome === 'silent') break;
  }
  return sent;
}

async function claimDue(tenant: Tenant, { ledger, repeatMs }: NoticeDeps): Promise<DueNotice[]> {
  const now = dateNow(ledger.clock);
  // Nothing is put off for longer than this, but by a clock that runs ahead.
  const latest = new Date(now.getTime() + Math.max(repeatMs, RETRY_SECONDS[3] * 1000) + CLOCK_SKEW_MS);
  const isDue = sql<boolean>`facility = ${tenant} and (next_due_at <= ${now} or next_due_at > ${latest})`;
  const { rows } = await sql<DueNotice>`
    with due as (
      select notice_id from (select distinct channel from notices where ${isDue}) as lane
      cross join lateral (
        select notice_id from notices
        where ${isDue} and notices.channel = lane.channel and (lease_until is null or lease_until < now())
        order by next_due_at, notice_id limit ${BATCH} for update skip locked
      ) as next
    ), claimed as (
      update notices set lease_until = now() + make_interval(secs => ${LEASE_SECONDS}) from due
      where notices.notice_id = due.notice_id
      returning notices.notice_id, escalation_id, channel, attempts, sent
    )
    select claimed.notice_id, escalation_id, claimed.channel, claimed.attempts, claimed.sent, alarm.rung, alarm.delivery_id, alarm.report_id, about, mode,
      coalesce('facility' = any(hidden_from), false) as hidden,
      (acknowledged_at is not null or silenced_at is not null or ${isOvertaken(now)}) as overtaken
    from claimed join escalations alarm using (escalation_id)
      left join deliveries delivery on delivery.delivery_id = alarm.delivery_id
      left join reports report on report.report_id = alarm.report_id
    order by claimed.notice_id`.execute(ledger.db);
  return rows;
}

/** `silent` for a channel that did not answer in time. */
type SendOutcome = NoticeOutcome | 'failed' | 'silent';

async function sendOne(tenant: Tenant, deps: NoticeDeps, notice: DueNotice): Promise<SendOutcome> {
  const { ledger, log, sendMs = SEND_MS_MAX } = deps;
  const about = { escalationId: notice.escalation_id, rung: notice.rung, channel: notice.channel };
  try {
    const outcome = await withDeadline(sendMs, tell(tenant, deps, notice), () => new ChannelSilent());
    const again = needsAcknowledgement(notice.rung) || (outcome === 'no-address' && notice.rung === 'phone');
    // Without an address too: whoever comes on duty next may have one.
    await settle(deps, notice, { outcome, nextDueAt: again ? new Date(ledger.clock.now() + deps.repeatMs) : null });
    if (outcome === 'no-address') log.warn(about, 'whoever is on duty has no address for this channel');
    return outcome;
  } catch (error) {
    log.error({ ...about, ...aboutError(error) }, 'a notice could not be sent; it is tried again');
    const seconds = RETRY_SECONDS[Math.min(notice.attempts, RETRY_SECONDS.length - 1)];
    invariant(seconds !== undefined, 'the last wait is used for ever');
    await settle(deps, notice, { outcome: null, nextDueAt: new Date(ledger.clock.now() + seconds * 1000) });
    return error instanceof ChannelSilent ? 'silent' : 'failed';
  }
}

/** To the first of those who may be told that has an address for this channel. */
async function tell(tenant: Tenant, deps: NoticeDeps, notice: DueNotice): Promise<NoticeOutcome> {
  const { ledger, channels, locale } = deps;
  const channel = channels.find(({ name }) => name === notice.channel);
  if (channel === undefined) throw new TypeError('a queued notice names a channel that is not configured');
  const mode = notice.mode ?? deps.mode;
  const { contacts, told } = await addressed(tenant, deps, notice);
  const text = alarmText(told, { locale, mode, nowMs: ledger.clock.now(), nameOf: ledger.nameOf });
  const { rung, report_id: reportId, delivery_id: deliveryId } = told;
  const sent = { escalationId: notice.escalation_id, rung, mode, reportId, deliveryId, text, repeat: notice.sent };
  for (const contact of contacts) if ((await channel.send(sent, contact)) === 'sent') return 'sent';
  return 'no-address';
}

/** That the notice went out is then not known. */
class ChannelSilent extends Error {
  override readonly name = 'ChannelSilent';
}

type Told = Pick<DueNotice, 'rung' | 'report_id' | 'delivery_id' | 'about'>;

/** What is left of an alarm about a case the reader may not see: that there is one, and nothing of it. */
const HIDDEN: Told = { rung: 'hidden', report_id: null, delivery_id: null, about: {} };

/**
 * Who is told, one after the other until a channel knows an address, and what. A case hidden from this hospital is told to whoever is
 * above it. Where nobody above is configured somebody is told all the same, first the fixed contact and then whoever is on duty, but
 * nothing of the case: an alarm that nobody gets is a report nobody follows.
 */
async function addressed(
  tenant: Tenant,
  { ledger, fallbackContact, upperContact, log }: NoticeDeps,
  notice: DueNotice,
): Promise<{ contacts: readonly (DutyContact | undefined)[]; told: Told }> {
  if (notice.hidden && upperContact !== undefined) return { contacts: [upperContact], told: notice };
  const duty = await onDuty(tenant, ledger, ledger.clock.now());
  const known = (contacts: readonly (DutyContact | undefined)[]) => {
    const given = contacts.filter((contact) => contact !== undefined);
    // A channel without addresses, such as the log, tells nobody in particular.
    return given.length === 0 ? [undefined] : given;
  };
  if (!notice.hidden) return { contacts: known([duty, fallbackContact]), told: notice };
  log.error({ escalationId: notice.escalation_id }, 'a case is hidden from this hospital, and nobody above it is configured to be told');
  return { contacts: known([fallbackContact, duty]), told: HIDDEN };
}

async function settle(
  { ledger }: NoticeDeps,
  notice: DueNotice,
  { outcome, nextDueAt }: { outcome: NoticeOutcome | 'overtaken' | null; nextDueAt: Date | null },
): Promise<void> {
  await ledger.db
    .updateTable('notices')
    .set({
      next_due_at: nextDueAt,
      outcome,
      lease_until: null,
      attempts: outcome === null ? sql`attempts + 1` : 0,
      sent: outcome === 'sent' ? sql`sent + 1` : sql`sent`,
    })
    .where('notice_id', '=', notice.notice_id)
    .execute();
}
