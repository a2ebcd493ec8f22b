import { CommanderError } from 'commander';
import { errorLines } from './error-lines.js';
import { EXIT_USAGE, exitCodeOf } from './exit-codes.js';
import { createProgram } from './program.js';

/** Does what the command line says. What goes wrong is said on standard error and by the exit code; nothing is thrown. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await (await createProgram(args)).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    } else {
      process.stderr.write(`zhida: ${errorLines(error)}\n`);
      process.exitCode = exitCodeOf(error);
    }
  }
}
