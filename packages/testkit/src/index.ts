export { canaries, canaryValues, findCanaries } from './canaries.js';
export { type Deployment, deployment, redisDatabase, type TestQueue, testQueue } from './deployment.js';
export { endChild } from './end-child.js';
export { freePort, isFreePort } from './free-port.js';
export { type FrozenClock, frozenClock } from './frozen-clock.js';
export { type RedisServer, hasRedis, startRedisServer } from './redis-server.js';
export { describeWithRedis, redisUrl, requireRedis } from './redis.js';
export { type Tables, type TestDatabase, createTestDatabase } from './test-database.js';
export { waitUntil } from './wait-until.js';
