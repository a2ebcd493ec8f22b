import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { keptScript } from './built-script.js';

const CHECKOUT = join(import.meta.dirname, '../../..');
const MESSAGE_MS = 60_000;
/** What lives for seconds never gets back what its optimising costs: a fifth of its work. */
const NEVER_OPTIMISED = ['--max-opt=1'];

/** A real process of its own that runs one of the scripts beside this file. */
export interface Child {
  readonly pid: number;
  send(message: unknown): void;
  /** The next message for which `wanted` holds, also one that came before. */
  message<Message>(wanted: (message: Message) => boolean, what: string): Promise<Message>;
  /** Everything it has said. */
  messages<Message>(): readonly Message[];
  signal(name: NodeJS.Signals): void;
  /** How it ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Builds one of the scripts beside this file, once; whoever has something else to do begins it before. */
export function buildChild(script: string): Promise<string[]> {
  return keptScript(join(import.meta.dirname, script));
}

export async function startChild(script: string, options: unknown): Promise<Child> {
  const child = spawn(process.execPath, [...NEVER_OPTIMISED, ...(await buildChild(script)), JSON.stringify(options)], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  const ended: Child['ended'] = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  return {
    pid: child.pid ?? 0,
    send: (message) => child.send(message as object),
    message: (wanted, what) => nextMessage(child, messages, wanted, what),
    messages: <Message>() => messages as readonly Message[],
    signal: (name) => void child.kill(name),
    ended,
  };
}

async function nextMessage<Message>(
  child: ChildProcess,
  messages: readonly unknown[],
  wanted: (message: Message) => boolean,
  what: string,
): Promise<Message> {
  const found = (): Message | undefined => (messages as readonly Message[]).find(wanted);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(new Error(`not within ${MESSAGE_MS} ms: ${what}`)), MESSAGE_MS);
    const look = (): void => {
      const message = found();
      if (message !== undefined) finish(message);
    };
    const gone = (): void => finish(new Error(`the process ended before: ${what}`));
    function finish(end: Message | Error): void {
      clearTimeout(timer);
      child.off('message', look);
      child.off('exit', gone);
      if (end instanceof Error) reject(end);
      else resolve(end);
    }
    child.on('message', look);
    child.on('exit', gone);
    look();
    if (child.exitCode !== null || child.signalCode !== null) gone();
  });
}
