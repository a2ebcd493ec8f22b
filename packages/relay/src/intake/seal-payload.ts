import { sha256Hex } from '@zhida/signing';
import type { LedgerContext } from '../ledger/context.js';
import { sealedAs } from '../ledger/data-keys.js';

/** A payload as its row keeps it. */
export interface StoredPayload {
  readonly payload_sealed: Buffer | null;
  /** The hash a receipt must name; lower-case hex. */
  readonly payload_sha256: string | null;
}

/** The stored form of a payload; of none while nobody can be encrypted to. */
export function sealPayload(
  { sealer }: Pick<LedgerContext, 'sealer'>,
  dataKey: Uint8Array,
  deliveryId: string,
  payload: Uint8Array | undefined,
): StoredPayload {
  if (payload === undefined) return { payload_sealed: null, payload_sha256: null };
  return {
    payload_sealed: Buffer.from(sealer.seal(dataKey, payload, sealedAs.payload(deliveryId))),
    payload_sha256: sha256Hex(payload),
  };
}
