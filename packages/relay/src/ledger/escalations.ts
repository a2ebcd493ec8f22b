import { createId } from '@zhida/core';
import { sql } from 'kysely';
import type { DeliveryState } from '../schema.js';
import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';

/** Something a person has to be told. Ids, fixed words and times only. */
export interface Alarm {
  /** One alarm for one thing: the delivery with its rung, or the hours nobody is on duty. */
  readonly subject: string;
  readonly rung: string;
  readonly deliveryId: string | null;
  readonly reportId: string | null;
  readonly dueAt: Date;
  readonly state: DeliveryState | null;
  /** What the wording needs besides: party, number, times. */
  readonly about: Readonly<Record<string, string>>;
  /** False where the alarm after this one is due already: it is recorded, and nobody is told twice in one minute. */
  readonly tell: boolean;
}

/**
 * Records an alarm and queues its notices in the caller's transaction. The same subject twice is one alarm. A rung that was
 * silenced before its time is recorded with its time and told to nobody.
 *
 * @returns whether this call raised it.
 */
export async function raiseAlarm(tenant: Tenant, tx: Tx, context: LedgerContext, alarm: Alarm): Promise<boolean> {
  const now = dateNow(context.clock);
  const { rows } = await sql<{ escalation_id: string; silenced: boolean }>`
    insert into escalations (facility, escalation_id, subject, rung, delivery_id, report_id, due_at, raised_at, state, about)
    values (${tenant}, ${createId('esc', context.clock)}, ${alarm.subject}, ${alarm.rung}, ${alarm.deliveryId}, ${alarm.reportId},
      ${alarm.dueAt}, ${now}, ${alarm.state}, ${JSON.stringify(alarm.about)})
    on conflict (facility, subject) do update set raised_at = excluded.raised_at, state = excluded.state, about = excluded.about
      where escalations.raised_at is null
    returning escalation_id, silenced_at is not null as silenced`.execute(tx);
  const raised = rows[0];
  if (raised === undefined) return false;
  const told = alarm.tell && !raised.silenced;
  if (told) await queueNotices(tenant, tx, context, raised.escalation_id, alarm.rung, now);
  await audit(tx, context, {
    actor: context.keys.party,
    action: 'escalation.raised',
    subject: {
      escalationId: raised.escalation_id,
      rung: alarm.rung,
      ...(alarm.deliveryId === null ? {} : { deliveryId: alarm.deliveryId }),
      ...(alarm.reportId === null ? {} : { reportId: alarm.reportId }),
      ...(alarm.state === null ? {} : { state: alarm.state }),
      told: String(told),
    },
  });
  return true;
}

async function queueNotices(tenant: Tenant, tx: Tx, context: LedgerContext, escalationId: string, rung: string, now: Date): Promise<void> {
  const channels = context.escalation.channelsFor(rung);
  if (channels.length === 0) return;
  await tx
    .insertInto('notices')
    .values(
      channels.map((channel) => ({
        facility: tenant,
        escalation_id: escalationId,
        channel,
        next_due_at: now,
        lease_until: null,
        outcome: null,
      })),
    )
    .execute();
}
