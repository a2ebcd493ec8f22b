import { ZhidaError, createId } from '@zhida/core';
import { sql } from 'kysely';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import { dataKeyOf, sealedAs } from '../ledger/data-keys.js';
import { visibleTo } from './hidden.js';
import { isOvertaken } from './overtaken.js';
import { rungSubject } from './raise.js';

/** An operator's word about one rung of one delivery. */
export interface Silence {
  readonly rung: string;
  readonly reason: string;
  /** The operator's account. */
  readonly by: string;
}

/**
 * Silences one rung, raised or still to come, with a reason. Neither the delivery's state nor its next clock changes: the rung
 * after it comes in its time (INV-6).
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this facility has no such delivery; `ZD_ERR_CONFLICT` if the rung is silenced already, or is
 * neither raised nor the next one.
 */
export async function silenceRung(
  tenant: Tenant,
  context: LedgerContext,
  deliveryId: string,
  { rung, reason, by }: Silence,
): Promise<void> {
  await context.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('deliveries')
      .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
      .select(['deliveries.report_id', 'next_rung', 'rung_due_at'])
      .where('deliveries.facility', '=', tenant)
      .where('delivery_id', '=', deliveryId)
      .where(visibleTo(by))
      .forUpdate('deliveries')
      .executeTakeFirst();
    if (row === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'id' });
    const now = dateNow(context.clock);
    const subject = rungSubject(deliveryId, rung);
    const dataKey = await dataKeyOf(tenant, tx, context, row.report_id, 'report');
    const sealed = Buffer.from(context.sealer.seal(dataKey, Buffer.from(reason), sealedAs.silence(subject)));
    const silenced = await sql`
      update escalations set silenced_at = ${now}, silenced_by = ${by}, silence_sealed = ${sealed}
      where facility = ${tenant} and subject = ${subject} and silenced_at is null returning 1`.execute(tx);
    if (silenced.rows.length === 0) {
      if (row.next_rung !== rung)
        throw new ZhidaError('ZD_ERR_CONFLICT', 'this rung is silenced, or neither raised nor next', { at: 'rung' });
      await tx
        .insertInto('escalations')
        .values({
          facility: tenant,
          escalation_id: createId('esc', context.clock),
          subject,
          rung,
          delivery_id: deliveryId,
          report_id: row.report_id,
          due_at: row.rung_due_at ?? now,
          raised_at: null,
          state: null,
          about: '{}',
          silenced_at: now,
          silenced_by: by,
          silence_sealed: sealed,
        })
        .onConflict((on) => on.doNothing())
        .execute();
    }
    await audit(
      tx,
      context,
      { actor: by, action: 'escalation.silenced', subject: { deliveryId, reportId: row.report_id, rung } },
      { detail: { reason }, dataKey },
    );
  });
}

/** Records that a person has seen an alarm and acts on it: it is not told again. @throws ZhidaError `ZD_ERR_NOT_FOUND` */
export async function acknowledge(tenant: Tenant, context: LedgerContext, escalationId: string, by: string): Promise<{ repeat: boolean }> {
  return context.db.transaction().execute(async (tx) => {
    const alarm = await tx
      .selectFrom('escalations')
      .leftJoin('reports', 'reports.report_id', 'escalations.report_id')
      .select(['acknowledged_at', 'rung', 'escalations.report_id', 'delivery_id'])
      .where('escalations.facility', '=', tenant)
      .where('escalation_id', '=', escalationId)
      .where(visibleTo(by))
      .forUpdate('escalations')
      .executeTakeFirst();
    if (alarm === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such alarm', { at: 'id' });
    if (alarm.acknowledged_at !== null) return { repeat: true };
    await tx
      .updateTable('escalations')
      .set({ acknowledged_at: dateNow(context.clock), acknowledged_by: by })
      .where('escalation_id', '=', escalationId)
      .execute();
    await audit(tx, context, {
      actor: by,
      action: 'escalation.acknowledged',
      subject: {
        escalationId,
        rung: alarm.rung,
        ...(alarm.delivery_id === null ? {} : { deliveryId: alarm.delivery_id }),
        ...(alarm.report_id === null ? {} : { reportId: alarm.report_id }),
      },
    });
    return { repeat: false };
  });
}

/** An alarm as the duty desk sees it. */
export interface ListedAlarm {
  readonly escalationId: string;
  readonly rung: string;
  readonly deliveryId: string | null;
  readonly reportId: string | null;
  readonly number: string | null;
  readonly party: string | null;
  /** `null` for an alarm of no report. */
  readonly mode: string | null;
  readonly dueAt: string;
  readonly raisedAt: string;
  readonly sent: number;
  /** Whether it is a rung that may be silenced with a reason; what else is told ends by being acknowledged, or mended. */
  readonly silenceable: boolean;
  /** What keeps a delivery here, or in what two receipts differ, as a fixed word. */
  readonly why: string | null;
  /** The day of an exchange. */
  readonly day: string | null;
  /** From when on nobody is on duty. */
  readonly from: string | null;
}

interface AlarmRow {
  readonly escalation_id: string;
  readonly subject: string;
  readonly rung: string;
  readonly delivery_id: string | null;
  readonly report_id: string | null;
  readonly number: string | null;
  readonly recipient_party: string | null;
  readonly mode: string | null;
  readonly due_at: Date;
  readonly raised_at: Date;
  readonly sent: number;
  readonly about: Readonly<Record<string, string>>;
}

/**
 * Alarms nobody has acknowledged or silenced yet and whose cause has not ended by itself, oldest first; `after` is the last id of the
 * page before.
 */
export async function openAlarms(
  tenant: Tenant,
  { db, clock }: Pick<LedgerContext, 'db' | 'clock'>,
  { by, after, limit }: { by: string; after: string; limit: number },
): Promise<ListedAlarm[]> {
  const { rows } = await sql<AlarmRow>`
    select escalation_id, subject, alarm.rung, alarm.delivery_id, alarm.report_id, report.number, recipient_party, mode, due_at, raised_at, about,
      coalesce((select sum(sent) from notices where notices.escalation_id = alarm.escalation_id), 0)::integer as sent
    from escalations alarm
      left join deliveries delivery on delivery.delivery_id = alarm.delivery_id
      left join reports report on report.report_id = alarm.report_id
    where alarm.facility = ${tenant} and raised_at is not null and acknowledged_at is null and silenced_at is null
      and escalation_id > ${after} and ${visibleTo(by, 'report')} and not ${isOvertaken(dateNow(clock))}
    order by escalation_id limit ${limit}`.execute(db);
  return rows.map(listed);
}

function listed(row: AlarmRow): ListedAlarm {
  return {
    escalationId: row.escalation_id,
    rung: row.rung,
    deliveryId: row.delivery_id,
    reportId: row.report_id,
    number: row.number,
    party: row.recipient_party ?? row.about['party'] ?? null,
    mode: row.mode,
    dueAt: row.due_at.toISOString(),
    raisedAt: row.raised_at.toISOString(),
    sent: row.sent,
    silenceable: row.delivery_id !== null && row.subject === rungSubject(row.delivery_id, row.rung),
    why: row.about['why'] ?? row.about['at'] ?? null,
    day: row.about['day'] ?? null,
    from: row.about['from'] ?? null,
  };
}
