import { createSecureContext } from 'node:tls';
import { ZhidaError } from '@zhida/core';
import type { QueueOptions, RedisLogin, TlsFiles } from '@zhida/relay';
import { secretIn } from './configuration.js';
import type { QueueSection } from './configuration-schema.js';

const AT = 'relay.queue';
const REDIS_URL = /^rediss?:\/\//;
const PASSWORD = /^.+$/;
const PEM = /^-----BEGIN /;

/** Reads the files a queue names. @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the place of the configuration */
export async function readQueue(
  queue: QueueSection | undefined,
  ledgerUrl: string,
  path: (written: string) => string,
): Promise<QueueOptions> {
  if (queue?.backend !== 'redis') return { backend: 'postgres', url: ledgerUrl };
  const { url, sentinel, cluster, prefix } = queue;
  const login = async (of: RedisLogin, at: string): Promise<RedisLogin> => readLogin(of, at, path);
  const common = {
    backend: 'redis' as const,
    ...(prefix === undefined ? {} : { prefix }),
    ...(queue.tls === undefined ? {} : { tls: await readTls(queue.tls, path) }),
  };
  if (sentinel !== undefined) {
    const { name, nodes } = sentinel;
    return { ...common, ...(await login(queue, AT)), sentinel: { name, nodes, ...(await login(sentinel, `${AT}.sentinel`)) } };
  }
  if (cluster !== undefined) return { ...common, ...(await login(queue, AT)), cluster };
  return { ...common, url: await secretIn(path(url ?? ''), `${AT}.url`, REDIS_URL) };
}

async function readLogin({ username, password }: RedisLogin, at: string, path: (written: string) => string): Promise<RedisLogin> {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: await secretIn(path(password), `${at}.password`, PASSWORD) }),
  };
}

async function readTls(files: NonNullable<QueueSection['tls']>, path: (written: string) => string): Promise<TlsFiles> {
  const read = Object.entries(files).map(async ([name, file]) => [name, await secretIn(path(file), `${AT}.tls.${name}`, PEM)]);
  const tls = Object.fromEntries(await Promise.all(read)) as TlsFiles;
  try {
    createSecureContext(tls);
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the files it names are no certificate and key that belong together', {
      at: `${AT}.tls`,
      cause,
    });
  }
  return tls;
}
