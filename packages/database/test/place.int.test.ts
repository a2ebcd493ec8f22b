import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { binariesAt, copyBinaries, installedBinaries } from '../src/embedded/binaries.js';
import { resolvePlace } from '../src/embedded/place.js';
import { canEnter, canRun, findServiceUser } from '../src/embedded/service-user.js';
import { checkoutIsOpen, clear, closedFolder, passableFolder } from './support/folder.js';

const ROOT = process.getuid?.() === 0;
const folders: string[] = [];
afterEach(() => clear(...folders.splice(0)));

function temporary(make: () => string): string {
  const folder = make();
  folders.push(folder);
  return folder;
}

describe.runIf(ROOT)('the place of the database, as root', () => {
  it('has programs that its account can run, though the checkout’s own are out of its reach', async () => {
    const checkout = temporary(closedFolder);
    folders.push(dirname(checkout));
    const installed = installedBinaries();
    cpSync(installed.root, join(checkout, 'native'), { recursive: true, verbatimSymlinks: true });
    const unreachable = binariesAt(join(checkout, 'native'), installed.label);
    const user = findServiceUser(checkout);
    expect(canRun(user, unreachable.postgres)).toBe(false);

    const system = temporary(passableFolder);
    // What a copy that was cut short has left does not pass for a whole one, and is cleared away.
    mkdirSync(join(system, `postgresql-${installed.label}.postgres-1.tmp`, 'bin'), { recursive: true });
    const copy = await copyBinaries(unreachable, system, 'postgres-1');
    expect(canRun(user, copy.postgres)).toBe(true);
    expect(readdirSync(system)).toEqual([`postgresql-${installed.label}`]);
    const { mtimeMs } = statSync(copy.postgres);
    expect(statSync((await copyBinaries(unreachable, system, 'postgres-2')).postgres).mtimeMs).toBe(mtimeMs);
  });

  it('is a folder nobody could lay out beforehand where only a world-writable system directory is left', async () => {
    const checkout = temporary(closedFolder);
    folders.push(dirname(checkout));
    const shared = temporary(passableFolder);
    chmodSync(shared, 0o1777);
    const options = { directory: join(checkout, 'postgres'), stateFile: join(checkout, 'database.json') };
    mkdirSync(options.directory);
    writeFileSync(join(shared, 'file'), '');
    const systemDirectories = [join(shared, 'file', 'no'), shared];
    const place = await resolvePlace({ ...options, systemDirectories });
    expect(dirname(dirname(place.directory))).toBe(shared);
    expect(basename(dirname(place.directory))).toMatch(/^zhida-[0-9a-f]{16}$/);
    expect(statSync(dirname(place.directory))).toMatchObject({ uid: 0 });
    expect(canEnter(place.user, place.directory)).toBe(true);
    expect((await resolvePlace({ ...options, systemDirectories })).directory).toBe(place.directory);
  });

  it('refuses with a clear error when there is none', async () => {
    const checkout = temporary(closedFolder);
    folders.push(dirname(checkout));
    const options = { directory: join(checkout, 'postgres'), stateFile: join(checkout, 'database.json') };
    mkdirSync(options.directory);
    await expect(resolvePlace({ ...options, systemDirectories: [join(checkout, 'closed')] })).rejects.toMatchObject({
      code: 'ZD_ERR_DATABASE_START',
    });
  });

  it.runIf(checkoutIsOpen())('follows a checkout that was renamed, and touches nothing beside it', async () => {
    const root = temporary(passableFolder);
    const before = { directory: join(root, 'one', 'postgres'), stateFile: join(root, 'one', 'database.json') };
    mkdirSync(before.directory, { recursive: true });
    chmodSync(join(root, 'one'), 0o711);
    await resolvePlace(before);
    cpSync(join(root, 'one'), join(root, 'two'), { recursive: true });
    const place = await resolvePlace({ directory: join(root, 'two', 'postgres'), stateFile: join(root, 'two', 'database.json') });
    expect(place.directory).toBe(join(root, 'two', 'postgres'));
    expect(existsSync(join(root, 'one', 'postgres'))).toBe(true);
  });
});
