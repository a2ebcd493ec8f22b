import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, freePort, waitUntil } from '@zhida/testkit';

/** A redis-server that can be stopped and come back at the same address, empty. */
export interface RestartableRedis {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** It keeps its connections and takes new ones, and answers nothing. */
  freeze(): void;
  /** Sends one inline command. @returns the first line of the answer. */
  command(line: string): Promise<string>;
  close(): Promise<void>;
}

export async function restartableRedis(): Promise<RestartableRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-fault-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function stop(): Promise<void> {
    const ending = server;
    server = undefined;
    await endChild(ending, 'SIGKILL');
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const options = ['--dir', directory, '--appendonly', 'no', '--save', '', '--maxmemory-policy', 'noeviction', '--daemonize', 'no'];
      server = spawn('redis-server', ['--bind', '127.0.0.1', '--port', String(port), ...options], { stdio: 'ignore' });
      await waitUntil(async () => (await command(port, 'PING')) === '+PONG', { what: 'redis-server answers' });
    },
    stop,
    freeze: () => void server?.kill('SIGSTOP'),
    command: (line) => command(port, line),
    async close() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function command(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString('utf8').split('\r\n')[0] ?? '');
    });
  });
}
