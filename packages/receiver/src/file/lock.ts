import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { ZhidaError } from '@zhida/core';

/** Held by one process; a holder that was killed lets go by being dead. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the lock `file.N` of the highest N. Who finds its holder dead creates the next number, which the file system grants
 * to one contender alone: a stale lock is never removed by somebody who judged it a moment too early.
 *
 * @throws ZhidaError `ZD_ERR_BUSY` while another process, or another inbox of this one, holds it.
 */
export function lockDirectory(file: string): DirectoryLock {
  const holder = holderOf(process.pid);
  const held = highest(file);
  if (held > 0 && isHeld(`${file}.${held}`)) throw busy(file);
  const mine = `${file}.${held + 1}`;
  if (!create(mine, holder) || highest(file) !== held + 1) throw busy(file);
  for (const older of numbers(file)) if (older <= held) rmSync(`${file}.${older}`, { force: true });
  return { release: () => writeFileSync(mine, '') };
}

function busy(file: string): ZhidaError {
  return new ZhidaError('ZD_ERR_BUSY', 'another process works in this inbox directory', { at: basename(dirname(file)) });
}

function isHeld(file: string): boolean {
  const content = readFileSync(file, 'utf8');
  const pid = Number(content.split(' ')[0]);
  return content !== '' && Number.isSafeInteger(pid) && pid > 0 && holderOf(pid) === content;
}

/** A process in words that a later process with the same number does not fit; `''` when there is none. */
function holderOf(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return '';
  }
  return `${pid} ${beganAt(pid)}`;
}

function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // proc(5): the name in brackets may hold spaces, so the fields are counted behind its end; the start time is field 22.
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    // Without procfs the number alone must do: a reused one blocks the start until a person removes the file.
    return 'unknown';
  }
}

/** Linking a finished file is atomic: nobody ever reads a lock without its holder. */
function create(file: string, holder: string): boolean {
  const draft = join(dirname(file), `.${randomUUID()}.lock`);
  writeFileSync(draft, holder, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function numbers(file: string): number[] {
  const prefix = `${basename(file)}.`;
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
}

function highest(file: string): number {
  return Math.max(0, ...numbers(file));
}
