import { Command } from 'commander';
import { registerAudit } from './commands/audit.js';
import { registerKeys } from './commands/keys.js';
import { registerMap } from './commands/map.js';
import { registerReconcile } from './commands/reconcile.js';
import { registerScan } from './commands/scan.js';
import { registerTrust } from './commands/trust.js';

/** The whole command line, not yet parsed. A usage error throws commander's `CommanderError` instead of leaving the process. */
export function createProgram(): Command {
  const program = new Command('zhida')
    .description('一键智达: see that a child may have been harmed, report with one press, prove that nothing was lost')
    .showHelpAfterError('(add --help to see what this command takes)')
    .exitOverride();
  for (const register of [registerScan, registerMap, registerKeys, registerTrust, registerAudit, registerReconcile]) register(program);
  return program;
}
