import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { publicKeyOfSigner, signCheckpoint, verifyAuditDirectory } from '../src/index.js';
import { tilePath } from '../src/layout.js';
import { ORIGIN, someEntries, temporaryFolder, testSigner, writeLog } from './log-fixture.js';

const entries = someEntries(2300);

async function freshLog(options: Parameters<typeof writeLog>[2] = {}, count = 2300) {
  const log = await writeLog(await temporaryFolder(), entries.slice(0, count), options);
  const tile = (number: number) => tilePath(log.layout, number);
  return {
    ...log,
    tile,
    verify: (more = {}) => verifyAuditDirectory(log.directory, { publicKeys: [log.publicKey], ...more }),
    lines: async (number: number) => (await readFile(tile(number), 'utf8')).split('\n').slice(0, -1),
    writeLines: (number: number, lines: string[]) => writeFile(tile(number), lines.map((line) => `${line}\n`).join('')),
  };
}

const idOf = (index: number): string => entries[index]?.id ?? '';

describe('a log as it was written', () => {
  test('verifies: every entry, every leaf, every checkpoint ever signed', async () => {
    const log = await freshLog({ checkpoints: [0, 1, 999, 1000, 1001, 2300] });
    expect(await log.verify()).toEqual({
      ok: true,
      origin: ORIGIN,
      size: 2300,
      signedSize: 2300,
      rootHash: log.root,
      from: new Date(1_790_000_000_000).toISOString(),
      to: new Date(1_790_000_002_299).toISOString(),
      checkpoints: 7,
      tail: 0,
      keySource: 'given',
      problems: [],
      omittedProblems: 0,
    });
  });

  test('verifies when it is empty', async () => {
    const log = await freshLog({ checkpoints: [0] }, 0);
    expect(await log.verify()).toMatchObject({ ok: true, size: 0, from: null });
  });

  test('without a key is held against the key it names itself, and says so', async () => {
    const log = await freshLog({}, 5);
    expect(await verifyAuditDirectory(log.directory)).toMatchObject({ ok: true, keySource: 'directory' });
  });

  test('is verified by any of several keys, so that a key can be changed', async () => {
    const log = await freshLog({ checkpoints: [3] }, 5);
    const next = await writeLog(log.directory, entries.slice(0, 5), { checkpoints: [3, 5] });
    expect(await verifyAuditDirectory(log.directory, { publicKeys: [next.publicKey, log.publicKey] })).toMatchObject({ ok: true });
  });
});

describe('a log somebody changed is found out, and the entry is named', () => {
  test('one flipped byte, wherever in the entry it is', async () => {
    const log = await freshLog({ checkpoints: [1000, 2300] });
    const whole = await readFile(log.tile(1));
    const start = whole.indexOf(0x0a) + 1;
    const end = whole.indexOf(0x0a, start);
    for (let place = start; place <= end; place += 7) {
      const bytes = Buffer.from(whole);
      bytes[place] = (bytes[place] ?? 0) ^ 0x01;
      await writeFile(log.tile(1), bytes);
      const result = await log.verify();
      expect(result.ok).toBe(false);
      expect(result.problems[0]).toMatchObject({ what: 'entry-altered', index: 1001, entryId: idOf(1001) });
    }
  });

  test('a byte turned into a newline, and a newline turned into a byte', async () => {
    const log = await freshLog({}, 10);
    const whole = await readFile(log.tile(0));
    const second = whole.indexOf(0x0a) + 1;
    for (const place of [second + 5, whole.indexOf(0x0a, second)]) {
      const bytes = Buffer.from(whole);
      bytes[place] = bytes[place] === 0x0a ? 0x20 : 0x0a;
      await writeFile(log.tile(0), bytes);
      expect((await log.verify()).problems[0]).toMatchObject({ index: 1, entryId: idOf(1) });
    }
  });

  test.each([0, 500, 999, 1000, 2298, 2299])('entry %i dropped from its file', async (index) => {
    const log = await freshLog();
    const tile = Math.floor(index / 1000);
    await log.writeLines(tile, (await log.lines(tile)).toSpliced(index % 1000, 1));
    const result = await log.verify();
    expect(result).toMatchObject({ ok: false, problems: [{ what: 'entry-missing', index, entryId: idOf(index) }] });
  });

  test.each([
    [3, 4],
    [3, 700],
    [0, 999],
  ])('entries %i and %i swapped', async (one, other) => {
    const log = await freshLog();
    const lines = await log.lines(0);
    await log.writeLines(0, lines.with(one, lines[other] ?? '').with(other, lines[one] ?? ''));
    const result = await log.verify();
    expect(result.ok).toBe(false);
    expect(result.problems).toEqual([
      { what: 'entries-swapped', index: one, entryId: idOf(one), other: { index: other, entryId: idOf(other) } },
    ]);
  });

  test('an entry put in that was never logged, and one logged twice', async () => {
    const log = await freshLog({}, 20);
    const [forged] = someEntries(1);
    const lines = await log.lines(0);
    await log.writeLines(0, lines.toSpliced(7, 0, Buffer.from(forged?.bytes ?? []).toString()));
    expect((await log.verify()).problems).toEqual([{ what: 'entry-extra', index: 7, entryId: forged?.id }]);
    await log.writeLines(0, lines.toSpliced(8, 0, lines[3] ?? ''));
    const repeated = await log.verify();
    expect(repeated.problems).toContainEqual({ what: 'entry-extra', index: 8, entryId: idOf(3) });
    expect(repeated.problems).toContainEqual({ what: 'entry-repeated', index: 8, entryId: idOf(3) });
  });

  test.each([1, 2, 100, 100_000])('an entry file cut short by %i bytes', async (bytes) => {
    const log = await freshLog({}, 1500);
    const { length } = await readFile(log.tile(1));
    await truncate(log.tile(1), length - bytes);
    const [first] = (await log.verify()).problems;
    const remaining = (await readFile(log.tile(1), 'latin1')).split('\n').length - 1;
    expect(first).toMatchObject({ index: 1000 + remaining, entryId: idOf(1000 + remaining) });
  });

  test('a whole entry file gone', async () => {
    const log = await freshLog();
    await rm(log.tile(1));
    expect((await log.verify()).problems).toEqual([{ what: 'entry-missing', index: 1000, entryId: idOf(1000), count: 1000 }]);
  });

  test('an entry rewritten together with its leaf: the signed root finds it between two checkpoints', async () => {
    const log = await freshLog({ checkpoints: [5, 10, 15] }, 15);
    const forger = await writeLog(
      await temporaryFolder(),
      entries.slice(0, 15).with(7, someEntries(1)[0] ?? { id: '', bytes: Buffer.of() }),
    );
    for (const file of ['leaves', 'ids', 'entries/000000.jsonl']) {
      await writeFile(`${log.directory}/${file}`, await readFile(`${forger.directory}/${file}`));
    }
    const result = await log.verify();
    expect(result).toMatchObject({ ok: false, signedSize: 5 });
    expect(result.problems).toEqual([{ what: 'checkpoint-root', index: 5, entryId: idOf(5), at: 'checkpoints.log#2', count: 3 }]);
  });

  test('files cut back together: the checkpoint still speaks of the entries that are gone', async () => {
    const log = await freshLog({}, 10);
    const shorter = await writeLog(await temporaryFolder(), entries.slice(0, 8));
    for (const file of ['leaves', 'ids', 'entries/000000.jsonl']) {
      await writeFile(`${log.directory}/${file}`, await readFile(`${shorter.directory}/${file}`));
    }
    expect(await log.verify()).toMatchObject({
      ok: false,
      problems: [{ what: 'checkpoint-beyond-entries', index: 0, entryId: idOf(0), count: 2 }],
    });
  });

  test('a checkpoint replaced: by a forger’s, by an older one, by another log’s, by rubbish', async () => {
    const log = await freshLog({ checkpoints: [4, 10] }, 10);
    const root = Buffer.from(log.root, 'hex');
    const forged = signCheckpoint({ origin: ORIGIN, size: 10, root }, testSigner());
    await writeFile(log.layout.checkpoint, forged);
    expect((await log.verify()).problems).toEqual([{ what: 'checkpoint-signature', index: 9, entryId: idOf(9), at: 'checkpoint' }]);
    const older = (await readFile(log.layout.history, 'utf8')).split('\n\n').slice(0, 2).join('\n\n');
    await writeFile(log.layout.checkpoint, `${older}\n`);
    expect((await log.verify()).problems).toEqual([{ what: 'checkpoint-not-newest', index: 4, entryId: idOf(4), at: 'checkpoint' }]);
    await writeFile(
      log.layout.checkpoint,
      signCheckpoint({ origin: 'other.example/log', size: 10, root }, { ...log.signer, name: ORIGIN }),
    );
    expect((await log.verify()).problems.map(({ what }) => what)).toContain('checkpoint-of-other-log');
    await writeFile(log.layout.checkpoint, 'rubbish\n');
    expect((await log.verify()).problems).toEqual([{ what: 'checkpoint-unreadable', index: 9, entryId: idOf(9), at: 'checkpoint' }]);
    await rm(log.layout.checkpoint);
    expect((await log.verify()).problems).toEqual([{ what: 'checkpoint-missing', index: 9, entryId: idOf(9), at: 'checkpoint' }]);
  });

  test('the wrong key: nothing is proven from the first entry on', async () => {
    const log = await freshLog({ checkpoints: [4, 10] }, 10);
    const result = await log.verify({ publicKeys: [publicKeyOfSigner(testSigner())] });
    expect(result).toMatchObject({ ok: false, signedSize: 0, size: 10 });
    expect(result.problems).toEqual([{ what: 'checkpoint-signature', index: 0, entryId: idOf(0), at: 'checkpoints.log#1', count: 3 }]);
  });

  test('entries after the checkpoint are named, and taken only when the caller allows it', async () => {
    const log = await freshLog({ checkpoints: [8] }, 12);
    const longer = await writeLog(await temporaryFolder(), entries.slice(0, 12));
    for (const file of ['leaves', 'ids', 'entries/000000.jsonl']) {
      await writeFile(`${log.directory}/${file}`, await readFile(`${longer.directory}/${file}`));
    }
    expect(await log.verify()).toMatchObject({
      ok: false,
      tail: 4,
      problems: [{ what: 'tail-unsigned', index: 8, entryId: idOf(8), count: 4 }],
    });
    expect(await log.verify({ allowTail: true })).toMatchObject({
      ok: true,
      tail: 4,
      signedSize: 8,
      to: new Date(1_790_000_000_007).toISOString(),
    });
    await truncate(log.tile(0), (await readFile(log.tile(0))).length - 40);
    expect(await log.verify({ allowTail: true })).toMatchObject({ ok: true, tail: 4 });
  });

  test('damage of the helper files is told from damage of an entry', async () => {
    const log = await freshLog({}, 10);
    const leaves = await readFile(log.layout.leaves);
    leaves[32 * 6] = (leaves[32 * 6] ?? 0) ^ 1;
    await writeFile(log.layout.leaves, leaves);
    expect((await log.verify()).problems).toEqual([{ what: 'leaves-differ', index: 6, entryId: idOf(6) }]);
    leaves[32 * 6] = (leaves[32 * 6] ?? 0) ^ 1;
    await writeFile(log.layout.leaves, leaves);
    const ids = await readFile(log.layout.ids);
    ids[31 * 3 + 10] = (ids[31 * 3 + 10] ?? 0) ^ 1;
    await writeFile(log.layout.ids, ids);
    expect((await log.verify()).problems).toEqual([{ what: 'ids-differ', index: 3, entryId: idOf(3) }]);
  });

  test('an entry of another log, also when it was signed', async () => {
    const strangers = entries
      .slice(0, 10)
      .with(4, someEntries(1, 'zhida.example/production/relay-440299')[0] ?? { id: '', bytes: Buffer.of() });
    const log = await writeLog(await temporaryFolder(), strangers);
    const result = await verifyAuditDirectory(log.directory, { publicKeys: [log.publicKey] });
    expect(result.problems).toEqual([{ what: 'entry-of-other-log', index: 4, entryId: strangers[4]?.id }]);
  });

  test('bytes signed that are no canonical entry', async () => {
    const odd = entries.slice(0, 5).with(2, { id: idOf(2), bytes: Buffer.from(`{"id":"${idOf(2)}","v":"1"}`) });
    const log = await writeLog(await temporaryFolder(), odd);
    const result = await verifyAuditDirectory(log.directory, { publicKeys: [log.publicKey] });
    expect(result.problems).toEqual([{ what: 'entry-unreadable', index: 2, entryId: idOf(2) }]);
  });

  test('more problems than a person reads are counted, not listed', async () => {
    const log = await freshLog({}, 400);
    await log.writeLines(
      0,
      (await log.lines(0)).map((line) => line.replace('"outcome"', '"outc0me"')),
    );
    const result = await log.verify();
    expect(result.problems).toHaveLength(100);
    expect(result.omittedProblems).toBeGreaterThanOrEqual(300);
  });
});

describe('what cannot be verified at all', () => {
  test.each([
    ['a folder that is not there', async () => `${await temporaryFolder()}/nowhere`],
    ['an empty folder', temporaryFolder],
  ])('%s', async (_, directory) => {
    await expect(verifyAuditDirectory(await directory())).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_UNREADABLE' });
  });

  test('a log without any key', async () => {
    const log = await freshLog({}, 3);
    await rm(log.layout.about);
    await expect(verifyAuditDirectory(log.directory)).rejects.toMatchObject({ code: 'ZD_ERR_KEY_MISSING' });
    expect(await log.verify()).toMatchObject({ ok: true });
  });
});
