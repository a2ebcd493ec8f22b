import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ZhidaError } from '@zhida/core';
import { CHECKOUT, DEFAULT_BASE_PORT } from './layout.js';

export interface DemoOptions {
  readonly once: boolean;
  readonly help: boolean;
  readonly directory: string;
  readonly basePort: number;
  /** How many relay processes work over the one ledger. */
  readonly relays: 1 | 2;
  /** The redis-server that carries the wake-ups instead of PostgreSQL. */
  readonly redisUrl: string | undefined;
}

export const HELP = `pnpm demo [options]

  Starts a county on this machine: a demo HIS, a hospital (gateway and relay), police and civil affairs.
  --once            press by itself, verify every step, end; exit 0 only if all of it held
  --base-port N     use ports N … N+22 (default ${DEFAULT_BASE_PORT})
  --relays 1|2      relay processes over the one ledger (default 1)
  --redis URL       wake-ups over this redis-server (default: PostgreSQL)
  --directory DIR   keep data and keys in DIR (default .zhida)
  --help            this text
`;

export function parseOptions(argv: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    // pnpm passes a lone `--` on.
    args: argv.filter((argument) => argument !== '--'),
    options: {
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      directory: { type: 'string', default: join(CHECKOUT, '.zhida') },
      relays: { type: 'string', default: '1' },
      redis: { type: 'string' },
      'base-port': { type: 'string', default: String(DEFAULT_BASE_PORT) },
    },
  });
  const basePort = Number(values['base-port']);
  if (!Number.isInteger(basePort) || basePort < 1024 || basePort > 65_500) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', '--base-port takes a number from 1024 to 65500', { at: '--base-port' });
  }
  if (values.relays !== '1' && values.relays !== '2') {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', '--relays takes 1 or 2', { at: '--relays' });
  }
  return {
    once: values.once,
    help: values.help,
    directory: resolve(values.directory),
    basePort,
    relays: values.relays === '1' ? 1 : 2,
    redisUrl: values.redis,
  };
}
