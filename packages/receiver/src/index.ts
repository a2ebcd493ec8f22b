export { addOfficer, type Officer, type OfficerDirectory, openOfficers, removeOfficer, SESSION_SECONDS } from '@zhida/signing';
export type { AcceptInput, FeedbackInput, MisdirectedInput } from './acts.js';
export { ATTACHMENT_LIMIT_BYTES, type OpenedAttachment } from './attachments.js';
export { createExchanger, type ExchangedDay, type Exchanger, type ExchangerOptions } from './exchange.js';
export { receiverPlugin, type ReceiverPluginOptions } from './http/plugin.js';
export type {
  AttachmentRecord,
  AuditDraft,
  Change,
  ClaimActs,
  DeliveryHeader,
  DueMessage,
  FeedbackNote,
  Inbox,
  InboxRecord,
  NewAttachment,
  NewDelivery,
  OutboxMessage,
  StageReceipt,
  Taken,
  TrailEntry,
} from './inbox.js';
export { type ReceiverLogger, silentLogger } from './logger.js';
export { createFerry, type Ferry, type FerryOptions, ferryFetch } from './roads/ferry.js';
export { createPuller, type Puller, type PullerOptions } from './roads/pull.js';
export { type FlushResult, OUTBOX_DEFAULTS, type OutboxSettings } from './outbox.js';
export type { InboxRow, OpenedGroup, OpenedReport } from './reading.js';
export { ENVELOPE_LIMIT_BYTES, type ReceiveAnswer, type ReceivedHeaders } from './receive.js';
export { createRelayRounds, type RelayRounds, type RelayRoundsOptions } from './relay-rounds.js';
export { createReceiver, LIST_LIMIT, type Receiver, type ReceiverOptions } from './receiver.js';
export type { Summary } from './summary.js';
