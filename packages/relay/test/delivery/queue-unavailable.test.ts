import { expect, test } from 'vitest';
import { createQueue } from '../../src/delivery/queue.js';

test('a queue that is not started takes nothing and says so', async () => {
  const queue = createQueue({
    options: { backend: 'postgres', url: 'postgres://127.0.0.1:9/none' },
    settings: { concurrency: 1, queueTimeoutMs: 1_000 },
    deliver: () => Promise.reject(new Error('nothing is delivered')),
    onError: () => undefined,
  });
  await expect(queue.add([])).rejects.toMatchObject({ code: 'ZD_ERR_QUEUE_UNAVAILABLE' });
});
