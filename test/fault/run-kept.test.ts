import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endChild, waitUntil } from '@zhida/testkit';
import { expect, test } from 'vitest';
import { keptScript } from './support/built-script.js';

const run = promisify(execFile);
const SCRIPT = `
  import { basename } from 'node:path';
  const [what] = process.argv.slice(2);
  console.log(what, basename(process.argv[1] ?? ''), basename(import.meta.filename));
  if (what === 'stays') setInterval(() => undefined, 1_000);
`;

test('a script says the same where nothing is kept of it, where rubbish is, and with what one of its processes has kept', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'zhida-kept-'));
  try {
    writeFileSync(join(directory, 'says.ts'), SCRIPT);
    const kept = await keptScript(join(directory, 'says.ts'));
    const says = async (): Promise<string> => (await run(process.execPath, [...kept, 'ends'])).stdout;
    const said = 'ends script.cjs script.cjs\n';
    expect(await says()).toBe(said);
    const files = ['started', 'worked'].map((as) => `${kept[1]}.${as}`);
    for (const file of files) writeFileSync(file, 'rubbish');
    expect(await says()).toBe(said);
    const staying = spawn(process.execPath, [...kept, 'stays'], { stdio: 'ignore' });
    await waitUntil(() => files.every((file) => readFileSync(file).length > 'rubbish'.length), { what: 'it is kept', deadlineMs: 30_000 });
    await endChild(staying, 'SIGKILL');
    expect(await says()).toBe(said);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);
