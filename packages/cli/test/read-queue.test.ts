import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueueOptions } from '@zhida/relay';
import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '../src/serve/configuration.js';
import { readQueue } from '../src/serve/read-queue.js';

const RELAY = 'keys: keys, data: data, listen: { host: 127.0.0.1, port: 7411 }, profile: sample-county, facilities: [x]';
const LEDGER = 'postgres://127.0.0.1/ledger';
const NODES = 'nodes: [{ host: 10.0.0.1, port: 26379 }, { host: 10.0.0.2, port: 26379 }]';

const parse = (queue: string): ReturnType<typeof parseConfiguration> => parseConfiguration(`relay: { ${RELAY}, queue: ${queue} }`);

/** Reads a queue beside these files. */
async function read(queue: string, files: Readonly<Record<string, string>> = {}): Promise<QueueOptions> {
  const { configuration, problems } = parse(queue);
  expect(problems).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'zhida-queue-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return readQueue(configuration?.relay?.queue, LEDGER, (written) => join(folder, written));
}

describe('what does not go together in a queue is told by place, before anything starts', () => {
  test.each([
    ['{ backend: redis }', 'relay.queue: backend redis needs exactly one of url, sentinel, cluster'],
    [`{ backend: redis, url: a, cluster: { ${NODES} } }`, 'relay.queue: backend redis needs exactly one of url, sentinel, cluster'],
    ['{ backend: postgres, prefix: "{hunter2}" }', 'relay.queue.prefix: is only for backend redis'],
    ['{ backend: redis, url: a, password: hunter2 }', 'relay.queue.password: stands in the URL'],
    [`{ backend: redis, sentinel: { name: hunter2, nodes: [] } }`, 'relay.queue.sentinel.nodes: must not have fewer than 1 items'],
    [`{ backend: redis, sentinel: { ${NODES} } }`, 'relay.queue.sentinel: must have required properties name'],
    [`{ backend: redis, cluster: { ${NODES}, hunter2: 1 } }`, 'relay.queue.cluster.hunter2: not known here'],
    [`{ backend: redis, cluster: { ${NODES} }, tls: { cert: hunter2 } }`, 'relay.queue.tls: cert and key go together'],
    [
      `{ backend: redis, cluster: { ${NODES} }, prefix: 'hunter2' }`,
      'relay.queue.prefix: needs a hash tag, such as {zhida}: a cluster must keep the keys of a queue on one server',
    ],
  ])('%s', (queue, problem) => {
    const { configuration, problems } = parse(queue);
    expect(configuration).toBeUndefined();
    expect(problems).toEqual([`line 1: ${problem}`]);
  });
});

test('every queue that docs/operations/scaling.md shows is one', () => {
  const document = readFileSync(new URL('../../../docs/operations/scaling.md', import.meta.url), 'utf8');
  const shown = [...document.matchAll(/^```yaml\nrelay:\n([^]*?)^```/gm)].map((match) => match[1] ?? '');
  expect(shown).toHaveLength(3);
  const others = '  keys: k\n  data: d\n  listen: { host: h, port: 1 }\n  profile: p\n  facilities: [x]\n';
  for (const queue of shown) expect(parseConfiguration(`relay:\n${others}${queue}`).problems).toEqual([]);
});

test('a queue is the ledger’s own database, one server, the master that sentinels name, or a cluster', async () => {
  expect(await readQueue(undefined, LEDGER, String)).toEqual({ backend: 'postgres', url: LEDGER });
  expect(await read('{ backend: redis, url: url }', { url: 'rediss://user:word@10.0.0.1:6379\n' })).toEqual({
    backend: 'redis',
    url: 'rediss://user:word@10.0.0.1:6379',
  });
  const files = { servers: 'of the servers\n', sentinels: 'of the sentinels\n' };
  expect(
    await read(`{ backend: redis, username: zhida, password: servers, sentinel: { name: queue, password: sentinels, ${NODES} } }`, files),
  ).toEqual({
    backend: 'redis',
    username: 'zhida',
    password: 'of the servers',
    sentinel: {
      name: 'queue',
      password: 'of the sentinels',
      nodes: [
        { host: '10.0.0.1', port: 26_379 },
        { host: '10.0.0.2', port: 26_379 },
      ],
    },
  });
  expect(await read(`{ backend: redis, password: servers, cluster: { ${NODES} }, prefix: '{yunxi}', tls: {} }`, files)).toMatchObject({
    password: 'of the servers',
    prefix: '{yunxi}',
    tls: {},
  });
});

test('a file of the queue that is missing or holds something else is named by its place, and not quoted', async () => {
  const missing = read(`{ backend: redis, password: nowhere, cluster: { ${NODES} } }`);
  await expect(missing).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'relay.queue.password' });
  const noUrl = read('{ backend: redis, url: url }', { url: 'hunter2' });
  await expect(noUrl).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'relay.queue.url' });
  await expect(noUrl).rejects.not.toThrow(/hunter2/);
  const noPem = read(`{ backend: redis, tls: { ca: ca }, cluster: { ${NODES} } }`, { ca: 'hunter2' });
  await expect(noPem).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'relay.queue.tls.ca' });
  const pem = '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n';
  const noPair = read(`{ backend: redis, tls: { cert: pem, key: pem }, cluster: { ${NODES} } }`, { pem });
  await expect(noPair).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'relay.queue.tls' });
});
