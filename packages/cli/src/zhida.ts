#!/usr/bin/env node
import { isZhidaError } from '@zhida/core';
import { CommanderError } from 'commander';
import { EXIT_USAGE, exitCodeOf } from './exit-codes.js';
import { createProgram } from './program.js';

// Whoever read the output has seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  const args = process.argv.slice(2);
  await (await createProgram(args)).parseAsync(args, { from: 'user' });
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    const line = isZhidaError(error) ? `${error.code}${error.at === undefined ? '' : ` at ${error.at}`}: ${error.message}` : String(error);
    process.stderr.write(`zhida: ${line}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
