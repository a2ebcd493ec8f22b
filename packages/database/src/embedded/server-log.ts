import { chmodSync, copyFileSync, openSync, statSync, truncateSync } from 'node:fs';
import { giveToFolderOwner } from './private-file.js';

const LOG_LIMIT_BYTES = 2 * 1024 * 1024;

/** Opens the server's log for appending (0600): the server goes on writing to it after we are gone. */
export function openLog(file: string): number {
  const descriptor = openSync(file, 'a', 0o600);
  giveToFolderOwner(descriptor, file);
  return descriptor;
}

/** Keeps the log and one older part, each under 2 MiB. The server appends, so what it writes next lands in the emptied file. */
export function capLog(file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < LOG_LIMIT_BYTES) return;
  const older = `${file}.1`;
  copyFileSync(file, older);
  chmodSync(older, 0o600);
  truncateSync(file, 0);
}
