import { type RawBuilder, sql } from 'kysely';
import { FINAL_OUTCOMES } from './owed.js';

/**
 * True where what an alarm is about has ended meanwhile: whoever is called for nothing stops listening. The query names its tables `alarm`
 * (escalations), `delivery` and `report`. Receipts that differ are compared by a person: nothing but an acknowledgement ends that.
 */
export function isOvertaken(now: Date): RawBuilder<boolean> {
  return sql<boolean>`(case
    when delivery.hold_reason = 'conflict' then true
    when alarm.rung = 'no-feedback' or alarm.rung like 'chase-%' then ${isTold}
    else case alarm.rung
    when 'phone' then delivery.state <> 'open'
      or exists (select from calls where calls.report_id = alarm.report_id and delivery.recipient_party = any(calls.called))
    when 'no-stored' then delivery.state <> 'open'
    when 'no-accepted' then delivery.attested_at is not null or case report.kind
      when 'error-notice' then exists (select from receipts where receipts.delivery_id = alarm.delivery_id
        and receipts.kind = 'receipt' and receipts.stage = 'stopped-using')
      else delivery.state = 'accepted' end
    -- The ladder of a delivery ends where another one takes its place.
    when 'misdirected' then delivery.attested_at is not null or delivery.state = 'accepted' or delivery.next_rung is null
    when 'dead-letter' then not exists
      (select from dead_letters letter where letter.delivery_id = alarm.delivery_id and letter.cleared_at is null)
    when 'held' then delivery.hold_reason is null or delivery.state not in ('open', 'attested')
    when 'roster-gap' then exists (select from roster_shifts shift where shift.facility = alarm.facility
      and starts_at <= greatest((about ->> 'from')::timestamptz, ${now}) and ends_at > greatest((about ->> 'from')::timestamptz, ${now}))
    when 'exchange-silent' then exists (select from exchanges where party = about ->> 'party' and day > (about ->> 'day')::date)
    when 'exchange-difference' then exists
      (select from exchanges where party = about ->> 'party' and day = (about ->> 'day')::date and agrees)
    end end) is true`;
}

/** The agency has told how the case stands, or a later reminder stands for this one. */
const isTold = sql<boolean>`(exists (select from escalations later where later.delivery_id = alarm.delivery_id
      and later.raised_at is not null and later.due_at > alarm.due_at and later.rung like 'chase-%')
    or exists (select from feedback join reports told using (report_id) where feedback.facility = alarm.facility
      and told.chain_id = report.chain_id and issuer = delivery.recipient_party
      and (alarm.rung = 'no-feedback' or code = any(${sql.val(FINAL_OUTCOMES)}))))`;
