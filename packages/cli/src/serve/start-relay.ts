import { readFile } from 'node:fs/promises';
import { systemClock, ZhidaError } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import {
  createEgress,
  createRelay,
  type EscalationOptions,
  logChannel,
  mailChannel,
  type NoticeChannel,
  readAddressTable,
  type RelaySchema,
  smsChannel,
  smsOverHttp,
  webhookChannel,
} from '@zhida/relay';
import { type KeyDirectory, openKeyDirectory } from '@zhida/signing';
import { channelNames } from './channel-names.js';
import { secretIn } from './configuration.js';
import type { ChannelSection, RelaySection } from './configuration-schema.js';
import { readCalendar } from './read-calendar.js';
import { readProfile } from './jurisdiction.js';
import { readQueue } from './read-queue.js';
import type { Service, ServiceContext } from './service.js';

const ONE_LINE = /^[^\p{Cc}]+$/u;
const SMTP_URL = /^smtps?:\/\//;

/** Starts the relay of a configuration. @throws ZhidaError where a setting, a key or the database will not do */
export async function startRelay(context: ServiceContext): Promise<Service> {
  const { configuration, databases, path, logger } = context;
  const section = configuration.relay;
  if (section === undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the configuration has no relay', { at: 'relay' });
  const keys = await openKeyDirectory(path(section.keys));
  const { mode } = keys;
  if (mode !== 'production' && mode !== 'test') {
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'a relay works in mode production or test', { at: 'relay.keys' });
  }
  const url = await databases.urlOf('relay', section.database);
  const egress = createEgress();
  const database = openDatabase<RelaySchema>({ url, applicationName: 'zhida relay' });
  const addressTable = section.addressTable === undefined ? {} : { addressTable: await tableIn(path(section.addressTable), context) };
  const relay = await createRelay({
    database,
    keys,
    mode,
    profile: await readProfile(section.profile, path, 'relay.profile'),
    facilityCodes: section.facilities,
    exercises: configuration.exercises ?? [],
    queue: await readQueue(section.queue, url, path),
    endpoints: section.endpoints ?? {},
    dataDirectory: path(section.data),
    listen: section.listen,
    logger,
    post: egress.post,
    escalation: await escalationOf(section, { context, keys, post: egress.post }),
    ...addressTable,
  });
  await relay.start();
  return {
    url: urlOf(section.listen),
    async stop() {
      await relay.stop();
      egress.close();
      await database.close();
    },
  };
}

async function tableIn(file: string, { logger }: ServiceContext): Promise<ReturnType<typeof readAddressTable>['table']> {
  const csv = await readFile(file).catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the file it names cannot be read', { at: 'relay.addressTable', cause });
  });
  const { table, issues } = readAddressTable(csv);
  if (issues.length > 0)
    logger.warn({ rows: issues.slice(0, 20).map(({ at }) => at), count: issues.length }, 'rows of the address table are not used');
  return table;
}

interface Circumstances {
  readonly context: ServiceContext;
  readonly keys: KeyDirectory;
  readonly post: ReturnType<typeof createEgress>['post'];
}

async function escalationOf(section: RelaySection, circumstances: Circumstances): Promise<EscalationOptions> {
  const { channels = [{ kind: 'log' } as const], ...settings } = section.escalation ?? {};
  const calendar = section.calendar === undefined ? undefined : circumstances.context.path(section.calendar);
  const names = channelNames(channels);
  const opened = channels.map(async (channel, index) =>
    channelOf(channel, names[index] ?? channel.kind, `relay.escalation.channels[${index}]`, circumstances),
  );
  return { ...settings, channels: await Promise.all(opened), calendar: await readCalendar(calendar) };
}

async function channelOf(
  channel: ChannelSection,
  name: string,
  at: string,
  { context, keys, post }: Circumstances,
): Promise<NoticeChannel> {
  if (channel.kind === 'log') return logChannel(context.logger, name);
  if (channel.kind === 'webhook') {
    const { url, privateNetworks = [] } = channel;
    return webhookChannel({ name, url, privateNetworks, keys, clock: systemClock, post });
  }
  if (channel.kind === 'sms') {
    const { kind: _kind, secret, ...sms } = channel;
    const known = secret === undefined ? {} : { secret: await secretIn(context.path(secret), `${at}.secret`, ONE_LINE) };
    return smsChannel(smsOverHttp({ ...sms, ...known, post }), name);
  }
  const { smtp, from, subject } = channel;
  return mailChannel({ name, smtpUrl: await secretIn(context.path(smtp), `${at}.smtp`, SMTP_URL), from, subject });
}

/** How a listener is spoken of; it says nothing of the name others reach it by. */
export function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
