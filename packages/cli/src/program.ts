import { Command } from 'commander';
import { version } from './version.js';

type Register = (program: Command) => void;

/** Each command with what it needs: parsers, rules and the relay are large, and making a key needs none of them. */
const COMMANDS: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['scan', async () => (await import('./commands/scan.js')).registerScan],
  ['explain', async () => (await import('./commands/explain.js')).registerExplain],
  ['backtest', async () => (await import('./commands/backtest.js')).registerBacktest],
  ['map', async () => (await import('./commands/map.js')).registerMap],
  ['pack', async () => (await import('./commands/pack.js')).registerPack],
  ['keys', async () => (await import('./commands/keys.js')).registerKeys],
  ['trust', async () => (await import('./commands/trust.js')).registerTrust],
  ['audit', async () => (await import('./commands/audit.js')).registerAudit],
  ['relay', async () => (await import('./commands/serve.js')).registerRelay],
  ['gateway', async () => (await import('./commands/serve.js')).registerGateway],
  ['up', async () => (await import('./commands/serve.js')).registerUp],
  ['agency', async () => (await import('./commands/serve.js')).registerAgency],
  ['config', async () => (await import('./commands/serve.js')).registerConfig],
  ['doctor', async () => (await import('./commands/doctor.js')).registerDoctor],
  ['roster', async () => (await import('./commands/roster.js')).registerRoster],
  ['deliveries', async () => (await import('./commands/deliveries.js')).registerDeliveries],
  ['alarms', async () => (await import('./commands/alarms.js')).registerAlarms],
  ['dead-letters', async () => (await import('./commands/dead-letters.js')).registerDeadLetters],
  ['exchanges', async () => (await import('./commands/exchanges.js')).registerExchanges],
  ['endpoints', async () => (await import('./commands/endpoints.js')).registerEndpoints],
  ['paper', async () => (await import('./commands/paper.js')).registerPaper],
  ['reconcile', async () => (await import('./commands/reconcile.js')).registerReconcile],
]);

/**
 * The command line, not yet parsed: the one command that `args` begin with, or all of them where they name none. A usage error
 * throws commander's `CommanderError` instead of leaving the process.
 */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('zhida')
    .description('一键智达: see that a child may have been harmed, report with one press, prove that nothing was lost')
    .version(version)
    .showHelpAfterError('(add --help to see what this command takes)')
    .exitOverride();
  const named = COMMANDS.get(args[0] ?? '');
  for (const load of named === undefined ? COMMANDS.values() : [named]) (await load())(program);
  return program;
}
