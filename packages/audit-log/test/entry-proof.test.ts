import { execFileSync } from 'node:child_process';
import { readFile, truncate } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { exportAuditLog, proveEntry, publicKeyOfSigner, verifyAuditDirectory, verifyEntryProof } from '../src/index.js';
import { someEntries, temporaryFolder, testSigner, writeLog } from './log-fixture.js';

const entries = someEntries(1205);

async function freshLog() {
  return writeLog(await temporaryFolder(), entries, { checkpoints: [700, 1205] });
}

describe('the proof of one entry', () => {
  test.each([0, 1, 999, 1000, 1204])('shows entry %i to whoever holds the key, without the log', async (index) => {
    const log = await freshLog();
    const id = entries[index]?.id ?? '';
    const proof = await proveEntry(log.directory, id);
    expect(proof.split('\n').slice(0, 3)).toEqual([
      'c2sp.org/tlog-proof@v1',
      `extra ${Buffer.from(entries[index]?.bytes ?? []).toString('base64')}`,
      `index ${index}`,
    ]);
    const proven = verifyEntryProof(proof, [log.publicKey]);
    expect(proven).toMatchObject({ index, entry: { id }, checkpoint: { size: 1205 } });
  });

  test('does not hold for another entry, index, path, checkpoint or key', async () => {
    const log = await freshLog();
    const proof = await proveEntry(log.directory, entries[6]?.id ?? '');
    const other = Buffer.from(entries[7]?.bytes ?? []).toString('base64');
    const lines = proof.split('\n');
    const broken = [
      proof.replace(/^extra .*$/m, `extra ${other}`),
      proof.replace('index 6', 'index 7'),
      lines.toSpliced(3, 1).join('\n'),
      lines.with(3, lines[4] ?? '').join('\n'),
    ];
    for (const text of broken) {
      expect(() => verifyEntryProof(text, [log.publicKey])).toThrow(expect.objectContaining({ code: 'ZD_ERR_AUDIT_CORRUPT' }));
    }
    const mismatch = expect.objectContaining({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
    expect(() => verifyEntryProof(proof, [publicKeyOfSigner(testSigner())])).toThrow(mismatch);
    expect(() => verifyEntryProof(proof.replace('\n1205\n', '\n1204\n'), [log.publicKey])).toThrow(mismatch);
  });

  test.each([
    ['nothing', ''],
    ['another format', 'c2sp.org/tlog-proof@v2\nindex 0\n\n'],
    ['no entry', 'c2sp.org/tlog-proof@v1\nindex 0\n\n'],
    ['an index with a sign', 'c2sp.org/tlog-proof@v1\nextra AA==\nindex +1\n\n'],
  ])('of %s is unreadable', (_, text) => {
    expect(() => verifyEntryProof(text, [])).toThrow(expect.objectContaining({ code: 'ZD_ERR_INPUT_UNREADABLE' }));
  });

  test('is not made for an entry that is not under the checkpoint', async () => {
    const log = await freshLog();
    const [stranger] = someEntries(1);
    await expect(proveEntry(log.directory, stranger?.id ?? '')).rejects.toMatchObject({ code: 'ZD_ERR_NOT_FOUND' });
    await expect(proveEntry(log.directory, 'aud_1')).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
    await expect(proveEntry(await temporaryFolder(), stranger?.id ?? '')).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_UNREADABLE' });
  });
});

describe('the export', () => {
  test('is a tar file that unpacks to a log which verifies, and is the same each time', async () => {
    const log = await freshLog();
    const folder = await temporaryFolder();
    expect(await exportAuditLog(log.directory, `${folder}/one.tar`)).toBe(1205);
    await exportAuditLog(log.directory, `${folder}/other.tar`);
    expect(Buffer.compare(await readFile(`${folder}/one.tar`), await readFile(`${folder}/other.tar`))).toBe(0);
    execFileSync('tar', ['-xf', `${folder}/one.tar`, '-C', folder]);
    const result = await verifyAuditDirectory(`${folder}/audit-log`, { publicKeys: [log.publicKey] });
    expect(result).toMatchObject({ ok: true, size: 1205, rootHash: log.root, checkpoints: 3 });
  });

  test('holds what the checkpoint covers, also while the log goes on', async () => {
    const log = await writeLog(await temporaryFolder(), entries.slice(0, 30), { checkpoints: [20] });
    const { appendRows } = await import('../src/postgres/log-files.js');
    const { leafHash } = await import('../src/index.js');
    const later = entries
      .slice(20, 30)
      .map(({ id, bytes }, offset) => ({ index: 20 + offset, entryId: id, bytes, leafHash: leafHash(bytes) }));
    await appendRows(log.layout, log.state, later);
    await truncate(`${log.layout.entries}/000000.jsonl`, (await readFile(`${log.layout.entries}/000000.jsonl`)).length - 9);
    const folder = await temporaryFolder();
    expect(await exportAuditLog(log.directory, `${folder}/cut.tar`)).toBe(20);
    execFileSync('tar', ['-xf', `${folder}/cut.tar`, '-C', folder]);
    expect(await verifyAuditDirectory(`${folder}/audit-log`, { publicKeys: [log.publicKey] })).toMatchObject({ ok: true, size: 20 });
  });

  test('leaves no file where it cannot be whole', async () => {
    const log = await freshLog();
    const folder = await temporaryFolder();
    await truncate(`${log.layout.entries}/000001.jsonl`, 9);
    await expect(exportAuditLog(log.directory, `${folder}/one.tar`)).rejects.toMatchObject({ code: 'ZD_ERR_AUDIT_CORRUPT' });
    await expect(readFile(`${folder}/one.tar`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('never overwrites a file', async () => {
    const log = await freshLog();
    await expect(exportAuditLog(log.directory, log.layout.leaves)).rejects.toMatchObject({ code: 'EEXIST' });
  });
});
