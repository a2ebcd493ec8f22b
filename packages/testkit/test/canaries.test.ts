import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canaries, findCanaries, waitUntil } from '@zhida/testkit';

describe('findCanaries', () => {
  it.each([
    ['plain', (value: string) => value],
    [
      'JSON with escapes',
      (value: string) => JSON.stringify(value).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['a URL', (value: string) => `https://127.0.0.1/?q=${encodeURIComponent(value)}`],
    ['a bytea in hex', (value: string) => Buffer.from(value).toString('hex')],
  ])('finds every canary written as %s, and names it', (_form, write) => {
    for (const [name, value] of Object.entries(canaries)) expect(findCanaries(`…${write(value)}…`)).toContain(name);
  });

  it('finds a canary in base64 wherever it begins', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.entries(canaries)), fc.string(), fc.string(), ([name, value], before, after) => {
        const text = before + value + after;
        return (
          findCanaries(Buffer.from(text).toString('base64')).includes(name) &&
          findCanaries(Buffer.from(text).toString('base64url')).includes(name)
        );
      }),
    );
  });

  it('finds none where none is', () => {
    expect(findCanaries('delivery dlv_01 is open, attempt 3, next in 30 s')).toEqual([]);
    expect(findCanaries(new Uint8Array([0, 1, 2, 255]))).toEqual([]);
  });
});

describe('waitUntil', () => {
  it('returns what the condition gives once it gives something', async () => {
    let asked = 0;
    expect(await waitUntil(() => (++asked === 3 ? 'there' : undefined), { what: 'three questions' })).toBe('there');
  });

  it('says what it waited for, with the last error as the cause', async () => {
    const waiting = waitUntil(
      () => {
        throw new Error('refused');
      },
      { what: 'the relay answers', deadlineMs: 30 },
    );
    await expect(waiting).rejects.toMatchObject({ message: 'not within 30 ms: the relay answers', cause: new Error('refused') });
  });
});
