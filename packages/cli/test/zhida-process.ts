import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface ProcessResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `zhida` from source as the root script does: a process of its own, its standard output no terminal; `unread`: one that is closed already. */
export async function zhida(args: readonly string[], stdin = '', { unread = false } = {}): Promise<ProcessResult> {
  const child = spawn(process.execPath, ['--conditions=@zhida/source', '--import', 'tsx', 'packages/cli/src/zhida.ts', ...args], {
    cwd: root,
  });
  child.stdin.end(stdin);
  if (unread) child.stdout.destroy();
  const [stdout, stderr, code] = await Promise.all([
    unread ? '' : textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject)),
  ]);
  return { code, stdout, stderr };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Every line of JSON Lines, parsed; throws where anything else is among them. */
export function jsonLines(text: string): Record<string, unknown>[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line does not end');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
