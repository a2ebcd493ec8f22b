import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPrivateObject, writePrivateFile } from '../src/embedded/private-file.js';
import { passwordOf, readOrCreateSecrets } from '../src/embedded/secrets.js';
import { capLog } from '../src/embedded/server-log.js';
import { readState, writeState } from '../src/embedded/state-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zhida-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// The embedded database, whose files these are, is not there on Windows.
describe.runIf(process.platform !== 'win32')('a private file', () => {
  it('is replaced whole, closed to others, with no leftover', () => {
    const file = join(folder, 'a.json');
    writePrivateFile(file, '{"a":1}');
    writePrivateFile(file, '{"a":2}');
    expect(readPrivateObject(file)).toEqual({ a: 2 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('that does not hold an object is an error that names it and quotes nothing', () => {
    const file = join(folder, 'secrets.json');
    writeFileSync(file, '{"administrator":"hunter2hunter2');
    const read = (): unknown => readOrCreateSecrets(file);
    expect(read).toThrow(expect.objectContaining({ code: 'ZD_ERR_DATABASE_START', at: file }));
    expect(read).not.toThrow('hunter2');
  });
});

describe('the secrets', () => {
  it('are drawn once, one for each role, and found again', () => {
    const file = join(folder, 'secrets.json');
    const { administrator } = readOrCreateSecrets(file);
    const relay = passwordOf(file, 'relay');
    const police = passwordOf(file, 'police');
    expect(new Set([administrator, relay, police]).size).toBe(3);
    expect(readOrCreateSecrets(file)).toEqual({ administrator, roles: { relay, police } });
    expect(passwordOf(file, 'relay')).toBe(relay);
  });
});

describe('the state file', () => {
  it('survives a round trip, and a port that is none is no port', () => {
    const file = join(folder, 'database.json');
    expect(readState(file)).toBeUndefined();
    const state = { place: '/p', movedUnder: null, binaries: '/b', host: '127.0.0.1', port: 5432 } as const;
    writeState(file, state);
    expect(readState(file)).toEqual(state);
    writeFileSync(file, '{"place":"/p","port":"5432"}');
    expect(readState(file)?.port).toBeUndefined();
  });
});

describe('the server’s log', () => {
  it('keeps at most 2 MiB and one older part', () => {
    const file = join(folder, 'server.log');
    writeFileSync(file, 'x'.repeat(2 * 1024 * 1024 - 1));
    capLog(file);
    expect(readdirSync(folder)).toEqual(['server.log']);
    writeFileSync(file, 'x', { flag: 'a' });
    capLog(file);
    expect(statSync(file).size).toBe(0);
    expect(readFileSync(`${file}.1`).length).toBe(2 * 1024 * 1024);
    expect(statSync(`${file}.1`).mode & 0o777).toBe(0o600);
    rmSync(file);
    capLog(file);
  });
});
