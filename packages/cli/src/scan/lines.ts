import { constants } from 'node:buffer';

/** One line of a stream of bytes; `text` is absent where it is longer than the limit or not UTF-8. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string | undefined;
  readonly tooLong: boolean;
}

/** No text of this platform can be longer, so no line or document needs to be. */
export const LINE_BYTES_MAX = Math.min(256 * 1024 * 1024, constants.MAX_STRING_LENGTH);

const NEWLINE = 0x0a;

/**
 * Splits bytes into lines, holding one line at a time.
 *
 * Each line is decoded strictly: a dump in GB18030 read loosely as UTF-8 would lose every Chinese word and show no harm.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, bytesMax: number = LINE_BYTES_MAX): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 0;
  const take = (): Line => {
    number += 1;
    const tooLong = length > bytesMax;
    const text = tooLong ? undefined : decode(decoder, parts);
    parts = [];
    length = 0;
    return { number, text, tooLong };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, end));
      length += end - from;
      yield take();
      from = end + 1;
    }
    length += chunk.length - from;
    // Beyond the limit the bytes are dropped; only their number is kept.
    if (length > bytesMax) parts = [];
    else if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (length > 0) yield take();
}

function decode(decoder: InstanceType<typeof TextDecoder>, parts: readonly Uint8Array[]): string | undefined {
  try {
    return decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  } catch {
    return undefined;
  }
}
