import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createProgress } from '../src/scan/progress.js';
import { type InputRecord, recordsOf } from '../src/scan/records.js';
import { emptyTally } from '../src/scan/tally.js';

/** The input cut into pieces of a size, as a pipe may deliver it. */
async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function records(text: string, size = 7, bytesMax?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const record of recordsOf('F', pieces(text, size), bytesMax)) found.push(shown(record));
  return found;
}

function shown(record: InputRecord): string {
  return 'unreadable' in record ? `${record.place} ${record.unreadable.code}` : `${record.place} ${JSON.stringify(record.value)}`;
}

describe('recordsOf', () => {
  test('JSON Lines survive any cut of the stream', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.nat())),
        fc.integer({ min: 1, max: 40 }),
        async (values, size) => {
          const text = values.map((value) => `${JSON.stringify(value)}\r\n`).join('');
          expect(await records(text, size)).toEqual(values.map((value, index) => `F:${index + 1} ${JSON.stringify(value)}`));
        },
      ),
    );
  });

  test.each([
    ['nothing', '', []],
    ['empty lines', '\n \n', []],
    ['a last line without an end', '{"a":1}\n{"a":2}', ['F:1 {"a":1}', 'F:2 {"a":2}']],
    ['a list in one line', '[{"a":1},2]', ['F:1[0] {"a":1}', 'F:1[1] 2']],
    ['a document over lines', '{\n"a":\n1}', ['F {"a":1}']],
    ['a list whose items fill lines of their own', '[\n{"a":1}\n]', ['F[0] {"a":1}']],
    ['a document after an empty line', '\n{\n"a":1}\n', ['F {"a":1}']],
    ['a first line cut short', '{"a":\n{"a":2}', ['F:1 ZD_ERR_INPUT_UNREADABLE', 'F:2 {"a":2}']],
    ['a first line of rubbish', 'rubbish\n{"a":2}', ['F:1 ZD_ERR_INPUT_UNREADABLE', 'F:2 {"a":2}']],
    ['a document cut short', '{\n"a": [\n1,\n', ['F ZD_ERR_INPUT_UNREADABLE']],
    ['a line of null', 'null\n', ['F:1 null']],
  ])('%s', async (_why, text, expected) => {
    expect(await records(text)).toEqual(expected);
  });

  test('a line that is too long is named, its bytes are dropped, the next is read', async () => {
    expect(await records(`${'x'.repeat(500)}\n{"a":2}\n`, 64, 100)).toEqual(['F:1 ZD_ERR_INPUT_TOO_LARGE', 'F:2 {"a":2}']);
    expect(await records(`{\n${'"a":1,\n'.repeat(50)}`, 64, 100)).toEqual(['F ZD_ERR_INPUT_TOO_LARGE']);
  });
});

describe('progress', () => {
  const terminal = (isTTY: boolean) => {
    const written: string[] = [];
    return { isTTY, written, write: (text: string) => written.push(text) };
  };
  const tally = { ...emptyTally(), encounters: 500 };

  test('shows count, rate, share and time left on a terminal, not before half a second, and goes away', () => {
    let nowMs = 0;
    const stream = terminal(true);
    const progress = createProgress(stream, 1000, { now: () => nowMs });
    progress.bytes(250);
    progress.update(tally);
    expect(stream.written).toEqual([]);
    nowMs = 1000;
    progress.update(tally);
    progress.update(tally);
    expect(stream.written).toEqual(['\r\u001B[2K  500 encounters · 500/s · 25 % · 3 s left']);
    progress.clear();
    progress.clear();
    expect(stream.written).toHaveLength(2);
  });

  test('is silent where standard error is no terminal', () => {
    const stream = terminal(false);
    const progress = createProgress(stream, undefined, { now: () => 1e6 });
    progress.update(tally);
    progress.clear();
    expect(stream.written).toEqual([]);
  });
});
