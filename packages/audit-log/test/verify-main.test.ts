import { spawnSync } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'tsup';
import { describe, expect, test } from 'vitest';
import tsupConfig from '../tsup.config.js';
import { formatVkey, proveEntry, publicKeyOfSigner } from '../src/index.js';
import { main } from '../src/verify-main.js';
import { someEntries, temporaryFolder, testSigner, writeLog } from './log-fixture.js';

const entries = someEntries(12);

async function run(argv: string[], lang = 'C') {
  const written = { out: '', err: '' };
  const io = {
    stdout: { write: (text: string) => (written.out += text) },
    stderr: { write: (text: string) => (written.err += text) },
    env: { LANG: lang },
  };
  return { code: await main(argv, io), ...written };
}

async function freshLog() {
  return writeLog(await temporaryFolder(), entries);
}

describe('zhida-audit-verify', () => {
  test('says in English and in Chinese from when to when the log is complete, and its root', async () => {
    const log = await freshLog();
    const times = { from: new Date(1_790_000_000_000).toISOString(), to: new Date(1_790_000_000_011).toISOString() };
    const english = await run([log.directory, '--key', log.vkey]);
    expect(english).toEqual({
      code: 0,
      out: `This log is complete from ${times.from} to ${times.to}: 12 entries, root ${log.root} (zhida.example/test/relay-440299).\n`,
      err: '',
    });
    const chinese = await run([log.directory, '--key', log.vkey], 'zh_CN.UTF-8');
    expect(chinese.out).toBe(
      `本日志自 ${times.from} 至 ${times.to} 完整，共 12 条，根值 ${log.root}（zhida.example/test/relay-440299）。\n`,
    );
  });

  test('takes the key from a verifier key, a file with one, or a trust file with a JWK set', async () => {
    const log = await freshLog();
    const folder = await temporaryFolder();
    const x = Buffer.from(log.publicKey.raw).toString('base64url');
    const signature = { kty: 'OKP', crv: 'Ed25519', x, use: 'sig', kid: 'k1' };
    const trust = { party: 'relay:440299', role: 'relay', jwks: { keys: [{ kty: 'OKP', crv: 'X25519', x, use: 'enc' }, signature] } };
    await writeFile(`${folder}/log.vkey`, `${log.vkey}\n`);
    await writeFile(`${folder}/trust.json`, JSON.stringify(trust));
    const ways = [
      ['--key', log.vkey],
      ['--key', `${folder}/log.vkey`],
      ['--trust', `${folder}/trust.json`],
      ['--key', `${folder}/trust.json`],
    ];
    for (const way of ways) expect(await run([log.directory, ...way])).toMatchObject({ code: 0, err: '' });
  });

  test('without a key says that it proves consistency, not origin', async () => {
    const log = await freshLog();
    const { code, out } = await run([log.directory]);
    expect(code).toBe(0);
    expect(out).toContain('key taken from the directory itself: proves consistency, not origin');
    expect((await run([log.directory], 'zh_CN')).out).toContain('密钥取自日志目录本身：只证明前后一致，不证明出自何处');
  });

  test('exits 1 and names index and id of the entry that is wrong', async () => {
    const log = await freshLog();
    const tile = `${log.layout.entries}/000000.jsonl`;
    const lines = (await readFile(tile, 'utf8')).split('\n');
    const dropped = await change(tile, lines.toSpliced(4, 1), () => run([log.directory, '--key', log.vkey]));
    expect(dropped).toMatchObject({ code: 1, out: expect.stringContaining(`index 4 ${entries[4]?.id}: the entry is missing`) });
    const swapped = await change(tile, lines.with(2, lines[9] ?? '').with(9, lines[2] ?? ''), () =>
      run([log.directory, '--key', log.vkey], 'zh'),
    );
    expect(swapped.code).toBe(1);
    expect(swapped.out).toContain(`第 2 条 ${entries[2]?.id}：两条条目被对调，另一条为第 9 条 ${entries[9]?.id}`);
    const flipped = await change(tile, lines.with(11, (lines[11] ?? '').replace('unknown', 'unknowm')), () =>
      run([log.directory, '--json']),
    );
    expect(JSON.parse(flipped.out)).toMatchObject({
      ok: false,
      problems: [{ what: 'entry-altered', index: 11, entryId: entries[11]?.id }],
    });
    const stranger = await run([log.directory, '--key', formatVkey('other', publicKeyOfSigner(testSigner()))]);
    expect(stranger).toMatchObject({ code: 1, out: expect.stringContaining(`checkpoints.log#1 index 0 ${entries[0]?.id}: `) });
  });

  test('checks the proof of one entry', async () => {
    const log = await freshLog();
    const file = `${await temporaryFolder()}/entry.tlog-proof`;
    const proof = await proveEntry(log.directory, entries[3]?.id ?? '');
    await writeFile(file, proof);
    expect(await run([file, '--key', log.vkey])).toMatchObject({
      code: 0,
      out: expect.stringContaining(`Entry ${entries[3]?.id} (index 3, `),
    });
    const facts = JSON.parse((await run([file, '--key', log.vkey, '--json'])).out);
    expect(facts).toMatchObject({ ok: true, index: 3, size: 12, rootHash: log.root, entry: { id: entries[3]?.id } });
    await writeFile(file, proof.replace('index 3', 'index 2'));
    expect(await run([file, '--key', log.vkey])).toMatchObject({ code: 1 });
    expect(await run([file])).toMatchObject({ code: 1, out: expect.stringContaining('no key that was given') });
    expect((await run([file, '--json', '--key', log.vkey])).code).toBe(1);
  });

  test('exits 2 when nothing could be verified', async () => {
    const log = await freshLog();
    const nothing = [
      [await temporaryFolder()],
      [`${log.directory}/nowhere`],
      [log.directory, '--key', `${log.directory}/nowhere`],
      [log.directory, '--key', log.layout.leaves],
      [log.directory, '--unknown'],
      [log.layout.leaves],
      [],
    ];
    for (const argv of nothing) expect(await run(argv)).toMatchObject({ code: 2, err: expect.stringMatching(/./) });
    expect(JSON.parse((await run([await temporaryFolder(), '--json'])).out)).toMatchObject({
      ok: false,
      error: { code: 'ZD_ERR_INPUT_UNREADABLE' },
    });
    expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('zhida-audit-verify DIR') });
  });
});

describe('the built program', () => {
  test('is one file that imports nothing but Node, and runs alone', async () => {
    const outDir = await temporaryFolder();
    const [, single] = Array.isArray(tsupConfig) ? tsupConfig : [];
    await build({
      ...single,
      config: false,
      outDir,
      silent: true,
      entry: { 'verify-bin': join(import.meta.dirname, '../src/verify-bin.ts') },
    });
    const program = join(outDir, 'verify-bin.js');
    const source = await readFile(program, 'utf8');
    const imported = [...source.matchAll(/^import .*?from\s*["'](.*?)["'];?$/gm)].map(([, name]) => name);
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.filter((name) => !/^(node:)?(crypto|fs\/promises|path|util)$/.test(name ?? ''))).toEqual([]);
    expect(await readdir(outDir)).toEqual(['verify-bin.js']);
    const log = await freshLog();
    const good = spawnSync(process.execPath, [program, log.directory, '--key', log.vkey], { cwd: '/', env: { LANG: 'zh_CN.UTF-8' } });
    expect(good.status).toBe(0);
    expect(good.stdout.toString()).toContain(`共 12 条，根值 ${log.root}`);
    await writeFile(log.layout.checkpoint, 'rubbish\n');
    expect(spawnSync(process.execPath, [program, log.directory], { cwd: '/', env: {} }).status).toBe(1);
    expect(spawnSync(process.execPath, [program, '/nowhere'], { cwd: '/', env: {} }).status).toBe(2);
  });
});

async function change<Result>(path: string, lines: string[], then: () => Promise<Result>): Promise<Result> {
  const before = await readFile(path);
  await writeFile(path, lines.join('\n'));
  const result = await then();
  await writeFile(path, before);
  return result;
}
