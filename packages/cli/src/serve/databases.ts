import { ZhidaError } from '@zhida/core';
import { type EmbeddedServer, startEmbeddedPostgres } from '@zhida/database/embedded';
import { type ReadConfiguration, secretIn } from './configuration.js';

/** How the URL of a database begins, in a file that holds one. */
export const POSTGRES_URL = /^postgres(ql)?:\/\//;

/** Gives each service the URL of its database. */
export interface Databases {
  urlOf(service: 'relay' | 'gateway' | 'agency', named: string | undefined): Promise<string>;
  stop(): Promise<void>;
}

/** Services name a database of their own, or share the embedded server, which is started when the first one asks for it. */
export function openDatabases({ configuration, path }: ReadConfiguration): Databases {
  let server: Promise<EmbeddedServer> | undefined;
  return {
    async urlOf(service, named) {
      if (named !== undefined) return secretIn(path(named), `${service}.database`, POSTGRES_URL);
      if (configuration.embedded === undefined) {
        throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'name a database, or a folder for the embedded one', { at: `${service}.database` });
      }
      server ??= startEmbeddedPostgres({ directory: path(configuration.embedded) });
      const { url } = await (await server).ensureDatabase({ database: `zhida_${service}`, role: `zhida_${service}` });
      return url;
    },
    async stop() {
      await (await server)?.stop();
    },
  };
}
