import type { QueueSection } from './configuration-schema.js';

/** Redis Cluster specification, "hash tags": keys with the same words in the first braces lie on one server. */
const HASH_TAG = /^[^{]*\{[^}]+\}/;
const SERVERS = ['url', 'sentinel', 'cluster'] as const;

/** What of a queue does not go together: where, and why. */
export function queueProblems(queue: QueueSection): [steps: string[], why: string][] {
  const { backend, ...redis } = queue;
  const given = SERVERS.filter((way) => redis[way] !== undefined);
  if (backend === 'postgres') return Object.keys(redis).map((name) => [[name], 'is only for backend redis']);
  const problems: [string[], string][] = [];
  if (given.length !== 1) problems.push([[], 'backend redis needs exactly one of url, sentinel, cluster']);
  for (const name of ['username', 'password'] as const)
    if (redis.url !== undefined && redis[name] !== undefined) problems.push([[name], 'stands in the URL']);
  if ((redis.tls?.cert === undefined) !== (redis.tls?.key === undefined)) problems.push([['tls'], 'cert and key go together']);
  if (redis.prefix !== undefined && !HASH_TAG.test(redis.prefix))
    problems.push([['prefix'], 'needs a hash tag, such as {zhida}: a cluster must keep the keys of a queue on one server']);
  return problems;
}
