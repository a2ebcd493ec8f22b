import { isZhidaError } from '@zhida/core';
import { CommanderError } from 'commander';
import { EXIT_USAGE, exitCodeOf } from './exit-codes.js';
import { createProgram } from './program.js';

/** Does what the command line says. What goes wrong is one line on standard error and the exit code; nothing is thrown. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await (await createProgram(args)).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    } else {
      const line = isZhidaError(error)
        ? `${error.code}${error.at === undefined ? '' : ` at ${error.at}`}: ${error.message}`
        : String(error);
      process.stderr.write(`zhida: ${line}\n`);
      process.exitCode = exitCodeOf(error);
    }
  }
}
