#!/usr/bin/env node
import { isZhidaError } from '@zhida/core';
import { Command, CommanderError } from 'commander';
import { registerAudit } from './commands/audit.js';
import { registerKeys } from './commands/keys.js';
import { registerScan } from './commands/scan.js';
import { registerTrust } from './commands/trust.js';
import { exitCodeOf } from './exit-codes.js';

const program = new Command('zhida')
  .description('一键智达: see that a child may have been harmed, report with one press, prove that nothing was lost')
  .showHelpAfterError()
  .exitOverride();

for (const register of [registerScan, registerKeys, registerTrust, registerAudit]) register(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 64;
  } else {
    const line = isZhidaError(error) ? `${error.code}${error.at === undefined ? '' : ` at ${error.at}`}: ${error.message}` : String(error);
    process.stderr.write(`zhida: ${line}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
