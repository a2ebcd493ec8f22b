import { sha256Hex } from '@zhida/signing';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { aboutError, type Clock, problemOf, systemClock } from '@zhida/core';
import { type ReceiverLogger, silentLogger } from '../logger.js';
import { linesIn } from '../attachments.js';
import { ENVELOPE_LIMIT_BYTES, type ReceiveAnswer } from '../receive.js';
import type { Receiver } from '../receiver.js';
import { createRounds, type Rounds } from '../rounds.js';

export interface FerryOptions {
  readonly receiver: Receiver;
  /** Where the gate lays packages down. */
  readonly in: string;
  /** Where the gate fetches statements. */
  readonly out: string;
  /** Takes a relay's own word of a day, which comes as a file too. @throws ZhidaError for one that cannot be taken */
  readonly exchanged?: (jws: string) => Promise<unknown>;
  readonly clock?: Clock;
  readonly logger?: ReceiverLogger;
}

/** Takes packages in by files and answers by files, for networks that are joined by a one-way gate (网闸). */
export interface Ferry extends Rounds {
  /** Looks at every package once; @returns how many were stored or known. */
  ferryOnce(): Promise<number>;
}

/** A package that cannot be read may still be copied; after this long without a new byte it is set aside. */
const COPYING_MS_MAX = 600_000;
const FILES_MAX = 500;
/** Pause between two looks into the folder of the gate. */
const LOOK_EVERY_MS = 2_000;
const REPORT_FILE = /^(?:dlv_[0-9a-z]{26}\.zde|exchanges-[0-9a-f]{32}\.jws)$/;
const ATTACHMENT_FILE = /^att_[0-9a-z]{26}\.zda$/;
/** Larger than any statement. */
const STATEMENT_BYTES_MAX = 64 * 1024;

async function takeEnvelope(receiver: Receiver, path: string, size: number): Promise<ReceiveAnswer | undefined> {
  return size > ENVELOPE_LIMIT_BYTES ? undefined : receiver.receiveCarried(await readFile(path));
}

async function takeAttachment(receiver: Receiver, path: string): Promise<ReceiveAnswer> {
  const file = createReadStream(path);
  try {
    return await receiver.receiveAttachment(linesIn(file));
  } finally {
    file.destroy();
  }
}

/** The packages of this kind that lie there, in the order of their names and not too many at once. */
async function packagesIn(directory: string, kind: RegExp): Promise<string[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return (await readdir(directory))
    .filter((file) => kind.test(file))
    .sort()
    .slice(0, FILES_MAX);
}

/** Reports first, and again after each attachment: one that comes meanwhile does not wait for the films of others (INV-9). */
async function lookOnce(directory: string, isTaken: (name: string) => Promise<boolean>): Promise<number> {
  const looked = new Set<string>();
  let taken = 0;
  const takeReports = async (): Promise<void> => {
    for (const name of await packagesIn(directory, REPORT_FILE)) {
      if (looked.has(name)) continue;
      looked.add(name);
      if (await isTaken(name)) taken += 1;
    }
  };
  await takeReports();
  for (const name of await packagesIn(directory, ATTACHMENT_FILE)) {
    if (await isTaken(name)) taken += 1;
    await takeReports();
  }
  return taken;
}

/**
 * Reordered, duplicated and half-copied files lose nothing: a package goes away only after its receipt lies in `out`, and what the
 * relay does not see signed it lays down again.
 */
export function createFerry(options: FerryOptions): Ferry {
  const { receiver, in: inbound, out, exchanged, clock = systemClock, logger = silentLogger } = options;
  const seen = new Map<string, { bytes: number; sinceMs: number }>();

  async function takeOne(name: string): Promise<boolean> {
    const path = join(inbound, name);
    const { size } = await stat(path);
    if (name.endsWith('.jws')) return takeExchange(name, path, size);
    const isAttachment = name.endsWith('.zda');
    const answer = isAttachment ? await takeAttachment(receiver, path) : await takeEnvelope(receiver, path, size);
    if (answer?.status === 200) {
      await writeStatement(out, isAttachment ? 'attachment-receipts' : 'receipts', answer.body);
      await unlink(path);
      seen.delete(name);
      return true;
    }
    if (answer !== undefined && answer.status >= 500) return false;
    return waitFor(name, size);
  }

  /** A relay's word of a day: it answers one of ours and is owed no receipt. */
  async function takeExchange(name: string, path: string, size: number): Promise<boolean> {
    if (exchanged === undefined) return false;
    try {
      if (size > STATEMENT_BYTES_MAX) return await waitFor(name, size);
      await exchanged((await readFile(path, 'utf8')).trim());
    } catch (error) {
      if (problemOf(error).status >= 500) throw error;
      return waitFor(name, size);
    }
    await unlink(path);
    seen.delete(name);
    return true;
  }

  async function waitFor(name: string, size: number): Promise<false> {
    const before = seen.get(name);
    if (before === undefined || before.bytes !== size) seen.set(name, { bytes: size, sinceMs: clock.now() });
    else if (clock.now() - before.sinceMs > COPYING_MS_MAX) await setAside(name);
    return false;
  }

  async function setAside(name: string): Promise<void> {
    const refused = join(inbound, 'refused');
    await mkdir(refused, { recursive: true, mode: 0o700 });
    await rename(join(inbound, name), join(refused, name));
    seen.delete(name);
    logger.error({}, 'a ferried package cannot be taken; it lies in refused/');
  }

  async function isTaken(name: string): Promise<boolean> {
    try {
      return await takeOne(name);
    } catch (error) {
      // The gate may take a file away under our hands; the others go on.
      logger.warn(aboutError(error), 'a package could not be looked at');
      return false;
    }
  }

  const ferryOnce = () => lookOnce(inbound, isTaken);
  const failed = (error: unknown): void => logger.error({ code: problemOf(error).code }, 'a look into the folder of the gate failed');
  return { ferryOnce, ...createRounds({ run: ferryOnce, everyMs: LOOK_EVERY_MS, failed }) };
}

/**
 * A `fetch` for the receiver's outbox that lays each statement down as a file instead of posting it. What it wrote counts as sent;
 * the same statement has the same name, so that a repeat is one file.
 */
export function ferryFetch(out: string): typeof globalThis.fetch {
  return async (url, init) => {
    const kind = /\/v1\/agency\/(receipts|feedback|openings|exchanges)$/.exec(addressOf(url))?.[1];
    if (kind === undefined || typeof init?.body !== 'string') return new Response(null, { status: 501 });
    await writeStatement(out, kind, init.body);
    return new Response(null, { status: 200 });
  };
}

function addressOf(url: string | URL | Request): string {
  if (typeof url === 'string') return url;
  return url instanceof URL ? url.href : url.url;
}

/** Writes a statement beside its place, flushes it, and renames it: the gate sees it whole or not at all. */
async function writeStatement(out: string, kind: string, jws: string): Promise<void> {
  await mkdir(out, { recursive: true, mode: 0o700 });
  const name = `${kind}-${sha256Hex(jws).slice(0, 32)}.jws`;
  const draft = join(out, `.${name}.${process.pid}`);
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(jws);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(out, name));
}
