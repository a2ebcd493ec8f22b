import { aboutError, isZhidaError, ZhidaError, type ZhidaErrorCode } from '@zhida/core';
import { asUnavailable } from '@zhida/database';
import type { FastifyBaseLogger } from 'fastify';
import type { GatewayContext } from '../context.js';
import type { FolderFeedConfig } from './config.js';
import {
  contentKey,
  contentOf,
  FILE_BYTES_MAX,
  filesIn,
  type FolderFile,
  generationOf,
  isSame,
  keepReadFile,
  type ReadFile,
  readFiles,
} from './folder-files.js';
import { isOtherMode } from './fold.js';
import { commitMessage, type NewMessage, noteMessage } from './inbox.js';
import { digestOf, nameMessage } from './name-message.js';
import { type FileRecord, recordsAfter } from './records.js';

/** A folder whose files hold messages, each whole in itself. */
type MessageFolder = FolderFeedConfig & { readonly format: 'hl7v2' | 'fhir' | 'encounter' | 'cda' };

const NOTHING = Buffer.alloc(0);

/** Looks at a folder and puts what its files hold on disk; one look at a time. */
export interface FolderReader {
  look(signal: AbortSignal): Promise<void>;
}

/**
 * Reads files that two looks have found the same: one that is still being written is left for the next. A file counts as read
 * once every message of it is on disk, so one that was cut off is read again, and no message is taken twice.
 */
export function createFolderReader(context: GatewayContext, config: MessageFolder, logger: FastifyBaseLogger): FolderReader {
  const { name } = config;
  let read = new Map<string, ReadFile>();
  let seen = new Map<string, FolderFile>();

  async function take(file: FolderFile, known: Map<string, ReadFile>): Promise<void> {
    if (file.bytes > FILE_BYTES_MAX) throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the file is over the limit', { at: 'file' });
    const content = await contentOf(file);
    if (content === undefined) return;
    const before = known.get(file.key);
    const generation = generationOf(context, before, content);
    let records = 0;
    const taken = before?.generation === generation ? content.subarray(0, before.bytes) : NOTHING;
    for (const record of recordsAfter(config.format, taken, content)) {
      await takeRecord(context, config, { file, generation }, record);
      records += 1;
    }
    const now = { generation, bytes: file.bytes, modifiedMs: file.modifiedMs, contentKey: contentKey(context, content) };
    await keepReadFile(context, name, file.key, now);
    known.set(file.key, now);
    logger.info({ feed: name, records, bytes: file.bytes }, 'a file was taken');
  }

  /** A file that cannot be read must not keep the next ones waiting; it is looked at again when it changes, or at the next start. */
  async function takeOrSetAside(file: FolderFile, known: Map<string, ReadFile>): Promise<void> {
    try {
      await take(file, known);
    } catch (error) {
      if (asUnavailable(error) !== undefined) throw error;
      logger.warn({ feed: name, bytes: file.bytes, ...aboutError(error) }, 'a file could not be read');
      await noteUnreadable(context, config, file, isZhidaError(error) ? error.code : 'ZD_ERR_INPUT_UNREADABLE');
      const { generation = 1, contentKey: last = '' } = known.get(file.key) ?? {};
      known.set(file.key, { generation, bytes: file.bytes, modifiedMs: file.modifiedMs, contentKey: last });
    }
  }

  return {
    async look(signal) {
      const files = await filesIn(context, config.path, name);
      const known = await readFiles(context, name, files, read);
      read = known;
      const changed = files.filter((file) => !isSame(known.get(file.key), file));
      for (const file of changed) {
        if (signal.aborted) return;
        if (isSame(seen.get(file.key), file)) await takeOrSetAside(file, known);
      }
      seen = new Map(changed.map((file) => [file.key, file]));
    },
  };
}

async function noteUnreadable(
  context: GatewayContext,
  { name: feed, format }: FolderFeedConfig,
  { key, bytes, modifiedMs }: FolderFile,
  code: ZhidaErrorCode,
): Promise<void> {
  const messageKey = context.rowKeys.of('message', 'file', key, String(bytes), String(modifiedMs));
  const file = { key, record: 1, line: undefined };
  await noteMessage(context, { feed, format, messageKey, file }, 'set-aside', { code, at: 'file' });
}

/** An HL7 v2 message is known by its control id, in whichever file it comes; anything else by its place in its file. */
async function takeRecord(
  context: GatewayContext,
  { name: feed, format }: MessageFolder,
  { file: { key }, generation }: { readonly file: FolderFile; readonly generation: number },
  { bytes, number, line, header }: FileRecord,
): Promise<void> {
  const messageKey = context.rowKeys.of('message', key, String(generation), String(number), digestOf(bytes));
  const named: NewMessage = header === undefined ? { feed, format, messageKey } : nameMessage(context, feed, header, bytes);
  const message: NewMessage = {
    ...named,
    ...(header?.controlId === '' ? { messageKey } : {}),
    file: { key, record: number, line },
  };
  if (header !== undefined && isOtherMode(context, header)) {
    await noteMessage(context, message, 'refused', { code: 'ZD_ERR_MODE_REFUSED', at: 'MSH-11' });
  } else await commitMessage(context, message, bytes);
}
