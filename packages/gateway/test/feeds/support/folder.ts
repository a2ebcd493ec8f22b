import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createGateway, type FeedConfig, type Gateway } from '../../../src/index.js';
import { type Fixture, makeFixture } from '../../support/fixture.js';

/** What the tests of a feed from a folder have: one fixture, and for each test an empty folder and at most one gateway that runs. */
export interface FolderFeed {
  fixture: Fixture;
  folder: string;
  run(feed: FeedConfig): Promise<void>;
  stop(): Promise<void>;
}

export function useFolderFeed(): FolderFeed {
  let gateway: Gateway | undefined;
  const feed = {
    async run(config) {
      gateway = await createGateway({ ...feed.fixture.options, feeds: [config] });
      await gateway.start();
    },
    async stop() {
      await gateway?.stop();
      gateway = undefined;
    },
  } as FolderFeed;
  beforeAll(async () => {
    feed.fixture = await makeFixture();
  });
  afterAll(async () => feed.fixture.close());
  beforeEach(async () => {
    feed.folder = await mkdtemp(join(tmpdir(), 'zhida-folder-'));
    await feed.fixture.reset();
    return async () => {
      await feed.stop();
      await rm(feed.folder, { recursive: true, force: true });
    };
  });
  return feed;
}
