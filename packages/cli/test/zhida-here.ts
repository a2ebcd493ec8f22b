import { Readable, Writable } from 'node:stream';
import { runProgram } from '../src/run-program.js';
import type { ProcessResult } from './zhida-process.js';

type StreamName = 'stdin' | 'stdout' | 'stderr';

/** A process has one set of streams: one command after the other. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs `zhida` with standard streams of its own, none of them a terminal, but in this process: loading rules and parsers anew for each
 * command takes seconds. What only a process shows (how it starts and ends) is for `zhida` of `zhida-process.ts`.
 */
export function zhida(args: readonly string[], stdin = ''): Promise<ProcessResult> {
  const result = before.then(() => run(args, stdin));
  before = result.catch(() => undefined);
  return result;
}

async function run(args: readonly string[], stdin: string): Promise<ProcessResult> {
  const [stdout, stderr] = [collector(), collector()];
  const restore = replaceStreams({ stdin: Readable.from([Buffer.from(stdin)]), stdout: stdout.stream, stderr: stderr.stream });
  const exitCode = process.exitCode;
  process.exitCode = undefined;
  try {
    await runProgram(args);
    return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.exitCode = exitCode;
    restore();
  }
}

function collector(): { stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

function replaceStreams(streams: Readonly<Record<StreamName, Readable | Writable>>): () => void {
  const names = Object.keys(streams) as StreamName[];
  const originals = names.map((name) => Object.getOwnPropertyDescriptor(process, name) as PropertyDescriptor);
  for (const name of names) Object.defineProperty(process, name, { value: streams[name], configurable: true });
  return () => {
    for (const [index, name] of names.entries()) Object.defineProperty(process, name, originals[index] as PropertyDescriptor);
  };
}
