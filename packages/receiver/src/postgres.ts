export { openPostgresInbox, type PostgresInboxOptions } from './postgres/inbox.js';
export { receiverMigrations } from './postgres/migrations.js';
export type { ReceiverSchema } from './postgres/schema.js';
