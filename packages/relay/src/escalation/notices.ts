import { aboutError, invariant } from '@zhida/core';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import type { LocaleName } from '../locales/locale.js';
import type { DutyContact, NoticeChannel } from './channel.js';
import { needsAcknowledgement } from './ladder.js';
import { onDuty } from './roster.js';
import { alarmText } from './wording.js';

export interface NoticeDeps {
  readonly ledger: LedgerContext;
  readonly channels: readonly NoticeChannel[];
  readonly fallbackContact: DutyContact | undefined;
  readonly upperContact: DutyContact | undefined;
  readonly repeatMs: number;
  readonly locale: LocaleName;
  readonly mode: string;
  readonly log: Logger;
}

/** Notices sent in one sweep. */
const BATCH = 50;
/** A process that died while it sent is followed by another after this. */
const LEASE_SECONDS = 60;
/** Seconds after a failed send; the last one for ever. */
const RETRY_SECONDS = [5, 15, 60, 300];

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
 * acknowledged, silenced, or answered by the agency meanwhile is not sent any more.
 *
 * @returns how many went out.
 */
export async function sendNotices(tenant: Tenant, deps: NoticeDeps): Promise<number> {
  let sent = 0;
  for (const notice of await claimDue(tenant, deps)) {
    if (notice.overtaken) await settle(deps, notice, { outcome: 'overtaken', nextDueAt: null });
    else if (await sendOne(tenant, deps, notice)) sent += 1;
  }
  return sent;
}

async function claimDue(tenant: Tenant, { ledger }: NoticeDeps): Promise<DueNotice[]> {
  const { rows } = await sql<DueNotice>`
    with due as (
      select notice_id from notices
      where facility = ${tenant} and next_due_at <= ${dateNow(ledger.clock)} and (lease_until is null or lease_until < now())
      order by next_due_at, notice_id limit ${BATCH} for update skip locked
    ), claimed as (
      update notices set lease_until = now() + make_interval(secs => ${LEASE_SECONDS}) from due
      where notices.notice_id = due.notice_id
      returning notices.notice_id, escalation_id, channel, attempts, sent
    )
    select claimed.*, alarm.rung, alarm.delivery_id, alarm.report_id, about, mode,
      coalesce('facility' = any(hidden_from), false) as hidden,
      (acknowledged_at is not null or silenced_at is not null
        or (alarm.rung in ('phone', 'no-stored') and delivery.state <> 'open')
        or (alarm.rung = 'no-accepted' and kind <> 'error-notice' and (delivery.state = 'accepted' or delivery.attested_at is not null))
        or (alarm.rung = 'dead-letter' and not exists
          (select from dead_letters letter where letter.delivery_id = alarm.delivery_id and letter.cleared_at is null))
        or (alarm.rung = 'held' and (delivery.hold_reason is null or delivery.state not in ('open', 'attested')))) is true as overtaken
    from claimed join escalations alarm using (escalation_id)
      left join deliveries delivery on delivery.delivery_id = alarm.delivery_id
      left join reports report on report.report_id = alarm.report_id
    order by claimed.notice_id`.execute(ledger.db);
  return rows;
}

async function sendOne(tenant: Tenant, deps: NoticeDeps, notice: DueNotice): Promise<boolean> {
  const { ledger, channels, locale, log } = deps;
  const channel = channels.find(({ name }) => name === notice.channel);
  const nowMs = ledger.clock.now();
  const mode = notice.mode ?? deps.mode;
  const about = { escalationId: notice.escalation_id, rung: notice.rung, channel: notice.channel };
  try {
    if (channel === undefined) throw new TypeError('a queued notice names a channel that is not configured');
    const { contact, told } = await addressed(tenant, deps, notice);
    const text = alarmText(told, { locale, mode, nowMs, nameOf: ledger.nameOf });
    const { rung, report_id: reportId, delivery_id: deliveryId } = told;
    const sent = { escalationId: notice.escalation_id, rung, mode, reportId, deliveryId, text, repeat: notice.sent };
    const outcome = await channel.send(sent, contact);
    const again = outcome === 'sent' && needsAcknowledgement(notice.rung);
    await settle(deps, notice, { outcome, nextDueAt: again ? new Date(nowMs + deps.repeatMs) : null });
    if (outcome === 'no-address') log.warn(about, 'whoever is on duty has no address for this channel');
    return outcome === 'sent';
  } catch (error) {
    log.error({ ...about, ...aboutError(error) }, 'a notice could not be sent; it is tried again');
    const seconds = RETRY_SECONDS[Math.min(notice.attempts, RETRY_SECONDS.length - 1)];
    invariant(seconds !== undefined, 'the last wait is used for ever');
    await settle(deps, notice, { outcome: null, nextDueAt: new Date(nowMs + seconds * 1000) });
    return false;
  }
}

type Told = Pick<DueNotice, 'rung' | 'report_id' | 'delivery_id' | 'about'>;

/** What is left of an alarm about a case the reader may not see: that there is one, and nothing of it. */
const HIDDEN: Told = { rung: 'hidden', report_id: null, delivery_id: null, about: {} };

/**
 * Who is told, and what. A case hidden from this hospital is told to whoever is above it. Where nobody above is configured somebody
 * is told all the same, first the fixed contact and then whoever is on duty, but nothing of the case: an alarm that nobody gets is a
 * report nobody follows.
 */
async function addressed(tenant: Tenant, deps: NoticeDeps, notice: DueNotice): Promise<{ contact: DutyContact | undefined; told: Told }> {
  const { ledger, fallbackContact, upperContact, log } = deps;
  const duty = (): Promise<DutyContact | undefined> => onDuty(tenant, ledger, ledger.clock.now());
  if (!notice.hidden) return { contact: (await duty()) ?? fallbackContact, told: notice };
  if (upperContact !== undefined) return { contact: upperContact, told: notice };
  log.error({ escalationId: notice.escalation_id }, 'a case is hidden from this hospital, and nobody above it is configured to be told');
  return { contact: fallbackContact ?? (await duty()), told: HIDDEN };
}

async function settle(
  { ledger }: NoticeDeps,
  notice: DueNotice,
  { outcome, nextDueAt }: { outcome: 'sent' | 'no-address' | 'overtaken' | null; nextDueAt: Date | null },
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
