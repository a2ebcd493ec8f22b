import { existsSync } from 'node:fs';
import { type Clock, isZhidaError } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import { gatewayMigrations } from '@zhida/gateway';
import { inspectRedis, relayMigrations } from '@zhida/relay';
import { receiverMigrations } from '@zhida/receiver/postgres';
import type { KeyDirectory } from '@zhida/signing';
import { type ReadConfiguration, readConfiguration, secretIn } from '../serve/configuration.js';
import type { AgencySection, GatewaySection, RelaySection } from '../serve/configuration-schema.js';
import { POSTGRES_URL } from '../serve/databases.js';
import { readProfile } from '../serve/jurisdiction.js';
import { readQueue } from '../serve/read-queue.js';
import { auditLine } from './audit.js';
import { calendarLine } from './calendar.js';
import { type Area, type CheckLine, look, right, wrong } from './check.js';
import { databaseLines, type Schema } from './database.js';
import { endpointLines, partiesNeeded } from './endpoints.js';
import { keysOf, missingTrustLines, trustLines } from './keys.js';
import { folderLines, nodeLine, secretFileLines } from './machine.js';
import { packLine } from './pack.js';
import { feedPortLine, serviceLines } from './ports.js';
import { rosterLines } from './roster.js';

export interface ExamineOptions {
  readonly file: string | undefined;
  readonly probe: boolean;
  readonly clock: Clock;
  /** Of this program. */
  readonly version: string;
}

/** What is told as soon as it is known: some checks wait for a network. */
export type Tell = (area: Area, lines: readonly CheckLine[]) => void;

/** Looks at one installation, changes nothing, and tells every check. */
export async function examine({ file, probe, clock, version }: ExamineOptions, tell: Tell): Promise<void> {
  tell('machine', [right('version', { version }), nodeLine()]);
  const read = await readConfiguration(file).catch((error: unknown) => {
    if (!isZhidaError(error)) throw error;
    return error;
  });
  if (isZhidaError(read)) {
    // Line by line and path by path, never what stands there: `zhida config check` says the same.
    tell('machine', [wrong('configurationWrong', 'configuration', { why: `${read.at ?? ''}: ${read.message}` })]);
    return;
  }
  const { relay, gateway, agency } = read.configuration;
  tell('machine', [right('configuration', { file: read.file })]);
  const context = { read, probe, clock };
  if (relay !== undefined) await examineRelay(relay, context, (lines) => tell('relay', lines));
  if (gateway !== undefined) await examineGateway(gateway, context, (lines) => tell('gateway', lines));
  if (agency !== undefined) await examineAgency(agency, context, (lines) => tell('agency', lines));
}

interface Context {
  readonly read: ReadConfiguration;
  readonly probe: boolean;
  readonly clock: Clock;
}
type TellOne = (lines: readonly CheckLine[]) => void;

async function examineRelay(section: RelaySection, { read, probe, clock }: Context, tell: TellOne): Promise<void> {
  const { path } = read;
  tell(await folderLines(path(section.data)));
  const { keys, lines } = await keysOf(path(section.keys));
  tell(lines);
  tell(await secretFileLines(filesOf(read, { 'relay.database': section.database, 'relay.queue.url': section.queue?.url })));
  const profile = await profileOf(section.profile, 'relay.profile', read, tell);
  if (keys !== undefined) {
    tell(trustLines(keys, clock.now()));
    if (profile !== undefined) tell(missingTrustLines(keys, partiesNeeded({ section, profile })));
  }
  tell([await calendarLine(section.calendar === undefined ? undefined : path(section.calendar), clock)]);
  const service = await serviceLines(section.listen, keys?.mode);
  tell(service.lines);
  const audit = auditOf(section.data, keys, read);
  const more = async (database: OpenDatabase<unknown>): Promise<readonly CheckLine[]> => [
    ...(await rosterLines(section, database, clock)),
    ...(await audit(database)),
  ];
  const schema: Schema = { namespace: 'relay', migrations: relayMigrations };
  tell(await storeLines('relay.database', section.database, { read, clock, schema, running: service.running, more }));
  tell(await redisLines(section, read));
  if (keys !== undefined && profile !== undefined) tell(await endpointLines({ section, profile, keys, path, probe }));
}

async function examineGateway(section: GatewaySection, { read, clock }: Context, tell: TellOne): Promise<void> {
  const { path } = read;
  tell(await folderLines(path(section.data)));
  const { keys, lines } = await keysOf(path(section.keys));
  tell(lines);
  tell(await secretFileLines(filesOf(read, { 'gateway.database': section.database })));
  await profileOf(section.profile, 'gateway.profile', read, tell);
  tell([await packLine(section, path, clock)]);
  if (keys !== undefined) tell([...trustLines(keys, clock.now()), ...missingTrustLines(keys, [section.relayParty])]);
  const service = await serviceLines(section.listen, keys?.mode);
  tell(service.lines);
  for (const feed of section.feeds ?? []) {
    if (feed.kind === 'mllp' && feed.port !== 0)
      tell([await feedPortLine({ host: feed.host ?? '127.0.0.1', port: feed.port }, feed.name, service.running)]);
  }
  const schema: Schema = { namespace: 'gateway', migrations: gatewayMigrations };
  const more = auditOf(section.data, keys, read);
  tell(await storeLines('gateway.database', section.database, { read, clock, schema, running: service.running, more }));
}

async function examineAgency(section: AgencySection, { read, clock }: Context, tell: TellOne): Promise<void> {
  const { path } = read;
  const { keys, lines } = await keysOf(path(section.keys));
  tell(lines);
  tell(await secretFileLines(filesOf(read, { 'agency.database': section.database })));
  if (keys !== undefined) {
    tell(trustLines(keys, clock.now()));
    tell(missingTrustLines(keys, section.fetchFrom === undefined ? [] : [section.fetchFrom]));
  }
  const service = await serviceLines(section.listen, undefined);
  tell(service.lines);
  if (section.inbox !== undefined) return tell(await folderLines(path(section.inbox)));
  const schema: Schema = { namespace: 'receiver', migrations: receiverMigrations };
  const more = (): Promise<readonly CheckLine[]> => Promise.resolve([]);
  tell(await storeLines('agency.database', section.database, { read, clock, schema, running: service.running, more }));
}

function auditOf(data: string, keys: KeyDirectory | undefined, { path }: ReadConfiguration) {
  return async (database: OpenDatabase<unknown>): Promise<readonly CheckLine[]> =>
    keys === undefined ? [] : [await auditLine(path(data), keys, database)];
}

function filesOf({ path }: ReadConfiguration, named: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(named).map(([at, written]) => [at, written === undefined ? undefined : path(written)]));
}

async function profileOf(written: string, at: string, { path }: ReadConfiguration, tell: TellOne) {
  try {
    const profile = await readProfile(written, path, at);
    tell([right('profile', { id: profile.id, version: profile.version, recipients: profile.recipients.length })]);
    return profile;
  } catch (error) {
    if (!isZhidaError(error)) throw error;
    tell([wrong('profileWrong', 'profile', { at, why: error.message })]);
    return undefined;
  }
}

interface StoreOptions {
  readonly read: ReadConfiguration;
  readonly clock: Clock;
  readonly schema: Schema;
  readonly running: boolean;
  readonly more: (database: OpenDatabase<unknown>) => Promise<readonly CheckLine[]>;
}

/** The embedded server belongs to the service that starts it: whoever only looks neither starts nor stops it. */
async function storeLines(
  at: string,
  named: string | undefined,
  { read, clock, schema, running, more }: StoreOptions,
): Promise<CheckLine[]> {
  const { embedded } = read.configuration;
  if (named === undefined && embedded !== undefined) {
    const lines = await folderLines(read.path(embedded));
    return [...lines, running ? right('embeddedRuns') : look('embeddedRests', 'embeddedRests')];
  }
  try {
    const url = await secretIn(read.path(named ?? ''), at, POSTGRES_URL);
    return await databaseLines(url, schema, clock, more);
  } catch (error) {
    if (!isZhidaError(error)) throw error;
    // One that is not there was told already, among the files with secrets.
    return named !== undefined && !existsSync(read.path(named)) ? [] : [wrong('secretWrong', 'secretWrong', { at })];
  }
}

async function redisLines(section: RelaySection, { path }: ReadConfiguration): Promise<CheckLine[]> {
  try {
    const queue = await readQueue(section.queue, '', path);
    if (queue.backend !== 'redis') return [];
    const { version, maxmemoryPolicy, appendOnly } = await inspectRedis(queue);
    return [
      right('redis', { version }),
      maxmemoryPolicy === 'noeviction' ? right('noeviction') : wrong('eviction', 'eviction', { policy: maxmemoryPolicy }),
      appendOnly ? right('appendOnly') : look('notAppendOnly', 'notAppendOnly'),
    ];
  } catch (error) {
    if (!isZhidaError(error)) throw error;
    return [
      error.code === 'ZD_ERR_QUEUE_UNAVAILABLE'
        ? wrong('redisAway', 'redisAway')
        : wrong('secretWrong', 'secretWrong', { at: error.at ?? 'relay.queue' }),
    ];
  }
}
