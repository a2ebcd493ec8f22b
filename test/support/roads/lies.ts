import { join } from 'node:path';
import { createId } from '@zhida/core';
import { createKeyDirectory, type ReceiptClaims, signReceipt } from '@zhida/signing';
import type { Fixture } from '../../../packages/relay/test/support/fixture.js';

/** Receipts that prove nothing of what was sent. */
export const LIES = ['another key', 'another report', 'other bytes'] as const;
export type Lie = (typeof LIES)[number];

/** Makes a lie of a receipt that was given. */
export type Liar = (lie: Lie, jws: string) => Promise<string>;

/** @param known gives a true receipt of another report. */
export function liarFor({ parties, clock }: Fixture, known: () => string | undefined): Liar {
  let stranger: ReturnType<typeof createKeyDirectory> | undefined;
  /** Somebody who says to be the police and has keys of their own. */
  function impostor(): ReturnType<typeof createKeyDirectory> {
    stranger ??= createKeyDirectory(join(parties.directory, 'impostor'), {
      party: parties.police.party,
      role: 'agency',
      mode: 'test',
      clock,
    });
    return stranger;
  }
  return async (lie, jws) => {
    const claims = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')) as ReceiptClaims;
    switch (lie) {
      case 'another key':
        return signReceipt({ ...claims, receiptId: createId('rcp') }, await impostor());
      case 'another report':
        return known() ?? jws;
      case 'other bytes':
        return signReceipt({ ...claims, receiptId: createId('rcp'), payloadSha256: '0'.repeat(64) }, parties.police);
    }
  };
}
