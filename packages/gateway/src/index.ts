export type {
  FeedConfig,
  FhirPollFeedConfig,
  FhirPollLimits,
  FolderFeedConfig,
  FolderFormat,
  Hl7FeedOptions,
  HttpFeedConfig,
  MllpFeedConfig,
} from './feeds/config.js';
export { type Gateway, createGateway } from './gateway.js';
export { gatewayMigrations } from './migrations.js';
export type { Adviser, GatewayFacility, GatewayOptions } from './options.js';
export type { EvidenceLine } from './prompts/evidence.js';
export { maskName } from './prompts/mask.js';
export { hasRisen, promptingIndications } from './prompts/reasons.js';
export type { PrefilledReport } from './prompts/prefill.js';
export type { PromptReport } from './prompts/reports.js';
export type { PromptReason, PromptView } from './prompts/view.js';
export type { Purged } from './purge.js';
export type { GatewaySchema } from './schema.js';
export { GATEWAY_DEFAULTS, type GatewaySettings } from './settings.js';
