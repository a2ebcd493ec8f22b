import { isId, ZhidaError } from '@zhida/core';
import { type ForwardedKind, verifyForwarded, verifyWebhook, sha256Hex } from '@zhida/signing';
import type { IncomingHttpHeaders } from 'node:http';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tx } from '../ledger/context.js';

/** What another relay gets for an envelope: the agency's own receipt once there is one, else that it is kept here. */
export type Taken = { readonly receipt: string } | { readonly receipt: undefined };

/**
 * Takes a sealed envelope of a pinned relay for a pinned agency. That it is kept here proves nothing to anybody (INV-5): the answer is
 * the agency's receipt, or that there is none yet. The same delivery again brings its newest envelope, sealed to the newest key. What
 * comes once more after its receipt was told is carried anew: what it says of the sealed bytes only their sender can read, and whoever has
 * proof sends nothing.
 *
 * @throws ZhidaError as `verifyWebhook` does; `ZD_ERR_PARTY_UNKNOWN` for a sender that is no relay; `ZD_ERR_NOT_FOUND` for an agency this
 * relay does not reach; `ZD_ERR_CONFLICT` for a delivery that had another recipient before.
 */
export async function takeForward(context: LedgerContext, headers: IncomingHttpHeaders, body: Buffer): Promise<Taken> {
  const { keys, clock } = context;
  const nowSeconds = Math.floor(clock.now() / 1000);
  const { sender, id } = await verifyWebhook({ headers, body, trusted: keys.trusted, nowSeconds });
  if (sender.role !== 'relay')
    throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'only a relay has something forwarded', { at: 'webhook-signature' });
  const to = headers['forward-to'];
  if (typeof to !== 'string' || keys.trusted.party(to)?.role !== 'agency')
    throw new ZhidaError('ZD_ERR_NOT_FOUND', 'this relay does not reach such an agency', { at: 'forward-to' });
  if (!isId('dlv', id)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the id of a delivery is expected', { at: 'webhook-id' });
  const envelope = body.toString('ascii');
  return context.db.transaction().execute(async (tx) => {
    const known = await tx
      .selectFrom('forwards')
      .select(['recipient', 'receipt', 'last_detail'])
      .where('origin', '=', sender.party)
      .where('delivery_id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (known !== undefined && known.recipient !== to)
      throw new ZhidaError('ZD_ERR_CONFLICT', 'this delivery went to another agency before', { at: 'forward-to' });
    if (known?.receipt !== undefined && known.receipt !== null) {
      const told = tx.updateTable('forwards').where('origin', '=', sender.party).where('delivery_id', '=', id);
      if (known.last_detail !== TOLD) {
        await told.set({ last_detail: TOLD }).execute();
        return { receipt: known.receipt };
      }
      await told.set({ receipt: null, last_detail: null, envelope, next_due_at: dateNow(clock) }).execute();
      await audit(tx, context, { actor: sender.party, action: 'forward.carried-anew', subject: { deliveryId: id, party: to } });
      return { receipt: undefined };
    }
    await keep(tx, context, { origin: sender.party, deliveryId: id, recipient: to, envelope }, known === undefined);
    return { receipt: undefined };
  });
}

/** That a receipt was given to the relay it is for, when that came again. */
const TOLD = 'receipt-told';

interface Forward {
  readonly origin: string;
  readonly deliveryId: string;
  readonly recipient: string;
  readonly envelope: string;
}

async function keep(tx: Tx, context: LedgerContext, { origin, deliveryId, recipient, envelope }: Forward, isNew: boolean): Promise<void> {
  const now = dateNow(context.clock);
  await tx
    .insertInto('forwards')
    .values({ origin, delivery_id: deliveryId, recipient, envelope, taken_at: now, next_due_at: now })
    .onConflict((on) => on.columns(['origin', 'delivery_id']).doUpdateSet({ envelope }).where('forwards.receipt', 'is', null))
    .execute();
  if (isNew) await audit(tx, context, { actor: origin, action: 'forward.taken', subject: { deliveryId, party: recipient } });
}

/**
 * Takes a statement of an agency for the relay it is addressed to; from here on it is this relay's to bring there.
 *
 * @throws ZhidaError as `verifyForwarded` does; `ZD_ERR_NOT_FOUND` for a relay that is not pinned here; `ZD_ERR_ENVELOPE_AUDIENCE` if it is
 * addressed to another one.
 */
export async function takeStatement(
  context: LedgerContext,
  { relay, kind, jws }: { readonly relay: string; readonly kind: ForwardedKind; readonly jws: string },
): Promise<{ repeat: boolean }> {
  const { iss, aud } = await verifyForwarded(jws, kind, { trusted: context.keys.trusted });
  if (aud !== relay) throw new ZhidaError('ZD_ERR_ENVELOPE_AUDIENCE', 'the statement is addressed to another relay', { at: 'aud' });
  return context.db
    .transaction()
    .execute(async (tx) => ({ repeat: !(await queueStatement(tx, context, { relay, kind, jws, issuer: iss })) }));
}

/** @returns whether it is new. */
export async function queueStatement(
  tx: Tx,
  context: LedgerContext,
  { relay, kind, jws, issuer }: { readonly relay: string; readonly kind: ForwardedKind; readonly jws: string; readonly issuer: string },
): Promise<boolean> {
  const now = dateNow(context.clock);
  const sha256 = sha256Hex(jws);
  const queued = await tx
    .insertInto('forwarded_statements')
    .values({ relay, issuer, kind, jws_sha256: sha256, jws, taken_at: now, next_due_at: now })
    .onConflict((on) => on.columns(['relay', 'jws_sha256']).doNothing())
    .returning('statement_id')
    .executeTakeFirst();
  if (queued === undefined) return false;
  await audit(tx, context, { actor: issuer, action: 'statement.taken', subject: { relay, kind, jwsSha256: sha256 } });
  return true;
}
