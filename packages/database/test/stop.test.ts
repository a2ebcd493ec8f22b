import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { startDeadline } from '../src/embedded/deadline.js';
import { identityOf, isAlive } from '../src/embedded/process-identity.js';
import { stopPostmaster } from '../src/embedded/stop.js';

const DEAF =
  "for (const name of ['SIGINT', 'SIGQUIT']) process.on(name, () => undefined); setInterval(() => undefined, 1000); process.send('deaf');";

test.runIf(process.platform !== 'win32')('a server that ends at neither signal is told to whoever stops it, and goes on', async () => {
  const child = spawn(process.execPath, ['--eval', DEAF], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new TypeError('it is there');
  const stopped = stopPostmaster({ process: identity, port: 0 }, startDeadline(0), 0);
  await expect(stopped).rejects.toMatchObject({ code: 'ZD_ERR_DATABASE_STOP' });
  expect(isAlive(identity)).toBe(true);
});
