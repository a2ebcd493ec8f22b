import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable-file.js';
import { ENTRIES_PER_TILE, auditLayout } from './layout.js';
import { readSignedPart } from './signed-part.js';

const BLOCK_BYTES = 512;
const FOLDER = 'audit-log';

/**
 * Writes the signed part of a log as one tar file, to be handed over: unpacked, it verifies like the directory it came from.
 * The same log gives the same bytes.
 *
 * @returns entries exported
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` when the directory cannot be read; a file system error when the output exists
 * or cannot be written. What fails half-way leaves no file.
 */
export async function exportAuditLog(directory: string, output: string): Promise<number> {
  const layout = auditLayout(directory);
  const log = await readSignedPart(layout);
  const file = await open(output, 'wx', 0o600);
  try {
    await writeMember(file, 'log.json', await readFile(layout.about));
    await writeMember(file, 'checkpoint', Buffer.from(log.checkpoint));
    await writeMember(file, 'checkpoints.log', Buffer.from(log.history.map((note) => `${note}\n`).join('')));
    await writeMember(file, 'leaves', log.leaves);
    await writeMember(file, 'ids', log.ids);
    for (let tile = 0; tile * ENTRIES_PER_TILE < log.size; tile += 1) {
      await writeMember(file, `entries/${String(tile).padStart(6, '0')}.jsonl`, await log.tile(tile));
    }
    await file.write(Buffer.alloc(2 * BLOCK_BYTES));
    await file.sync();
  } catch (error) {
    // Half a file would be taken for the log, and stand in the way of the next try.
    await rm(output, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(output));
  return log.size;
}

async function writeMember(file: FileHandle, name: string, bytes: Buffer): Promise<void> {
  const padding = Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES);
  await file.writeFile(Buffer.concat([tarHeader(`${FOLDER}/${name}`, bytes.length), bytes, padding]));
}

/** A POSIX ustar header: octal text fields, and a checksum over the header with its own field as spaces. */
function tarHeader(name: string, length: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 100, 'latin1');
  header.write('0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${length.toString(8).padStart(11, '0')}\0`, 124);
  // No time: the same log gives the same file.
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
