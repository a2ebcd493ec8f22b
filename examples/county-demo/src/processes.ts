import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { ZhidaError } from '@zhida/core';
import { CHECKOUT } from './layout.js';
import { type ProgramName, programArguments } from './program.js';

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;

export interface StartedProcess<Ready> {
  readonly name: string;
  readonly pid: number;
  readonly ready: Ready;
  /** Settles when the process has ended, with its exit code or signal. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts one party as a process of its own. The child gets its configuration over the channel, not in arguments (which
 * other users can read), and ends by itself when the channel breaks, so that a killed parent leaves no orphan behind.
 */
export async function startProcess<Config extends object, Ready>(
  name: string,
  program: ProgramName,
  config: Config,
  logFile: string,
  born: (pid: number) => void,
): Promise<StartedProcess<Ready>> {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, programArguments(program), {
    cwd: CHECKOUT,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  if (child.pid !== undefined) born(child.pid);
  const ended = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)));
  const ready = await waitReady<Ready>(child, name, config, ended, logFile);
  return { name, pid: child.pid ?? 0, ready, ended, stop: () => stopChild(child, ended) };
}

interface ChildAnswer<Ready> {
  readonly ready?: Ready;
  readonly failed?: string;
}

async function waitReady<Ready>(
  child: ChildProcess,
  name: string,
  config: object,
  ended: Promise<string>,
  logFile: string,
): Promise<Ready> {
  return new Promise<Ready>((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new ZhidaError('ZD_ERR_OPTION_INVALID', `${why}; its log is ${logFile}`, { at: name }));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`${name} was not ready within ${READY_DEADLINE_MS / 1_000} s`);
    }, READY_DEADLINE_MS);
    child.on('message', (answer: ChildAnswer<Ready>) => {
      if (answer.failed !== undefined) return fail(answer.failed);
      if (answer.ready === undefined) return;
      clearTimeout(timer);
      resolve(answer.ready);
    });
    void ended.then((how) => fail(`${name} ended before it was ready (${how})`));
    child.send(config);
  });
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(timer);
}
