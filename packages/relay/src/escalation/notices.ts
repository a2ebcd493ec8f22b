import { invariant } from '@zhida/core';
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
    const contact = notice.hidden ? deps.upperContact : ((await onDuty(tenant, ledger, nowMs)) ?? deps.fallbackContact);
    // A case hidden from this hospital is told to nobody rather than to the one it is hidden from.
    const silent = notice.hidden && contact === undefined;
    const text = alarmText(notice, { locale, mode, nowMs, nameOf: ledger.nameOf });
    const { escalation_id: escalationId, rung, report_id: reportId, delivery_id: deliveryId, sent: repeat } = notice;
    const outcome = silent ? 'no-address' : await channel.send({ escalationId, rung, mode, reportId, deliveryId, text, repeat }, contact);
    const again = outcome === 'sent' && needsAcknowledgement(rung);
    await settle(deps, notice, { outcome, nextDueAt: again ? new Date(nowMs + deps.repeatMs) : null });
    if (outcome === 'no-address') log.warn(about, 'whoever is on duty has no address for this channel');
    return outcome === 'sent';
  } catch (error) {
    log.error({ ...about, error: error instanceof Error ? error.name : typeof error }, 'a notice could not be sent; it is tried again');
    const seconds = RETRY_SECONDS[Math.min(notice.attempts, RETRY_SECONDS.length - 1)];
    invariant(seconds !== undefined, 'the last wait is used for ever');
    await settle(deps, notice, { outcome: null, nextDueAt: new Date(nowMs + seconds * 1000) });
    return false;
  }
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
