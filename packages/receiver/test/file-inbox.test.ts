import { appendFile, copyFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@zhida/core';
import { frozenClock, halveWrites } from '@zhida/testkit';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { openFileInbox } from '../src/file.js';
import { openJournal, type Position } from '../src/file/journal.js';
import { describeInbox } from '../src/testing.js';
import { sampleActs, sampleDelivery } from '../src/testing/sample-delivery.js';
import { createVault } from '../src/vault.js';
import { makePair, type Pair } from './keys.js';

/** Of a journal that a power cut has left with an end of nothing. */
const TORN_BYTES = 64 * 1024 * 1024;

const clock = frozenClock('2026-05-03T21:10:00+08:00');

let pair: Pair | undefined;
const directories: string[] = [];

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-inbox-'));
  directories.push(directory);
  return directory;
}

async function keysOf(): Promise<Pair['agency']> {
  pair ??= await makePair(clock);
  return pair.agency;
}

let sharedDirectory: string | undefined;
describeInbox('file', {
  open: async ({ claimMs }) => {
    const keys = await keysOf();
    sharedDirectory ??= await mkdtemp(join(tmpdir(), 'zhida-inbox-'));
    return { inbox: await openFileInbox({ directory: sharedDirectory, keys, clock, claimMs }), wrappedKey: createVault(keys).newKey() };
  },
  cleanUp: async () => {
    await rm(sharedDirectory ?? '', { recursive: true, force: true });
    await pair?.remove();
    pair = undefined;
  },
});

describe('the journal of the file inbox', () => {
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
    await pair?.remove();
    pair = undefined;
  });

  async function filled(count: number) {
    const directory = await temporaryDirectory();
    const keys = await keysOf();
    const inbox = await openFileInbox({ directory, keys, clock });
    const wrappedKey = createVault(keys).newKey();
    const deliveries = Array.from({ length: count }, () => sampleDelivery({ wrappedKey }));
    for (const delivery of deliveries) await inbox.take(delivery, sampleActs(delivery));
    await inbox.close();
    return { directory, keys, deliveries, journal: join(directory, 'inbox.journal') };
  }

  test('wherever a kill tears the last line, everything before it is there and the rest is set aside', async () => {
    const { directory, keys, deliveries, journal } = await filled(3);
    const whole = await readFile(journal);
    const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    const cuts = [lastLine + 1, lastLine + 9, lastLine + 40, Math.floor((lastLine + whole.length) / 2), whole.length - 2, whole.length - 1];
    for (const cut of cuts) {
      await writeFile(journal, whole.subarray(0, cut));
      const inbox = await openFileInbox({ directory, keys, clock });
      expect((await inbox.list(10)).map(({ deliveryId }) => deliveryId).sort()).toEqual(
        deliveries
          .slice(0, 2)
          .map(({ deliveryId }) => deliveryId)
          .sort(),
      );
      const last = deliveries[2]!;
      expect(await inbox.take(last, sampleActs(last))).toMatchObject({ outcome: 'new' });
      await inbox.close();
    }
    expect((await readdir(directory)).filter((name) => name.includes('torn'))).toHaveLength(cuts.length);
  });

  test('a line damaged before the end is reported, never skipped', async () => {
    const { directory, keys, journal } = await filled(3);
    const bytes = await readFile(journal);
    const secondLine = bytes.indexOf(0x0a) + 1;
    bytes[secondLine + 100] = bytes[secondLine + 100] === 0x41 ? 0x42 : 0x41;
    await writeFile(journal, bytes);
    await expect(openFileInbox({ directory, keys, clock })).rejects.toMatchObject({ code: 'ZD_ERR_AUDIT_CORRUPT' });
  });

  test('one process, and one inbox of it, works in a directory; a dead holder lets go', async () => {
    const { directory, keys } = await filled(1);
    const inbox = await openFileInbox({ directory, keys, clock });
    await expect(openFileInbox({ directory, keys, clock })).rejects.toMatchObject({ code: 'ZD_ERR_BUSY' });
    await inbox.close();
    const name = (await readdir(directory)).find((entry) => entry.startsWith('inbox.lock.'))!;
    await writeFile(join(directory, name), `${process.pid} another-boot:1`);
    const next = await openFileInbox({ directory, keys, clock });
    await next.close();
  });

  test('INV-16 an inbox of another party or mode is refused', async () => {
    const { journal } = await filled(1);
    const production = await makePair(clock, { mode: 'production' });
    onTestFinished(() => production.remove());
    const other = await temporaryDirectory();
    await copyFile(journal, join(other, 'inbox.journal'));
    await expect(openFileInbox({ directory: other, keys: production.agency, clock })).rejects.toMatchObject({
      code: 'ZD_ERR_MODE_REFUSED',
    });
  });

  test('a journal cut to nothing, or with an empty tail, opens', async () => {
    const { directory, keys, journal } = await filled(1);
    await appendFile(journal, Buffer.alloc(512));
    const padded = await openFileInbox({ directory, keys, clock });
    expect(await padded.list(10)).toHaveLength(1);
    await padded.close();
    await truncate(journal, 0);
    const empty = await openFileInbox({ directory, keys, clock });
    expect(await empty.list(10)).toEqual([]);
    await empty.close();
  });

  test('a journal is read in parts, however large, and its long torn end takes no place on the disk', async () => {
    const { journal } = await filled(2);
    const { size } = await stat(journal);
    await truncate(journal, size + TORN_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    const held: number[] = [];
    const opened = await openJournal(journal, () => held.push(process.memoryUsage().arrayBuffers - before));
    await opened.close();
    expect(held).toHaveLength(3);
    expect(Math.max(...held)).toBeLessThan(TORN_BYTES / 4);
    const aside = await stat(`${journal}.torn-1`);
    expect([(await stat(journal)).size, aside.size, aside.blocks < 100]).toEqual([size, TORN_BYTES, true]);
  });

  test('what is cut off is set aside whole, also by a disk that takes less at once than it is given', async () => {
    const { journal } = await filled(1);
    const { size } = await stat(journal);
    const torn = Buffer.from(Array.from({ length: 3_000 }, (_, index) => 1 + (index % 9)));
    await appendFile(journal, torn);
    onTestFinished(await halveWrites());
    const opened = await openJournal(journal, () => undefined);
    await opened.close();
    expect((await readFile(`${journal}.torn-1`)).equals(torn)).toBe(true);
    expect((await stat(journal)).size).toBe(size);
  });

  test('lines that reach over the ends of what is read at once, and lines longer than it, are read whole', async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'a.journal');
    const texts = Array.from({ length: 40 }, (_, index) => String(index % 10).repeat(index % 7 === 0 ? 2_500_000 : 90_000 + index * 1_234));
    const written = await openJournal(file, () => undefined);
    for (const text of texts) await written.append(text);
    await written.close();
    const read: { value: Json; position: Position }[] = [];
    const again = await openJournal(file, (value, position) => read.push({ value, position }));
    expect(read.map(({ value }, index) => value === texts[index])).toEqual(texts.map(() => true));
    for (const { value, position } of read) expect((await again.read(position)) === value).toBe(true);
    await again.close();
  });
});
