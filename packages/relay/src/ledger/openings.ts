import { ZhidaError } from '@zhida/core';
import { sha256Hex, type OpeningClaims } from '@zhida/signing';
import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';
import { dataKeyOf, sealedAs } from './data-keys.js';

/**
 * Records that an officer of a recipient has opened a restricted group, such as the reporter's identity. The reason may name a
 * person, so the whole of it is sealed; the log says who opened what, and commits to the rest (INV-10).
 *
 * @returns whether this opening was already known.
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if the delivery is not this facility's or was for somebody else; `ZD_ERR_CONFLICT` for other
 * words under the same id.
 */
export async function recordOpening(
  tenant: Tenant,
  context: LedgerContext,
  { claims, jws }: { readonly claims: OpeningClaims; readonly jws: string },
): Promise<{ repeat: boolean }> {
  return context.db.transaction().execute(async (tx) => {
    const sent = await tx
      .selectFrom('deliveries')
      .select('delivery_id')
      .where('facility', '=', tenant)
      .where('delivery_id', '=', claims.deliveryId)
      .where('report_id', '=', claims.reportId)
      .where('recipient_party', '=', claims.iss)
      .executeTakeFirst();
    if (sent === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery was sent to this agency', { at: 'deliveryId' });
    const dataKey = await dataKeyOf(tenant, tx, context, claims.reportId, 'report');
    if (!(await insertOpening(tenant, tx, context, { claims, jws, dataKey }))) return { repeat: true };
    await audit(
      tx,
      context,
      {
        actor: claims.iss,
        action: 'restricted.opened',
        subject: {
          deliveryId: claims.deliveryId,
          reportId: claims.reportId,
          openingId: claims.openingId,
          group: claims.group,
          officer: claims.officer,
          jwsSha256: sha256Hex(jws),
        },
      },
      { detail: { reason: claims.reason, at: claims.at }, dataKey },
    );
    return { repeat: false };
  });
}

/** @returns false if this opening was known. */
async function insertOpening(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  { claims, jws, dataKey }: { readonly claims: OpeningClaims; readonly jws: string; readonly dataKey: Uint8Array },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('openings')
    .values({
      facility: tenant,
      issuer: claims.iss,
      opening_id: claims.openingId,
      delivery_id: claims.deliveryId,
      report_id: claims.reportId,
      field_group: claims.group,
      stated_at: claims.at,
      received_at: dateNow(context.clock),
      jws_sealed: Buffer.from(context.sealer.seal(dataKey, Buffer.from(jws), sealedAs.opening(claims.openingId))),
      jws_sha256: sha256Hex(jws),
    })
    .onConflict((on) => on.columns(['issuer', 'opening_id']).doNothing())
    .returning('opening_id')
    .executeTakeFirst();
  if (inserted !== undefined) return true;
  const known = await tx
    .selectFrom('openings')
    .select('jws_sha256')
    .where('issuer', '=', claims.iss)
    .where('opening_id', '=', claims.openingId)
    .executeTakeFirst();
  if (known?.jws_sha256 !== sha256Hex(jws)) {
    throw new ZhidaError('ZD_ERR_CONFLICT', 'this opening id was used for other words', { at: 'openingId' });
  }
  return false;
}
