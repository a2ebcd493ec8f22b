import { isZhidaError, ZhidaError } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import type { Overlay } from '@zhida/detect';
import { createGateway, type FeedConfig, type GatewaySchema } from '@zhida/gateway';
import type { RulePack } from '@zhida/packs';
import { openKeyDirectory } from '@zhida/signing';
import { readOverlay } from '../pack/file.js';
import { secretIn } from './configuration.js';
import type { FeedSection } from './configuration-schema.js';
import { readProfile } from './jurisdiction.js';
import { rulePackOf } from './rule-pack.js';
import type { Service, ServiceContext } from './service.js';
import { urlOf } from './start-relay.js';

/** RFC 6750 §2.1: what may stand behind `Bearer`. */
const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Starts the gateway of a configuration. @throws ZhidaError where a setting, a key, a pack or the database will not do */
export async function startGateway(context: ServiceContext): Promise<Service> {
  const { configuration, databases, path, logger } = context;
  const section = configuration.gateway;
  if (section === undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the configuration has no gateway', { at: 'gateway' });
  const pack = await rulePackOf(section, path);
  const overlay = section.overlay === undefined ? undefined : await overlayOf(path(section.overlay), pack);
  const keys = await openKeyDirectory(path(section.keys));
  const database = openDatabase<GatewaySchema>({
    url: await databases.urlOf('gateway', section.database),
    applicationName: 'zhida gateway',
  });
  const gateway = await createGateway({
    database,
    keys,
    relayParty: section.relayParty,
    facility: section.facility,
    profile: await readProfile(section.profile, path, 'gateway.profile'),
    pack,
    ...(overlay === undefined ? {} : { overlay }),
    dataDirectory: path(section.data),
    listen: section.listen,
    exercises: configuration.exercises ?? [],
    hisOrigins: section.hisOrigins ?? [],
    feeds: (section.feeds ?? []).map((feed, index) => feedOf(feed, index, path)),
    logger,
  });
  await gateway.start();
  return {
    url: urlOf(section.listen),
    async stop() {
      await gateway.stop();
      await database.close();
    },
  };
}

/** Said of the configuration, not of the file's own form: a gateway that cannot use it does not start, as with any other setting. */
async function overlayOf(file: string, pack: RulePack): Promise<Overlay> {
  try {
    return await readOverlay(file, pack);
  } catch (cause) {
    const [message, at] = isZhidaError(cause) ? [cause.message, cause.at ?? file] : ['the overlay cannot be read', file];
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', message, { at: `gateway.overlay ${at}`, cause });
  }
}

/** A feed as the gateway takes it: paths start from the configuration's folder, and a token is read when it is needed. */
function feedOf(feed: FeedSection, index: number, path: (written: string) => string): FeedConfig {
  if (feed.kind === 'mllp') return feed;
  if (feed.kind === 'folder') {
    const mapping = feed.mapping === undefined ? {} : { mapping: path(feed.mapping) };
    return { ...feed, path: path(feed.path), ...mapping };
  }
  if (feed.kind === 'fhir-poll') {
    const { token, ...rest } = feed;
    if (token === undefined) return rest;
    return { ...rest, bearerToken: () => secretIn(path(token), `gateway.feeds[${index}].token`, BEARER_TOKEN) };
  }
  const mappings = Object.entries(feed.mappings ?? {}).map(([name, file]) => [name, path(file)] as const);
  return { ...feed, mappings: Object.fromEntries(mappings) };
}
