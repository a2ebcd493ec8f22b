import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { sealEnvelope } from '@zhida/signing';
import type { AttemptDeps, AttemptResult, Shipment } from '../delivery/attempt.js';
import { type Share, ShareHangs, type Shares } from './shares.js';

/** How an attempt by ferry ends until a receipt comes back by file: it says nothing about the other side. */
export const FERRIED = 'ferried';

/** The name ending of a package file. */
const PACKAGE_FILE = '.zde';

/**
 * Lays a sealed package down for the one-way gate, under the name of its delivery: a repeat takes the place of the one before, so
 * that a gate that stands still piles nothing up. The file appears whole or not at all. It never throws.
 */
export async function ferryDelivery(
  { keys, clock, shares }: Pick<AttemptDeps, 'keys' | 'clock'> & { readonly shares: Shares },
  { deliveryId, payload, recipient }: Shipment,
  directory: string,
): Promise<AttemptResult> {
  let envelope: string;
  try {
    envelope = await sealEnvelope({ payload, signer: keys, recipient, now: clock.now() });
  } catch {
    return { outcome: 'unknown', status: null, detail: 'not-sealed' };
  }
  try {
    await writeWhole(shares, directory, `${deliveryId}${PACKAGE_FILE}`, [envelope], shares.attempt());
    return { outcome: 'unknown', status: null, detail: FERRIED };
  } catch (error) {
    return { outcome: 'unknown', status: null, detail: error instanceof ShareHangs ? 'ferry-hangs' : 'ferry-unwritable' };
  }
}

/**
 * Writes a file beside its place, flushes it, and renames it: a gate that looks meanwhile sees no half of it. Between two parts
 * of a long file others may write in its directory. What is small is written within the time of one attempt.
 */
export async function writeWhole(
  shares: Shares,
  directory: string,
  name: string,
  parts: Iterable<string> | AsyncIterable<string>,
  within: Share = shares,
): Promise<void> {
  const on = async <Value>(ask: () => Promise<Value>): Promise<Value> => within.on(directory, ask);
  const draft = join(directory, `.${name}.${process.pid}`);
  const opened: { file?: FileHandle } = {};
  const takeAway = async (): Promise<void> => {
    await shares.on(directory, async () => opened.file?.close()).catch(() => undefined);
    await shares.on(directory, async () => unlink(draft)).catch(() => undefined);
  };
  try {
    const file = await on(async () => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return (opened.file = await open(draft, 'w', 0o600));
    });
    // Goes on where it stopped, until all of the part is written: a disk that fills up takes less than it is given, and says nothing.
    for await (const part of parts) await on(async () => file.writeFile(part));
    await on(async () => file.sync());
    await on(async () => file.close());
    await on(async () => rename(draft, join(directory, name)));
  } catch (error) {
    // Left alone while it hangs.
    if (error instanceof ShareHangs) void error.ended.then(takeAway);
    else await takeAway();
    throw error;
  }
}
