import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { LedgerContext } from '../ledger/context.js';
import { attachmentLines, waitingAttachments } from './hand-over.js';
import { dropAbandoned } from './upload.js';

/** The name ending of an attachment's file. */
const ATTACHMENT_FILE = '.zda';
/** A gate that lost a file gets it again after this, and so does one that stood still. */
const AGAIN_MS = 3_600_000;

/** An agency behind a one-way gate, and the directory its files are laid down in. */
export interface FerryOut {
  readonly party: string;
  readonly out: string;
}

/** Lays attachments down for agencies behind a gate, and takes away what broken uploads have left. */
export function attachmentSweeper(ledger: LedgerContext, ferries: readonly FerryOut[], log: Logger): () => Promise<void> {
  const laidDown = new Map<string, number>();
  let droppedAtMs = Number.NEGATIVE_INFINITY;

  async function ferry({ party, out }: FerryOut): Promise<void> {
    const nowMs = ledger.clock.now();
    for (const { attachment_id: attachmentId } of await waitingAttachments(ledger, party, '')) {
      const key = `${party} ${attachmentId}`;
      if (nowMs - (laidDown.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) continue;
      await writeLines(
        out,
        `${attachmentId}${ATTACHMENT_FILE}`,
        await attachmentLines(ledger, ledger.keys, { party, attachmentId, nowMs }),
      );
      laidDown.set(key, nowMs);
      log.info({ attachmentId, party }, 'attachment laid down for the gate');
    }
  }

  return async () => {
    const nowMs = ledger.clock.now();
    for (const [key, atMs] of laidDown) if (nowMs - atMs >= AGAIN_MS) laidDown.delete(key);
    for (const gate of ferries) await ferry(gate);
    if (nowMs - droppedAtMs < AGAIN_MS) return;
    await dropAbandoned(ledger);
    droppedAtMs = nowMs;
  };
}

/** Appears under its name whole or not at all, as a package does. */
async function writeLines(directory: string, name: string, lines: AsyncIterable<string>): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.${name}.${process.pid}`);
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      for await (const line of lines) await file.write(line);
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
