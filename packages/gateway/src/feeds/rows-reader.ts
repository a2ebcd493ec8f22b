import { basename } from 'node:path';
import type { Issue, ZhidaErrorCode } from '@zhida/core';
import { type HisMapping, type RowFile, snapshotsFromFiles } from '@zhida/his';
import type { FastifyBaseLogger } from 'fastify';
import type { GatewayContext } from '../context.js';
import type { FolderFeedConfig } from './config.js';
import {
  contentKey,
  contentOf,
  filesIn,
  FILE_BYTES_MAX,
  type FolderFile,
  isSame,
  keepReadFile,
  type ReadFile,
  readFiles,
} from './folder-files.js';
import type { FolderReader } from './folder-reader.js';
import { noteMessage } from './inbox.js';
import { openMapping } from './mappings.js';
import { commitVisit } from './visit-messages.js';

/** Broken rows of one look that are listed; the log has their count. */
const NOTED_MAX = 100;

interface Taken {
  readonly file: FolderFile;
  readonly content: Buffer;
}

/**
 * Reads a folder of rows. Its files together are one export: a visit is told by a row here and its notes by rows there, so all
 * are read when one has changed and none is still being written, and only visits that changed are taken.
 */
export function createRowsReader(context: GatewayContext, config: FolderFeedConfig, logger: FastifyBaseLogger): FolderReader {
  const { name } = config;
  let mapping: HisMapping | undefined;
  let read = new Map<string, ReadFile>();
  let seen = new Map<string, FolderFile>();

  async function take(files: readonly FolderFile[], known: Map<string, ReadFile>): Promise<void> {
    mapping ??= await openMapping(config.mapping ?? '', 'mapping');
    const taken: Taken[] = [];
    for (const file of files) {
      const content =
        file.bytes > FILE_BYTES_MAX ? 'ZD_ERR_INPUT_TOO_LARGE' : await contentOf(file).catch(() => 'ZD_ERR_INPUT_UNREADABLE' as const);
      if (typeof content === 'object') taken.push({ file, content });
      else if (content !== undefined) {
        await noteBroken(context, config, `${file.key} ${file.bytes} ${file.modifiedMs}`, content, 'file');
        known.set(file.key, { generation: 1, bytes: file.bytes, modifiedMs: file.modifiedMs, contentKey: '' });
      }
    }
    const rowFiles = taken.map(({ file, content }): RowFile => ({ name: basename(file.path), bytes: content }));
    const reading = snapshotsFromFiles(rowFiles, mapping);
    for (const snapshot of reading.snapshots) await commitVisit(context, name, 'his', snapshot);
    const broken = reading.issues.filter(({ severity }) => severity === 'error');
    const content = contentKey(context, Buffer.concat(taken.map((one) => one.content)));
    for (const { code, at } of broken.slice(0, NOTED_MAX)) await noteBroken(context, config, content, codeOf(code), at);
    for (const one of taken) {
      const { bytes, modifiedMs } = one.file;
      const now = { generation: 1, bytes, modifiedMs, contentKey: contentKey(context, one.content) };
      await keepReadFile(context, name, one.file.key, now);
      known.set(one.file.key, now);
    }
    const visits = reading.snapshots.length;
    logger.info({ feed: name, files: taken.length, rows: reading.rows, visits, broken: broken.length }, 'rows were taken');
  }

  return {
    async look() {
      const files = await filesIn(context, config.path, name);
      const known = await readFiles(context, name, files, read);
      read = known;
      const standsStill = files.every((file) => isSame(known.get(file.key), file) || isSame(seen.get(file.key), file));
      const hasNews = files.some((file) => !isSame(known.get(file.key), file));
      seen = new Map(files.map((file) => [file.key, file]));
      if (standsStill && hasNews) await take(files, known);
    },
  };
}

async function noteBroken(
  context: GatewayContext,
  { name: feed }: FolderFeedConfig,
  content: string,
  code: ZhidaErrorCode,
  at: string,
): Promise<void> {
  const messageKey = context.rowKeys.of('message', feed, content, at);
  await noteMessage(context, { feed, format: 'his', messageKey }, 'set-aside', { code, at });
}

function codeOf(code: Issue['code']): ZhidaErrorCode {
  return code === 'FIELD_TOO_LONG' ? 'ZD_ERR_INPUT_TOO_LARGE' : 'ZD_ERR_INPUT_UNREADABLE';
}
