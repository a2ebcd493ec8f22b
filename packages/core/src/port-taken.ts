import { ZhidaError } from './errors.js';

/** Why a service could not listen, as `ZD_ERR_PORT_TAKEN`; undefined when it was for something else than a port that another program has. */
export function asPortTaken(error: unknown): ZhidaError | undefined {
  if ((error as { code?: unknown }).code !== 'EADDRINUSE') return undefined;
  return new ZhidaError('ZD_ERR_PORT_TAKEN', 'another program listens on this port', { at: 'listen.port', cause: error });
}
