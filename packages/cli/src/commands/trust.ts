import type { Command } from 'commander';

export function registerTrust(program: Command): void {
  program.command('trust');
}
