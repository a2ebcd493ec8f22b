export { assertDurable } from './durable.js';
export { type SqlExecutor, executorOf } from './executor.js';
export { inspectSchema, type Migration, migrate } from './migrate.js';
export { type OpenDatabase, type OpenOptions, openDatabase } from './open.js';
export { asUnavailable } from './unavailable.js';
