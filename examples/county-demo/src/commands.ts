import { createProgram, exitCodeOf } from '@zhida/cli';
import { isZhidaError } from '@zhida/core';
import { AFTER_EACH } from './command.js';

// Several commands of `zhida` one after the other, up to the first that fails: each has the program's own words and exit code.
const commands = JSON.parse(process.argv[2] ?? '[]') as string[][];
try {
  for (const args of commands) {
    await (await createProgram(args)).parseAsync(args, { from: 'user' });
    process.stdout.write(AFTER_EACH);
  }
} catch (error) {
  process.stderr.write(isZhidaError(error) ? `${error.code}: ${error.message}\n` : `${String(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
