import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@zhida/core';
import { expect, test } from 'vitest';
import { builtScript } from '../../../test/fault/support/built-script.js';
import { openFileInbox } from '../src/file.js';
import { makePair } from './keys.js';

test('INV-2 after a kill at any moment the file inbox holds every delivery it had answered, with the same receipt', async () => {
  const pair = await makePair(systemClock);
  const directory = join(pair.root, 'inbox');
  const answered = new Map<string, string>();
  for (const enough of [7, 50, 131]) {
    const script = await builtScript(fileURLToPath(new URL('crash/take-for-ever.ts', import.meta.url)));
    const child = spawn(process.execPath, [script, directory, pair.agency.directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    const until = answered.size + enough;
    for await (const line of createInterface({ input: child.stdout })) {
      const [deliveryId = '', jws = ''] = line.split(' ');
      if (jws !== '') answered.set(deliveryId, jws);
      if (answered.size >= until) child.kill('SIGKILL');
    }
    expect((await exit)[1]).toBe('SIGKILL');
    const inbox = await openFileInbox({ directory, keys: pair.agency });
    for (const [deliveryId, jws] of answered) {
      expect((await inbox.find(deliveryId))?.receipts.map((receipt) => receipt.jws)).toEqual([jws]);
      expect((await inbox.payload(deliveryId))?.byteLength).toBe(20_000);
    }
    await inbox.close();
  }
  await pair.remove();
});
