import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CHECKOUT } from './layout.js';
import { type ProgramName, programArguments } from './program.js';

const run = promisify(execFile);

/** What `commands.ts` writes after what a command has written. */
export const AFTER_EACH = '\0';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `zhida …` as a person would, in a process of its own. */
export async function zhida(...args: string[]): Promise<CommandResult> {
  return runProgram('zhida', args);
}

/**
 * Runs several commands in one process, one after the other: to load the program anew for each takes a second. It ends with the first
 * that fails.
 * @returns what each that ended well wrote to standard output; the code and standard error of all of them
 */
export async function zhidaEach(
  commands: readonly (readonly string[])[],
): Promise<Omit<CommandResult, 'stdout'> & { readonly said: string[] }> {
  const { code, stdout, stderr } = await runProgram('commands', [JSON.stringify(commands)]);
  return { code, stderr, said: stdout.split(AFTER_EACH).slice(0, -1) };
}

async function runProgram(program: ProgramName, args: readonly string[]): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await run(process.execPath, [...programArguments(program), ...args], {
      cwd: CHECKOUT,
      maxBuffer: 16 * 1024 * 1024,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : 70, stdout: stdout ?? '', stderr: stderr ?? '' };
  }
}
