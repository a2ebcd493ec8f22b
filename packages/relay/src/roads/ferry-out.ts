import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { sealEnvelope } from '@zhida/signing';
import type { AttemptDeps, AttemptResult, Shipment } from '../delivery/attempt.js';

/** How an attempt by ferry ends until a receipt comes back by file: it says nothing about the other side. */
export const FERRIED = 'ferried';

/** The name ending of a package file. */
const PACKAGE_FILE = '.zde';

/**
 * Lays a sealed package down for the one-way gate, under the name of its delivery: a repeat takes the place of the one before, so
 * that a gate that stands still piles nothing up. The file appears whole or not at all. It never throws.
 */
export async function ferryDelivery(
  { keys, clock }: Pick<AttemptDeps, 'keys' | 'clock'>,
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
    await writeWhole(directory, `${deliveryId}${PACKAGE_FILE}`, envelope);
    return { outcome: 'unknown', status: null, detail: FERRIED };
  } catch {
    return { outcome: 'unknown', status: null, detail: 'ferry-unwritable' };
  }
}

/** Writes a file beside its place, flushes it, and renames it: a gate that looks meanwhile sees no half of it. */
export async function writeWhole(directory: string, name: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.${name}.${process.pid}`);
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(directory, name));
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}
