import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import { createEgress, createLogger, createRelay, type Post, type QueueOptions, type RelayOptions, type RelaySchema } from '@zhida/relay';
import { openKeyDirectory } from '@zhida/signing';
import { endpoints, FACILITY, profile, profileWithTownship, TOWNSHIP } from './profile.js';
import { type Boundary, boundaryId, killAt, watchStatements } from './statements.js';

/** What the test hands to this process. */
export interface RelayChildOptions {
  readonly ledgerUrl: string;
  readonly applicationName: string;
  readonly keys: string;
  readonly dataDirectory: string;
  readonly queue: QueueOptions;
  readonly delivery: NonNullable<RelayOptions['delivery']>;
  /** Stands for an answer that is read before the time-out is noticed: its attempts wait as long as they must. */
  readonly outrunsTimeout?: boolean;
  /** Tells which statements it sends that change something or belong to a transaction, and kills itself at one of them. */
  readonly dies?: Death;
  /** Whether it serves the township hospital too. */
  readonly township?: boolean;
  /** Epoch milliseconds at which this process's clock stands until it is told another instant; without it the system's clock. */
  readonly frozenAt?: number;
}

/** Where a process kills itself: after so many statements at the first place where nobody died yet, or at the latest at any one. */
export interface Death {
  readonly after: number;
  readonly latest: number;
  /** Ids of the places where somebody died. */
  readonly done: readonly string[];
  /** This file is written with the {@link Boundary} if it is a new one. */
  readonly marker: string;
}

/** A place this process has not been at before. */
export interface BoundarySeen {
  readonly seen: Boundary;
}

export interface RelayChildReady {
  readonly url: string;
}

/** Moves a frozen clock. */
export interface ClockMoved {
  readonly now: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as RelayChildOptions;

const patient: Post = (outgoing) => createEgress().post(outgoing, new AbortController().signal);

function clockOf({ frozenAt }: RelayChildOptions): Clock {
  if (frozenAt === undefined) return systemClock;
  let now = frozenAt;
  process.on('message', (moved: ClockMoved) => {
    now = moved.now;
  });
  return { now: () => now };
}

/** Each plans every statement anew, which is what a process that lives for seconds does most: few of them, and two are listening or sequencing. */
const CONNECTIONS = 6;
const database = openDatabase<RelaySchema>({
  url: options.ledgerUrl,
  applicationName: options.applicationName,
  maxConnections: CONNECTIONS,
});
let ready = false;
if (options.dies !== undefined) dieAt(options.dies);

function dieAt({ after, latest, done, marker }: Death): void {
  const shapes = new Map<string, string>();
  const placesDone = new Set(done);
  /** Ids of the places this process has been at. */
  const ids = new Map<string, string>();
  const last = new Map<number | undefined, string>();
  let sent = 0;
  let dying = false;
  watchStatements(database.pool, ({ text, backend, position }, moment) => {
    // Making the tables is no work of every process, and has tests of its own.
    if (!ready || dying) return;
    const shape = shapes.get(text) ?? shapeOf(text);
    shapes.set(text, shape);
    // Each kind of transaction has an end of its own.
    const ends = /^(commit|rollback)$/.test(shape);
    const statement = position === 0 ? `${shape} by itself` : ends ? `${shape} after ${last.get(backend)}` : shape;
    if (moment === 'done') last.set(backend, shape);
    if (moment === 'before') sent += 1;
    const boundary: Boundary = { statement, moment };
    const place = `${moment} ${statement}`;
    const id = ids.get(place) ?? boundaryId(boundary);
    if (!ids.has(place)) process.send?.({ seen: boundary } satisfies BoundarySeen);
    ids.set(place, id);
    if (sent < after) return;
    const isNew = !placesDone.has(id);
    dying = isNew || sent >= latest;
    if (isNew) writeFileSync(marker, JSON.stringify(boundary));
    if (dying) killAt(moment);
  });
}

/** One name for a statement however many rows it is for. */
function shapeOf(text: string): string {
  return text
    .replaceAll(/\$\d+/g, '?')
    .replaceAll(/\?(, \?)+/g, '?')
    .replaceAll(/\(\?\)(, \(\?\))+/g, '(?)')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** It is ended and started again, as a service manager does it; what it could not reach may be there then. */
function endAsAService(error: { name?: string; code?: string }): never {
  process.stderr.write(`relay process: ${error.name} ${error.code ?? ''}\n`);
  process.exit(75);
}

async function serve(): Promise<void> {
  const relay = await createRelay({
    database,
    keys: await openKeyDirectory(options.keys),
    profile: options.township === true ? profileWithTownship : profile,
    mode: 'test',
    facilityCodes: options.township === true ? [FACILITY, TOWNSHIP] : [FACILITY],
    endpoints,
    queue: options.queue,
    dataDirectory: options.dataDirectory,
    listen: { host: '127.0.0.1', port: 0 },
    clock: clockOf(options),
    logger: createLogger({ level: 'silent' }),
    random: () => 0,
    delivery: options.delivery,
    ...(options.outrunsTimeout === true ? { post: patient } : {}),
  }).catch(endAsAService);
  // A parent that is killed must not leave this process behind.
  process.on('disconnect', () => process.exit(1));
  ready = true;
  await relay.start().catch(endAsAService);
  process.send?.({ url: `http://127.0.0.1:${(relay.app.server.address() as AddressInfo).port}` } satisfies RelayChildReady);
}

void serve();
