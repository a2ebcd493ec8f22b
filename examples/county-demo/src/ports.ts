import { createServer } from 'node:net';
import { ZhidaError } from '@zhida/core';
import { HOST, type Layout, type ListenerName } from './layout.js';

/**
 * Asks for every port before anything is started.
 *
 * @throws ZhidaError `ZD_ERR_PORT_TAKEN` naming the port, who wanted it, and the option that changes it.
 */
export async function requireFreePorts(layout: Layout, listeners: readonly ListenerName[]): Promise<void> {
  for (const name of listeners) {
    const port = layout.port(name);
    if (await isTaken(port)) {
      throw new ZhidaError(
        'ZD_ERR_PORT_TAKEN',
        `port ${port}, wanted for ${name}, is taken by another program; choose others with --base-port`,
        { at: name },
      );
    }
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(true) : reject(error)));
    probe.listen(port, HOST, () => probe.close(() => resolve(false)));
  });
}
