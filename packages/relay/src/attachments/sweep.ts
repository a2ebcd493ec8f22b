import { aboutError } from '@zhida/core';
import type { LedgerContext } from '../ledger/context.js';
import type { FerryDeps } from '../roads/ferry-in.js';
import { writeWhole } from '../roads/ferry-out.js';
import { ShareHangs } from '../roads/shares.js';
import { attachmentLines, waitingAttachments } from './hand-over.js';
import { dropAbandoned } from './upload.js';

/** The name ending of an attachment's file. */
const ATTACHMENT_FILE = '.zda';
/** A gate that lost a file gets it again after this, and so does one that stood still. What is left over is looked for as often. */
const AGAIN_MS = 3_600_000;
/** One that could not be laid down, because its agency is switched off or the disk is full, is tried again after this. */
const AFTER_FAILURE_MS = 60_000;

/** An agency behind a one-way gate, and the directory its files are laid down in. */
export interface FerryOut {
  readonly party: string;
  readonly out: string;
}

/** Lays attachments down for an agency behind a gate. A directory that hangs ends the look. */
export function attachmentFerry({ ledger, shares, log }: FerryDeps, { party, out }: FerryOut): () => Promise<void> {
  const notBeforeMs = new Map<string, number>();

  /** One that cannot be laid down must not keep those behind it from going. */
  async function layDown(attachmentId: string): Promise<void> {
    const nowMs = ledger.clock.now();
    if (nowMs < (notBeforeMs.get(attachmentId) ?? Number.NEGATIVE_INFINITY)) return;
    try {
      await writeWhole(shares, out, `${attachmentId}${ATTACHMENT_FILE}`, lines(attachmentId, nowMs));
      notBeforeMs.set(attachmentId, nowMs + AGAIN_MS);
      log.info({ attachmentId, party }, 'attachment laid down for the gate');
    } catch (error) {
      notBeforeMs.set(attachmentId, nowMs + AFTER_FAILURE_MS);
      if (error instanceof ShareHangs) throw error;
      log.error({ attachmentId, party, ...aboutError(error) }, 'an attachment cannot be laid down for the gate; it is tried again');
    }
  }

  /** Asked for when there is a place for them. */
  async function* lines(attachmentId: string, nowMs: number): AsyncGenerator<string> {
    yield* await attachmentLines(ledger, ledger.keys, { party, attachmentId, nowMs });
  }

  return async () => {
    const nowMs = ledger.clock.now();
    for (const [attachmentId, atMs] of notBeforeMs) if (nowMs >= atMs) notBeforeMs.delete(attachmentId);
    let page = await waitingAttachments(ledger, party, '');
    while (page.length > 0) {
      let last = '';
      for (const { attachment_id: attachmentId } of page) {
        await layDown(attachmentId);
        last = attachmentId;
      }
      page = await waitingAttachments(ledger, party, last);
    }
  };
}

/** Takes away what broken uploads have left, once an hour. */
export function dropAbandonedHourly(ledger: LedgerContext): () => Promise<void> {
  let droppedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = ledger.clock.now();
    if (nowMs - droppedAtMs < AGAIN_MS) return;
    await dropAbandoned(ledger);
    droppedAtMs = nowMs;
  };
}
