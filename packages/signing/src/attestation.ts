import { type Claims, claimReader } from './claims.js';
import { verifyCompact } from './compact-jws.js';
import type { KeyDirectory } from './keys/key-directory.js';
import type { PayloadMode } from './mode.js';
import { signStatement, STATEMENT_UNREADABLE, statedAtMs, statementKind } from './statement.js';
import type { TrustStore } from './trust/trust-store.js';

const ATTESTATION = statementKind('attestation', readAttestationClaims, ['relay']);

/** How a report was handed over where no system signs for it. */
export const HANDOVER_WAYS = ['telephone', 'in-person', 'paper', 'fax'] as const;
export type HandoverWay = (typeof HANDOVER_WAYS)[number];

/** The claims of an attestation: a named person says that they handed a report over, and the relay signs that they said so. */
export interface AttestationClaims {
  readonly v: '1';
  readonly mode: PayloadMode;
  /** `relay:…`, whose key signs. */
  readonly iss: string;
  /** The account of the operator's token: the person who answers for the words. */
  readonly sub: string;
  readonly attestationId: string;
  readonly deliveryId: string;
  readonly reportId: string;
  readonly sequence: number;
  /** `agency:…` */
  readonly recipient: string;
  /** SHA-256 of the payload; `null` where there never was one, because the recipient has no system. */
  readonly payloadSha256: string | null;
  /** The officer or desk that took it. */
  readonly handedTo: string;
  /** RFC 3339 with offset. */
  readonly handedAt: string;
  readonly how: HandoverWay;
  /** 警情编号; `null` where the recipient gives none. */
  readonly incidentNumber: string | null;
  /** RFC 3339 with offset: when the operator said so. */
  readonly at: string;
}

/** Signs an attestation as a compact JWS over the JCS bytes of its claims. @throws ZhidaError as {@link signStatement} does, and for claims that are none. */
export async function signAttestation(claims: AttestationClaims, keys: KeyDirectory): Promise<string> {
  return signStatement(ATTESTATION, claims, keys);
}

/**
 * Verifies an attestation under the keys of the relay that signed it; the relay itself passes its own directory as `self`.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE`, `ZD_ERR_PARTY_UNKNOWN`, `ZD_ERR_SIGNATURE_MISMATCH`, `ZD_ERR_MODE_REFUSED`
 */
export async function verifyAttestation(
  jws: string,
  { trusted, self }: { trusted: TrustStore; self?: KeyDirectory },
): Promise<AttestationClaims> {
  const { claims } = await verifyCompact(jws, ATTESTATION.message, { trusted, self, signedAtMs: statedAtMs });
  return ATTESTATION.read(claims);
}

function readAttestationClaims(claims: Claims): AttestationClaims {
  const read = claimReader(claims, STATEMENT_UNREADABLE);
  return {
    v: read.oneOf('v', ['1']),
    mode: read.text('mode') as PayloadMode,
    iss: read.text('iss'),
    sub: read.text('sub'),
    attestationId: read.text('attestationId'),
    deliveryId: read.text('deliveryId'),
    reportId: read.text('reportId'),
    sequence: read.integer('sequence', 1),
    recipient: read.text('recipient'),
    payloadSha256: claims['payloadSha256'] === null ? null : read.sha256('payloadSha256'),
    handedTo: read.text('handedTo'),
    handedAt: read.instant('handedAt'),
    how: read.oneOf('how', HANDOVER_WAYS),
    incidentNumber: read.textOrNull('incidentNumber'),
    at: read.instant('at'),
  };
}
