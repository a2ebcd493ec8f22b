export { isPermitted, type Network, parseNetwork } from './delivery/addresses.js';
export { createEgress, type Egress, type Incoming, type Outgoing, type Post } from './delivery/egress.js';
export { inspectRedis, type RedisSettings } from './delivery/inspect-redis.js';
export type { DutyContact, Notice, NoticeChannel, NoticeOutcome } from './escalation/channel.js';
export { logChannel } from './escalation/channels/log.js';
export { mailChannel, type MailChannelOptions } from './escalation/channels/mail.js';
export { smsChannel, type SmsGateway } from './escalation/channels/sms.js';
export { type HttpSmsOptions, smsOverHttp, smsProblems } from './escalation/channels/sms-over-http.js';
export { webhookChannel, type WebhookChannelOptions } from './escalation/channels/webhook.js';
export { DEFAULT_CLOCKS, type EscalationClocks, type StageMinutes } from './escalation/ladder.js';
export { keepsRoster, rosterGaps, type RosterGap } from './escalation/roster.js';
export type { EscalationSweep } from './escalation/sweep.js';
export type { DeliverySettings } from './delivery/settings.js';
export { DELIVERY_DEFAULTS, dividedBy, resolveDelivery } from './delivery/settings.js';
export type { Claim, ClaimWish } from './ledger/claim.js';
export type { DueDelivery } from './ledger/due.js';
export type { Ledger } from './ledger/ledger.js';
export type { LedgerCounts, ListedDelivery, WaitsFor } from './ledger/listing.js';
export type { VerifiedReceipt } from './ledger/receipts.js';
export type { StatusHeadline, ReportStatus, StatusLine, StatusRecipient } from './ledger/status.js';
export { createLogger, REDACTED_PATHS } from './logger.js';
export { relayMigrations } from './migrations.js';
export type {
  EndpointPolicy,
  EscalationOptions,
  NetworkAddress,
  ProfileRecipient,
  QueueOptions,
  RedisLogin,
  RedisQueue,
  RelayOptions,
  RelayProfile,
  TlsFiles,
} from './options.js';
export {
  type Difference,
  IDS_SHOWN,
  type PressedReconciliation,
  type Reconciliation,
  reconcileLedger,
  reconcilePresses,
} from './reconcile/reconcile.js';
export { type AddressTable, type AddressTableReading, readAddressTable } from './routing/address-table.js';
export { createRelay, type Relay } from './relay.js';
export type { AttemptOutcome, DeliveryState, HoldReason, PartyName, Priority, RelaySchema } from './schema.js';
