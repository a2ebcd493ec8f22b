import { constants } from 'node:buffer';
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

/** Read at once: a journal of years is larger than what one buffer holds. */
const CHUNK_BYTES = 1024 * 1024;
/** No text is longer, so neither is a line this package wrote. */
const LINE_BYTES_MAX = constants.MAX_STRING_LENGTH;
const NEWLINE = 0x0a;

async function replay(handle: FileHandle, file: string, onValue: (value: Json, position: Position) => void): Promise<number> {
  const { size } = await handle.stat();
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let offset = 0;
  while (offset < size) {
    const filled = await fill(handle, chunk, offset);
    let at = 0;
    for (let newline = filled.indexOf(NEWLINE); newline !== -1; newline = filled.indexOf(NEWLINE, at)) {
      const line = filled.subarray(at, newline);
      if (!takeLine(line, offset + at, onValue)) return await cut(handle, file, { offset: offset + at, length: line.length, size });
      at = newline + 1;
    }
    offset += at;
    if (at > 0) continue;
    // One that is longer than what is read at once.
    const length = await lineLength(handle, chunk, offset, size);
    const line = length === undefined || length > LINE_BYTES_MAX ? undefined : await fill(handle, Buffer.alloc(length), offset);
    if (length === undefined || line === undefined || !takeLine(line, offset, onValue))
      return await cut(handle, file, { offset, length, size });
    offset += length + 1;
  }
  return offset;
}

/** @returns false for a line that is damaged. */
function takeLine(line: Buffer, offset: number, onValue: (value: Json, position: Position) => void): boolean {
  const values = parseLine(line);
  for (const [index, value] of (values ?? []).entries()) onValue(value, { offset, length: line.length, index });
  return values !== undefined;
}

/** What of the file fits into the buffer from there on. */
async function fill(handle: FileHandle, buffer: Buffer, offset: number): Promise<Buffer> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, offset + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** Bytes to the end of the line; `undefined` where it has none. */
async function lineLength(handle: FileHandle, chunk: Buffer, offset: number, size: number): Promise<number | undefined> {
  for (let at = offset; at < size; at += chunk.length) {
    const newline = (await fill(handle, chunk, at)).indexOf(NEWLINE);
    if (newline !== -1) return at + newline - offset;
  }
  return undefined;
}

interface Damage {
  readonly offset: number;
  /** To the end of the line; `undefined` where it has none. */
  readonly length: number | undefined;
  readonly size: number;
}

/**
 * Cuts a torn end off.
 *
 * @throws ZhidaError `ZD_ERR_AUDIT_CORRUPT` where bytes follow: they were written later, so the damage is not a torn end.
 */
async function cut(handle: FileHandle, file: string, { offset, length, size }: Damage): Promise<number> {
  if (length !== undefined && offset + length + 1 < size) {
    throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', 'a line inside the journal is damaged', { at: `byte ${offset}` });
  }
  await setAside(handle, file, offset, size);
  await handle.truncate(offset);
  await handle.sync();
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
async function setAside(handle: FileHandle, file: string, offset: number, size: number): Promise<void> {
  const aside = await openNext(`${file}.torn-`);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let at = offset; at < size; at += chunk.length) {
    const part = await fill(handle, chunk, at);
    // A power cut can leave a long end of nothing; it takes no place here either.
    if (!part.equals(NOTHING.subarray(0, part.length))) await writeAt(aside, part, at - offset);
  }
  await aside.truncate(size - offset);
  await aside.sync();
  await aside.close();
}

/** All of it: a disk that fills up takes less than it is given, and says so with the next write alone. */
async function writeAt(handle: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let written = 0; written < bytes.length; )
    written += (await handle.write(bytes, written, bytes.length - written, offset + written)).bytesWritten;
}

const NOTHING = Buffer.alloc(CHUNK_BYTES);

async function openNext(name: string): Promise<FileHandle> {
  for (let count = 1; ; count += 1) {
    try {
      return await open(`${name}${count}`, 'wx', 0o600);
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
      const value = parseLine(await fill(handle, Buffer.alloc(length), offset))?.[index];
      if (value === undefined) throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', 'a line of the journal is damaged', { at: `byte ${offset}` });
      return value;
    },
    close: async () => {
      await running;
      await handle.close();
    },
  };
}
