import { ERROR_CODES, ZhidaError, type ZhidaErrorCode, isZhidaError } from '@zhida/core';
import { describe, expect, test } from 'vitest';

const entries = Object.entries(ERROR_CODES);

describe('the table of errors', () => {
  test.each(entries)('%s has a summary of one sentence, a remedy and a status', (code, { summary, remedy, status }) => {
    expect(code).toMatch(/^ZD_ERR(_[A-Z0-9]+)+$/);
    expect(summary).toMatch(/^[A-Z].{15,}\.$/);
    expect(['fix-input', 'fix-config', 'retry', 'call-a-human']).toContain(remedy);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
  });

  test('no two codes say the same', () => {
    expect(new Set(entries.map(([, { summary }]) => summary)).size).toBe(entries.length);
  });

  test('what the sender must mend is never a 5xx, what we must mend never blames the sender with success', () => {
    for (const [code, { remedy, status }] of entries) {
      if (remedy === 'fix-input') expect.soft(status, code).toBeLessThan(500);
      if (remedy === 'retry') expect.soft([401, 429, 502, 503], code).toContain(status);
    }
  });
});

describe('ZhidaError', () => {
  test('carries code, place, cause, remedy and status', () => {
    const cause = new Error('inner');
    const error = new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'not JSON', { at: 'line 12', cause });
    expect(error).toMatchObject({
      name: 'ZhidaError',
      code: 'ZD_ERR_INPUT_UNREADABLE',
      at: 'line 12',
      cause,
      remedy: 'fix-input',
      status: 400,
    });
    expect(isZhidaError(error)).toBe(true);
  });

  test('is told from other errors, also across two copies of this package', () => {
    const foreign = Object.assign(new Error('x'), { name: 'ZhidaError', code: 'ZD_ERR_BUSY' satisfies ZhidaErrorCode });
    expect([isZhidaError(foreign), isZhidaError(new Error('x')), isZhidaError('ZD_ERR_BUSY'), isZhidaError(null)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect('cause' in new ZhidaError('ZD_ERR_BUSY', 'x')).toBe(false);
  });
});
