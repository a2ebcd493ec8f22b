import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** An input to scan, opened when its turn comes. */
export interface Source {
  /** As the user named it; `-` is standard input. */
  readonly name: string;
  /** Bytes, where they are known before reading. */
  readonly size: number | undefined;
  /** Rejects where the file cannot be opened or read. */
  open(onBytes: (count: number) => void): AsyncIterable<Uint8Array>;
}

/** Looks at every input once, so that progress knows how much there is. A file that is not there fails when it is opened. */
export function sourcesOf(names: readonly string[], stdin: AsyncIterable<Uint8Array>): Promise<Source[]> {
  return Promise.all(
    names.map(async (name) => {
      const chunks = name === '-' ? () => stdin : () => createReadStream(name, { highWaterMark: 256 * 1024 });
      return { name, size: name === '-' ? undefined : await sizeOf(name), open: (onBytes) => counted(chunks(), onBytes) } satisfies Source;
    }),
  );
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onBytes: (count: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

async function sizeOf(name: string): Promise<number | undefined> {
  try {
    return (await stat(name)).size;
  } catch {
    return undefined;
  }
}
