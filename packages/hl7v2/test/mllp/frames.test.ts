import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FrameEvent, createFrameReader, framed } from '../../src/mllp/frames.js';

const LIMIT = 1_000;

function read(chunks: readonly Uint8Array[], limit = LIMIT): { events: FrameEvent[]; isOpen: boolean } {
  const reader = createFrameReader(limit);
  return { events: chunks.flatMap((chunk) => reader.push(chunk)), isOpen: reader.isOpen };
}

function frames(chunks: readonly Uint8Array[]): string[] {
  return read(chunks).events.flatMap((event) => (event.kind === 'frame' ? [event.bytes.toString('latin1')] : []));
}

describe('frames of a stream', () => {
  test('come out as they went in, however the stream is cut', () => {
    const message = fc.uint8Array({ min: 0x20, max: 0xff, minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat({ max: 40 }), { minLength: 1 }), (messages, cuts) => {
        const stream = Buffer.concat(messages.map((bytes) => framed(bytes)));
        const chunks: Buffer[] = [];
        for (let from = 0, index = 0; from < stream.length; index += 1) {
          const size = (cuts[index % cuts.length] ?? 0) + 1;
          chunks.push(stream.subarray(from, from + size));
          from += size;
        }
        expect(frames(chunks)).toEqual(messages.map((bytes) => Buffer.from(bytes).toString('latin1')));
      }),
    );
  });

  test('several in one chunk, and half of one', () => {
    const chunk = Buffer.concat([framed(Buffer.from('one')), framed(Buffer.from('two')), Buffer.from('\u000Bthr')]);
    const { events, isOpen } = read([chunk]);
    expect(events.map(({ kind }) => kind)).toEqual(['frame', 'frame']);
    expect(isOpen).toBe(true);
  });

  test('one cut off by the next is told, and never joined to it', () => {
    const { events } = read([Buffer.from('\u000Bhalf a mess'), framed(Buffer.from('whole'))]);
    expect(events).toEqual([{ kind: 'abandoned' }, { kind: 'frame', bytes: Buffer.from('whole') }]);
  });

  test('one beyond the limit is told once by its head, skipped, and the next is read', () => {
    const huge = [Buffer.from('\u000BMSH|'), ...Array.from({ length: 10 }, () => Buffer.alloc(300, 0x61)), Buffer.from('\u001C\r')];
    const { events, isOpen } = read([...huge, framed(Buffer.from('next'))]);
    expect(events.map(({ kind }) => kind)).toEqual(['oversized', 'frame']);
    expect(events[0]?.kind === 'oversized' && events[0].head.toString('latin1', 0, 4)).toBe('MSH|');
    expect(isOpen).toBe(false);
  });

  test('bytes outside a frame are counted, line ends are not', () => {
    expect(read([Buffer.from('\r\n\r\nGET / HTTP/1.1\r\n')]).events).toEqual([{ kind: 'noise', count: 14 }]);
    expect(read([Buffer.from('\u001C\r')]).events).toEqual([]);
  });

  test('nothing a stranger sends makes it throw or grow beyond its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (chunks) => {
        for (const event of read(chunks, 50).events) if (event.kind === 'frame') expect(event.bytes.length).toBeLessThanOrEqual(50);
      }),
    );
  });
});
