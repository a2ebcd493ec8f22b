import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT } from './layout.js';

const run = promisify(execFile);

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `zhida …` as a person would, in a process of its own, from source. */
export async function zhida(...args: string[]): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await run(
      process.execPath,
      ['--conditions=@zhida/source', '--import', 'tsx', join(CHECKOUT, 'packages/cli/src/zhida.ts'), ...args],
      {
        cwd: CHECKOUT,
        maxBuffer: 16 * 1024 * 1024,
      },
    );
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : 70, stdout: stdout ?? '', stderr: stderr ?? '' };
  }
}
