import { type Report } from '@zhida/report';
import { isId } from '@zhida/core';
import { sql } from 'kysely';
import { endLadder } from '../escalation/raise.js';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import { appendEvent } from '../ledger/events.js';

/** A later report of a case that is being written, and from whom it keeps the case. */
export interface ConflictNamed {
  readonly reportId: string;
  readonly chainId: string;
  /** Parties this report goes to: none of them is kept out, be it as the last there is. */
  readonly recipients: readonly string[];
  readonly isKeptOut: (party: string, kind: string) => boolean;
}

/**
 * Locks what has not arrived of the case that a report speaks of. Before the case itself, as everybody who needs both takes them:
 * a receipt that hands a report on has its delivery first.
 */
export async function lockUndelivered(tenant: Tenant, tx: Tx, { chain }: Report): Promise<void> {
  if (!isId('rpt', chain?.id)) return;
  await sql`
    select from deliveries where facility = ${tenant} and state in ('open', 'attested')
      and report_id in (select report_id from reports where facility = ${tenant} and chain_id = ${chain?.id})
    order by delivery_id for update`.execute(tx);
}

/**
 * Keeps from whoever a report names as having an interest of their own what they have not signed for of the case so far. It goes one
 * level up instead: {@link openToNewcomers} has opened it there, and what nobody else who investigates has is not held, because a report
 * that reaches the wrong desk is not lost and one that reaches none is (INV-2). No clock runs for what is held: nobody is to call
 * them about it. A receipt that comes all the same is recorded like any other.
 */
export async function holdFromConflicted(tenant: Tenant, tx: Tx, context: LedgerContext, named: ConflictNamed): Promise<void> {
  const { rows } = await sql<{ delivery_id: string; report_id: string; recipient_party: string; recipient_kind: string }>`
    select delivery_id, report_id, recipient_party, recipient_kind from deliveries d
    where facility = ${tenant} and state in ('open', 'attested') and hold_reason is distinct from 'conflict'
      and report_id in (select report_id from reports where facility = ${tenant} and chain_id = ${named.chainId})
      and exists (select from deliveries other where other.report_id = d.report_id and other.recipient_kind in ('police', 'procuratorate')
        and other.recipient_party = any(${named.recipients}::text[]))
    order by delivery_id`.execute(tx);
  const kept = rows.filter(({ recipient_party: party, recipient_kind: kind }) => {
    return !named.recipients.includes(party) && named.isKeptOut(party, kind);
  });
  const by = context.keys.party;
  for (const { delivery_id: deliveryId, report_id: reportId } of kept) {
    await tx
      .updateTable('deliveries')
      .set({ hold_reason: 'conflict', held_by: by, held_since: dateNow(context.clock) })
      .where('facility', '=', tenant)
      .where('delivery_id', '=', deliveryId)
      .execute();
    await audit(tx, context, {
      actor: by,
      action: 'delivery.held',
      subject: { deliveryId, reportId, reason: 'conflict', namedBy: named.reportId },
    });
    await endLadder(tenant, tx, context, deliveryId, 'conflict');
  }
  for (const reportId of new Set(kept.map(({ report_id: id }) => id))) await appendEvent(tenant, tx, context, reportId);
}
