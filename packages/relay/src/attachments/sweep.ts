import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { aboutError } from '@zhida/core';
import type { Logger } from 'pino';
import type { LedgerContext } from '../ledger/context.js';
import { attachmentLines, waitingAttachments } from './hand-over.js';
import { dropAbandoned } from './upload.js';

/** The name ending of an attachment's file. */
const ATTACHMENT_FILE = '.zda';
/** A gate that lost a file gets it again after this, and so does one that stood still. */
const AGAIN_MS = 3_600_000;
/** One that could not be laid down, because its agency is switched off or the disk is full, is tried again after this. */
const AFTER_FAILURE_MS = 60_000;

/** An agency behind a one-way gate, and the directory its files are laid down in. */
export interface FerryOut {
  readonly party: string;
  readonly out: string;
}

/** Lays attachments down for agencies behind a gate, and takes away what broken uploads have left. */
export function attachmentSweeper(ledger: LedgerContext, ferries: readonly FerryOut[], log: Logger): () => Promise<void> {
  const notBeforeMs = new Map<string, number>();
  let droppedAtMs = Number.NEGATIVE_INFINITY;

  /** One that cannot be laid down must not keep those behind it, or at another gate, from going. */
  async function layDown({ party, out }: FerryOut, attachmentId: string): Promise<void> {
    const nowMs = ledger.clock.now();
    const key = `${party} ${attachmentId}`;
    if (nowMs < (notBeforeMs.get(key) ?? Number.NEGATIVE_INFINITY)) return;
    try {
      await writeLines(out, `${attachmentId}${ATTACHMENT_FILE}`, async () =>
        attachmentLines(ledger, ledger.keys, { party, attachmentId, nowMs }),
      );
      notBeforeMs.set(key, nowMs + AGAIN_MS);
      log.info({ attachmentId, party }, 'attachment laid down for the gate');
    } catch (error) {
      notBeforeMs.set(key, nowMs + AFTER_FAILURE_MS);
      log.error({ attachmentId, party, ...aboutError(error) }, 'an attachment cannot be laid down for the gate; it is tried again');
    }
  }

  async function ferry(gate: FerryOut): Promise<void> {
    let page = await waitingAttachments(ledger, gate.party, '');
    while (page.length > 0) {
      let last = '';
      for (const { attachment_id: attachmentId } of page) {
        await layDown(gate, attachmentId);
        last = attachmentId;
      }
      page = await waitingAttachments(ledger, gate.party, last);
    }
  }

  return async () => {
    const nowMs = ledger.clock.now();
    for (const [key, atMs] of notBeforeMs) if (nowMs >= atMs) notBeforeMs.delete(key);
    for (const gate of ferries) await ferry(gate);
    if (nowMs - droppedAtMs < AGAIN_MS) return;
    await dropAbandoned(ledger);
    droppedAtMs = nowMs;
  };
}

/** Appears under its name whole or not at all, as a package does. The lines are asked for when there is a place for them. */
async function writeLines(directory: string, name: string, lines: () => Promise<AsyncIterable<string>>): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.${name}.${process.pid}`);
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      for await (const line of await lines()) await file.write(line);
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
