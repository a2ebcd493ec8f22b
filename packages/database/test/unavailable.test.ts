import { describe, expect, it } from 'vitest';
import { asUnavailable } from '@zhida/database';

function coded(code: string): Error {
  return Object.assign(new Error('could not extend file: 鸑鷟璩'), { code });
}

describe('asUnavailable', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', '08006', '25006', '53100', '53300', '57P01', '57P03', '57014', '58030'])(
    'takes %s for a database that cannot be used now, without the error’s own words',
    (code) => {
      const cause = coded(code);
      const error = asUnavailable(cause);
      expect(error).toMatchObject({ code: 'ZD_ERR_DATABASE_UNAVAILABLE', remedy: 'retry', status: 503, cause });
      expect(error?.message).not.toContain('鸑');
    },
  );

  it('says apart a full disk and a read-only database', () => {
    expect(asUnavailable(coded('53100'))?.message).toContain('disk is full');
    expect(asUnavailable(coded('25006'))?.message).toContain('read-only');
  });

  it('knows the driver’s errors without a code and several failed addresses', () => {
    expect(asUnavailable(new Error('Connection terminated unexpectedly'))).toBeDefined();
    expect(asUnavailable(new Error('timeout exceeded when trying to connect'))).toBeDefined();
    expect(asUnavailable(new AggregateError([coded('ECONNREFUSED')]))).toBeDefined();
  });

  it.each([coded('23505'), coded('42P01'), coded('40001'), new Error('something else'), 'a text', undefined])(
    'leaves %s alone',
    (error) => {
      expect(asUnavailable(error)).toBeUndefined();
    },
  );
});
