export { type Gateway, createGateway } from './gateway.js';
export { GATEWAY_DEFAULTS, type GatewayFacility, type GatewayOptions, type GatewaySettings } from './options.js';
export { type PromptReason, type PromptView, maskName } from './prompts/view.js';
export { type GatewaySchema, gatewayMigrations } from './schema.js';
