import { asBuffer } from '../wire/charset.js';

const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;

/** Enough of an oversized message for its header. */
const HEAD_BYTES = 4_096;

/** What bytes of an MLLP stream turn out to be. */
export type FrameEvent =
  | { readonly kind: 'frame'; readonly bytes: Buffer }
  /** Beyond the limit: the rest of it is skipped as it comes. */
  | { readonly kind: 'oversized'; readonly head: Buffer }
  /** A new frame began before this one ended: its sender was cut off, nobody waits for an answer. */
  | { readonly kind: 'abandoned' }
  /** Bytes outside any frame. */
  | { readonly kind: 'noise'; readonly count: number };

export interface FrameReader {
  /** Takes the next bytes of the stream; gives what they complete, in order. */
  push(chunk: Uint8Array): FrameEvent[];
  /** A frame has begun and not ended. */
  readonly isOpen: boolean;
}

/**
 * Takes a stream apart into frames (VT, message, FS, CR), however it is cut into chunks. It holds at most one unfinished frame
 * of at most `frameBytes`. The CR after FS may be missing or late.
 */
export function createFrameReader(frameBytes: number): FrameReader {
  let parts: Buffer[] = [];
  let length = 0;
  let state: 'outside' | 'inside' | 'skipping' = 'outside';

  const begin = (): void => {
    parts = [];
    length = 0;
    state = 'inside';
  };
  const take = (bytes: Buffer): FrameEvent | undefined => {
    if (state !== 'inside' || bytes.length === 0) return undefined;
    parts.push(bytes);
    length += bytes.length;
    if (length <= frameBytes) return undefined;
    const head = Buffer.concat(parts).subarray(0, HEAD_BYTES);
    parts = [];
    state = 'skipping';
    return { kind: 'oversized', head };
  };
  const end = (): FrameEvent | undefined => {
    const frame: FrameEvent | undefined = state === 'inside' ? { kind: 'frame', bytes: Buffer.concat(parts) } : undefined;
    parts = [];
    state = 'outside';
    return frame;
  };

  return {
    push(chunk) {
      const bytes = asBuffer(chunk);
      const events: (FrameEvent | undefined)[] = [];
      let from = 0;
      while (from < bytes.length) {
        const mark = nextMark(bytes, from);
        const piece = bytes.subarray(from, mark);
        events.push(state === 'outside' ? noiseIn(piece) : take(piece));
        if (mark < bytes.length && bytes[mark] === VT) {
          if (state === 'inside') events.push({ kind: 'abandoned' });
          begin();
        } else if (mark < bytes.length) events.push(end());
        from = mark + 1;
      }
      return events.filter((event) => event !== undefined);
    },
    get isOpen() {
      return state !== 'outside';
    },
  };
}

/** A message between its marks. */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(VT), message, Buffer.of(FS, CR)]);
}

function nextMark(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) if (bytes[at] === VT || bytes[at] === FS) return at;
  return bytes.length;
}

function noiseIn(piece: Buffer): FrameEvent | undefined {
  let count = 0;
  for (const byte of piece) if (byte !== CR && byte !== LF) count += 1;
  return count === 0 ? undefined : { kind: 'noise', count };
}
