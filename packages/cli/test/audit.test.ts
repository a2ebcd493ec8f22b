import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditEntry, formatVkey, leafHash, merkleRoot, publicKeyOfSigner, signCheckpoint } from '@zhida/audit-log';
import { Command, CommanderError } from 'commander';
import { expect, onTestFinished, test } from 'vitest';
import { type AuditIo, registerAudit } from '../src/commands/audit.js';

const ORIGIN = 'zhida.example/test/relay-440299';

/** A small audit directory, written by hand as its layout is documented. */
async function someLog() {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-cli-audit-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const signer = { name: ORIGIN, privateKey: generateKeyPairSync('ed25519').privateKey };
  const entries = [1, 2, 3].map((number) =>
    auditEntry({ origin: ORIGIN, actor: 'relay:1', action: 'report.accepted', subject: { reportId: `rpt_${number}` } }),
  );
  const leaves = entries.map(({ bytes }) => leafHash(bytes));
  const note = signCheckpoint({ origin: ORIGIN, size: 3, root: merkleRoot(leaves) }, signer);
  const vkey = formatVkey(ORIGIN, publicKeyOfSigner(signer));
  await mkdir(join(directory, 'entries'));
  const tile = join(directory, 'entries/000000.jsonl');
  await writeFile(tile, entries.map(({ bytes }) => `${Buffer.from(bytes).toString()}\n`).join(''));
  await writeFile(join(directory, 'leaves'), Buffer.concat(leaves));
  await writeFile(join(directory, 'ids'), entries.map(({ entry }) => `${entry.id}\n`).join(''));
  await writeFile(join(directory, 'checkpoint'), note);
  await writeFile(join(directory, 'checkpoints.log'), `${note}\n`);
  await writeFile(join(directory, 'log.json'), `${JSON.stringify({ origin: ORIGIN, vkey })}\n`);
  return { directory, tile, vkey, ids: entries.map(({ entry }) => entry.id) };
}

async function zhida(...argv: string[]) {
  const written = { out: '', err: '' };
  const io: AuditIo = {
    stdout: { write: (text: string) => (written.out += text) },
    stderr: { write: (text: string) => (written.err += text) },
    env: { LANG: 'C' },
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerAudit(program, io);
  await program.parseAsync(['audit', ...argv], { from: 'user' });
  return { code: io.exitCode, ...written };
}

test('audit verify prints size and root and exits 0, or exits 1 and names the entry', async () => {
  const log = await someLog();
  expect(await zhida('verify', log.directory, '--key', log.vkey)).toMatchObject({
    code: 0,
    out: expect.stringContaining(': 3 entries, root '),
  });
  await writeFile(log.tile, (await readFile(log.tile, 'utf8')).replace('rpt_2', 'rpt_7'));
  const found = await zhida('verify', log.directory, '--trust', join(log.directory, 'log.vkey')).catch(() => undefined);
  expect(found).toMatchObject({ code: 2 });
  expect(await zhida('verify', log.directory, '--key', log.vkey)).toMatchObject({
    code: 1,
    out: expect.stringContaining(`index 1 ${log.ids[1]}: the entry was altered`),
  });
  expect(JSON.parse((await zhida('verify', log.directory, '--json')).out)).toMatchObject({ ok: false, keySource: 'directory', size: 3 });
});

test('audit prove writes a proof that audit verify accepts without the log', async () => {
  const log = await someLog();
  const file = join(log.directory, 'entry.tlog-proof');
  const printed = await zhida('prove', log.directory, '--entry', log.ids[2] ?? '');
  await zhida('prove', log.directory, '--entry', log.ids[2] ?? '', '--output', file);
  expect(await readFile(file, 'utf8')).toBe(printed.out);
  await rm(join(log.directory, 'entries'), { recursive: true });
  expect(await zhida('verify', file, '--key', log.vkey)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`Entry ${log.ids[2]} (index 2`),
  });
  await expect(zhida('prove', log.directory, '--entry', 'aud_1')).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
});

test('audit export hands over a log that proves itself, and no other', async () => {
  const log = await someLog();
  const output = join(log.directory, 'handed-over.tar');
  expect(await zhida('export', log.directory, '--output', output, '--key', log.vkey)).toMatchObject({
    code: 0,
    err: expect.stringContaining('3 entries exported'),
  });
  expect((await readFile(output)).subarray(0, 18).toString()).toBe('audit-log/log.json');
  await writeFile(log.tile, (await readFile(log.tile, 'utf8')).replace('rpt_2', 'rpt_7'));
  expect(await zhida('export', log.directory, '--output', `${output}2`)).toMatchObject({
    code: 1,
    err: expect.stringContaining(log.ids[1] ?? ''),
  });
  await expect(readFile(`${output}2`)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('what is not there is refused: an option, a needed option, a path', async () => {
  for (const argv of [['verify'], ['verify', '/tmp', '--fast'], ['prove', '/tmp'], ['export', '/tmp'], ['destroy']]) {
    await expect(zhida(...argv)).rejects.toBeInstanceOf(CommanderError);
  }
});
