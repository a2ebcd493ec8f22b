import { ZhidaError } from '@zhida/core';
import type { Claims } from './claims.js';
import { decryptCompact, encrypterTo } from './compact-jwe.js';
import type { KeyDirectory } from './keys/key-directory.js';
import { readStatementHead, signStatement, type StatementHead, statementKind, verifyStatement } from './statement.js';
import type { TrustStore } from './trust/trust-store.js';
import type { TrustedParty } from './trust/trusted-party.js';

const ATTACHMENT = statementKind('attachment', readAttachmentClaims, ['relay']);
const PART = { typ: 'zhida-attachment-part+jwe', cty: 'octet-stream' };
export const ATTACHMENT_RECEIPT = statementKind('attachment-receipt', readReceiptClaims);

/** Which key of the recipient the parts are sealed to: the everyday one, or the one a named officer opens with a reason. */
export const ATTACHMENT_SEALS = ['enc', 'restricted'] as const;
export type AttachmentSeal = (typeof ATTACHMENT_SEALS)[number];

/** What a relay says of an attachment before its parts: to which delivery it belongs, and which bytes it is. */
export interface AttachmentClaims extends StatementHead {
  readonly attachmentId: string;
  /** The delivery that brought the report to this agency. */
  readonly deliveryId: string;
  readonly reportId: string;
  readonly contentType: string;
  /** Bytes of the content. */
  readonly size: number;
  /** Of the content, lower-case hex. */
  readonly sha256: string;
  readonly parts: number;
  readonly seal: AttachmentSeal;
  /** RFC 3339 with offset: when the relay had it whole. */
  readonly at: string;
}

/** An agency's word that it holds an attachment whole. */
export interface AttachmentReceiptClaims extends StatementHead {
  readonly receiptId: string;
  readonly attachmentId: string;
  readonly deliveryId: string;
  readonly reportId: string;
  readonly sha256: string;
  readonly at: string;
}

/** Signs the description of an attachment. @throws ZhidaError as `signCompact` does, and for claims that are none. */
export async function signAttachment(claims: AttachmentClaims, keys: KeyDirectory): Promise<string> {
  return signStatement(ATTACHMENT, claims, keys);
}

/**
 * Verifies the description of an attachment that is addressed to the owner of `trusted`.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE`, `ZD_ERR_ENVELOPE_AUDIENCE`, `ZD_ERR_PARTY_UNKNOWN`,
 * `ZD_ERR_SIGNATURE_MISMATCH` or `ZD_ERR_MODE_REFUSED`.
 */
export async function verifyAttachment(jws: string, { trusted, now }: { trusted: TrustStore; now: number }): Promise<AttachmentClaims> {
  return verifyStatement(ATTACHMENT, jws, trusted, () => now);
}

/** Seals the parts of one attachment to one recipient. @throws ZhidaError `ZD_ERR_KEY_MISSING` when it has no such key in its time. */
export function attachmentPartSealer(recipient: TrustedParty, seal: AttachmentSeal, nowMs: number): (part: Uint8Array) => string {
  const key = seal === 'restricted' ? recipient.restrictedKey(nowMs) : recipient.encKey(nowMs);
  if (key === undefined) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'the recipient has no such key in its time', { at: seal });
  return encrypterTo(PART, key);
}

/** Opens one part. @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE` when it is none, is sealed to a key that is not ours, or was changed. */
export async function openAttachmentPart(jwe: string, seal: AttachmentSeal, keys: KeyDirectory): Promise<Uint8Array> {
  return decryptCompact(PART, jwe, seal === 'restricted' ? keys.restrictedKeys : keys.encryptionKeys);
}

/** Signs an attachment's receipt. @throws ZhidaError as `signStatement` does, and for claims that are none. */
export async function signAttachmentReceipt(claims: AttachmentReceiptClaims, keys: KeyDirectory): Promise<string> {
  return signStatement(ATTACHMENT_RECEIPT, claims, keys);
}

/** Verifies an attachment's receipt addressed to the owner of `trusted`. @throws ZhidaError as {@link verifyAttachment} does. */
export async function verifyAttachmentReceipt(jws: string, { trusted }: { trusted: TrustStore }): Promise<AttachmentReceiptClaims> {
  return verifyStatement(ATTACHMENT_RECEIPT, jws, trusted);
}

function readAttachmentClaims(claims: Claims): AttachmentClaims {
  const { head, read } = readStatementHead(claims);
  return {
    ...head,
    attachmentId: read.text('attachmentId'),
    deliveryId: read.text('deliveryId'),
    reportId: read.text('reportId'),
    contentType: read.text('contentType'),
    size: read.integer('size', 1),
    sha256: read.sha256('sha256'),
    parts: read.integer('parts', 1),
    seal: read.oneOf('seal', ATTACHMENT_SEALS),
    at: read.instant('at'),
  };
}

function readReceiptClaims(claims: Claims): AttachmentReceiptClaims {
  const { head, read } = readStatementHead(claims);
  return {
    ...head,
    receiptId: read.text('receiptId'),
    attachmentId: read.text('attachmentId'),
    deliveryId: read.text('deliveryId'),
    reportId: read.text('reportId'),
    sha256: read.sha256('sha256'),
    at: read.instant('at'),
  };
}
