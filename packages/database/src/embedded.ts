export type { EmbeddedServer } from './embedded/embedded-server.js';
export { type ProvisionOptions, provisionDatabase } from './embedded/provision-database.js';
export { type EmbeddedOptions, startEmbeddedPostgres } from './embedded/start.js';
