import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Json, ZhidaError } from '@zhida/core';

/** Where an entry lies: the line, and its place in the line's batch. */
export interface Position {
  readonly offset: number;
  readonly length: number;
  readonly index: number;
}

/** An append-only file of JSON values. A value is on disk when its append resolves. */
export interface Journal {
  append(value: Json): Promise<Position>;
  read(position: Position): Promise<Json>;
  close(): Promise<void>;
}

interface Pending {
  readonly value: Json;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: unknown) => void;
}

const CRC_LENGTH = 8;

/**
 * Opens a journal, giving every value in it to `onValue`. One line is one batch: eight hex digits of CRC-32, a space, a JSON
 * array. A kill can only tear the last line; a torn one is kept beside the journal (`….torn-1`) and cut off.
 *
 * @throws ZhidaError `ZD_ERR_AUDIT_CORRUPT` when a line before the last is damaged: nothing is guessed.
 */
export async function openJournal(file: string, onValue: (value: Json, position: Position) => void): Promise<Journal> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const end = await replay(handle, file, onValue);
    await syncDirectory(dirname(file));
    return writer(handle, end);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function replay(handle: FileHandle, file: string, onValue: (value: Json, position: Position) => void): Promise<number> {
  const bytes = await handle.readFile();
  let offset = 0;
  while (offset < bytes.length) {
    const newline = bytes.indexOf(0x0a, offset);
    const stop = newline === -1 ? bytes.length : newline;
    const values = newline === -1 ? undefined : parseLine(bytes.subarray(offset, stop));
    if (values === undefined) {
      // Bytes behind the damage were written later, so the damage is not a torn end.
      if (newline !== -1 && stop + 1 < bytes.length) {
        throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', 'a line inside the journal is damaged', { at: `byte ${offset}` });
      }
      await setAside(file, bytes.subarray(offset));
      await handle.truncate(offset);
      await handle.sync();
      return offset;
    }
    const length = stop - offset;
    for (const [index, value] of values.entries()) onValue(value, { offset, length, index });
    offset = stop + 1;
  }
  return offset;
}

/** The values of a line, or `undefined` when its checksum does not fit. */
function parseLine(line: Buffer): readonly Json[] | undefined {
  const body = line.subarray(CRC_LENGTH + 1);
  if (line.length <= CRC_LENGTH || line.toString('latin1', 0, CRC_LENGTH) !== checksum(body)) return undefined;
  return JSON.parse(body.toString('utf8')) as readonly Json[];
}

function checksum(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(CRC_LENGTH, '0');
}

/** What is cut off is never thrown away: a person may want to look at it. */
async function setAside(file: string, tail: Uint8Array): Promise<void> {
  for (let count = 1; ; count += 1) {
    try {
      const aside = await open(`${file}.torn-${count}`, 'wx', 0o600);
      await aside.writeFile(tail);
      await aside.sync();
      await aside.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** A new name survives a power cut only when its directory is flushed too. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync();
  await handle.close();
}

function writer(handle: FileHandle, start: number): Journal {
  let end = start;
  let queue: Pending[] = [];
  let running: Promise<void> | undefined;
  let broken: unknown;

  /** Everything that waits goes out as one line with one flush. */
  const writeBatch = async (batch: readonly Pending[]): Promise<void> => {
    const body = Buffer.from(JSON.stringify(batch.map(({ value }) => value)), 'utf8');
    const line = Buffer.concat([Buffer.from(`${checksum(body)} `), body, Buffer.from('\n')]);
    try {
      await handle.appendFile(line);
      await handle.datasync();
    } catch (cause) {
      await cutBack(cause);
      throw new ZhidaError('ZD_ERR_DATABASE_UNAVAILABLE', 'the journal cannot be written', { at: 'inbox.journal', cause });
    }
    const position = { offset: end, length: line.length - 1 };
    end += line.length;
    for (const [index, { resolve }] of batch.entries()) resolve({ ...position, index });
  };
  /** After a failed write the end of the file is unknown; if it cannot be restored, nothing more may be appended. */
  const cutBack = async (cause: unknown): Promise<void> => {
    try {
      await handle.truncate(end);
      await handle.sync();
    } catch {
      broken = cause;
    }
  };
  const drain = async (): Promise<void> => {
    // One turn later, so that appends of the same moment share a flush.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        if (broken !== undefined) throw new ZhidaError('ZD_ERR_DATABASE_UNAVAILABLE', 'the journal is broken; restart', { cause: broken });
        await writeBatch(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = undefined;
  };
  return {
    append: (value) =>
      new Promise((resolve, reject) => {
        queue.push({ value, resolve, reject });
        running ??= drain();
      }),
    read: async ({ offset, length, index }) => {
      const line = Buffer.alloc(length);
      await handle.read(line, 0, length, offset);
      const value = parseLine(line)?.[index];
      if (value === undefined) throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', 'a line of the journal is damaged', { at: `byte ${offset}` });
      return value;
    },
    close: async () => {
      await running;
      await handle.close();
    },
  };
}
