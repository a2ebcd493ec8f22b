import { aboutError } from '@zhida/core';
import { createLoop } from '../loop.js';
import type { FolderFeedConfig } from './config.js';
import { type Feed, type FeedParts, noteProblem } from './feed.js';
import { createFolderReader } from './folder-reader.js';
import { openMapping } from './mappings.js';
import { createRowsReader } from './rows-reader.js';

const POLL_MS = 1_000;

/** Files of a folder, which is looked at again and again and never written to. */
export function createFolderFeed({ context, line, logger }: FeedParts, config: FolderFeedConfig): Feed {
  const { name } = config;
  const reader =
    config.format === 'his'
      ? createRowsReader(context, config, logger)
      : createFolderReader(context, { ...config, format: config.format }, logger);
  let hasProblem = true;
  const setProblem = async (code: string | undefined): Promise<void> => {
    await noteProblem(context, name, code);
    hasProblem = code !== undefined;
  };
  const loop = createLoop({
    pauseMs: config.pollMs ?? POLL_MS,
    async task(signal) {
      await reader.look(signal);
      if (hasProblem) await setProblem(undefined);
      await line.drain(signal);
    },
    onFailure(error, timesInARow) {
      const about = aboutError(error);
      logger.error({ feed: name, ...about, timesInARow }, 'the folder could not be read; it is tried again');
      // Where the database is what fails, the note fails too, and the log has it.
      setProblem(about.code ?? about.error).catch(() => undefined);
    },
  });
  return {
    name,
    kind: 'folder',
    async start() {
      // A mapping that cannot be used is told at start, not in the night.
      if (config.mapping !== undefined) await openMapping(config.mapping, `feeds.${name}.mapping`);
      loop.start();
    },
    stop: () => loop.stop(),
  };
}
