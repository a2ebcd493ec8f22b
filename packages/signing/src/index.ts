export {
  type AssertionClaims,
  ASSERTION_SECONDS_MAX,
  type SignAssertionOptions,
  signAssertion,
  type VerifyAssertionOptions,
  verifyAssertion,
} from './assertion.js';
export {
  ATTACHMENT_SEALS,
  type AttachmentClaims,
  type AttachmentReceiptClaims,
  type AttachmentSeal,
  attachmentPartSealer,
  openAttachmentPart,
  signAttachment,
  signAttachmentReceipt,
  verifyAttachment,
  verifyAttachmentReceipt,
} from './attachment.js';
export { createSealer, type Sealer } from './at-rest.js';
export { type AttestationClaims, HANDOVER_WAYS, type HandoverWay, signAttestation, verifyAttestation } from './attestation.js';
export {
  type EnvelopeClaims,
  openEnvelope,
  type OpenedEnvelope,
  type OpenEnvelopeOptions,
  sealEnvelope,
  type SealEnvelopeOptions,
} from './envelope.js';
export { EXCHANGE_IDS_MAX, type ExchangeClaims, signExchange, verifyExchange } from './exchange.js';
export {
  CIVIL_AFFAIRS_FEEDBACK_CODES,
  type FeedbackClaims,
  type FeedbackCode,
  feedbackCodesOf,
  POLICE_FEEDBACK_CODES,
  signFeedback,
  verifyFeedback,
} from './feedback.js';
export { FORWARDED_KINDS, type ForwardedKind, verifyForwarded } from './forwarded.js';
export { jwksOf } from './keys/jwks.js';
export { createKeyDirectory, type CreateKeyDirectoryOptions, type KeyDirectory, openKeyDirectory } from './keys/key-directory.js';
export type { PrivateKey } from './keys/key-file.js';
export { rotateKeys, type RotateOptions } from './keys/rotate.js';
export { carriesMode, KEY_MODES, type KeyMode, type PayloadMode } from './mode.js';
export { type OpeningClaims, signOpening, verifyOpening } from './opening.js';
export { addOfficer, type Officer, type OfficerDirectory, openOfficers, removeOfficer } from './people/officers.js';
export {
  createPageSignIn,
  formTokenField,
  type PageRequest,
  type PageSignIn,
  requireOwnOrigin,
  type Viewer,
} from './people/page-sign-in.js';
export { createSessions, type IssuedSession, SESSION_SECONDS, type Sessions } from './people/sessions.js';
export { PARTY_ROLES, type PartyRole, roleOfParty } from './party.js';
export {
  type ExpectedReceipt,
  RECEIPT_STAGES,
  type ReceiptClaims,
  type ReceiptStage,
  requireExpected,
  signReceipt,
  verifyReceipt,
} from './receipt.js';
export { openRestricted, sealRestricted, sealRestrictedGroups } from './restricted.js';
export { sha256Hex } from './sha256-hex.js';
export {
  signTicket,
  TICKET_SECONDS_MAX,
  type TicketClaims,
  type TicketReporter,
  verifyTicket,
  type VerifyTicketOptions,
} from './ticket.js';
export { type AddedTrust, addTrust, type AddTrustOptions } from './trust/add-trust.js';
export { exportTrustFile, type ExportTrustOptions } from './trust/export-trust-file.js';
export { trustFingerprint } from './trust/fingerprint.js';
export { type PublicJwk, readTrustFile, type TrustFile } from './trust/trust-file.js';
export type { Owner, TrustStore } from './trust/trust-store.js';
export type { PublicKey, TrustedParty } from './trust/trusted-party.js';
export {
  type VerifiedWebhook,
  verifyWebhook,
  type VerifyWebhookOptions,
  webhookHeaders,
  type WebhookHeaders,
  type WebhookOptions,
} from './webhook.js';
