import { join } from 'node:path';
import { createId } from '@zhida/core';
import { createKeyDirectory, type ReceiptClaims, signReceipt } from '@zhida/signing';
import type { Fixture } from '../../../packages/relay/test/support/fixture.js';

/**
 * Receipts that prove nothing of what was sent, and the words by which they are refused: of whoever called the agency, of its answer; of the
 * ledger, to whoever brings one.
 */
export const LIES = {
  'a key nobody has pinned': ['receipt-not-verified', 'ZD_ERR_SIGNATURE_MISMATCH'],
  'another agency': ['receipt-mismatch', 'ZD_ERR_RECEIPT_MISMATCH'],
  'another delivery': ['receipt-mismatch', 'ZD_ERR_NOT_FOUND'],
  'another report': ['receipt-mismatch', 'ZD_ERR_RECEIPT_MISMATCH'],
  'other bytes': ['receipt-mismatch', 'ZD_ERR_RECEIPT_MISMATCH'],
} as const;
export type Lie = keyof typeof LIES;

/** Makes a lie of a receipt that was given. */
export type Liar = (lie: Lie, jws: string) => Promise<string>;

export function liarFor({ parties, clock }: Fixture): Liar {
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
    const told = { ...claims, receiptId: createId('rcp') };
    switch (lie) {
      case 'a key nobody has pinned':
        return signReceipt(told, await impostor());
      case 'another agency':
        return signReceipt({ ...told, iss: parties.civilAffairs.party }, parties.civilAffairs);
      case 'another delivery':
        return signReceipt({ ...told, deliveryId: createId('dlv') }, parties.police);
      case 'another report':
        return signReceipt({ ...told, reportId: createId('rpt') }, parties.police);
      case 'other bytes':
        return signReceipt({ ...told, payloadSha256: '0'.repeat(64) }, parties.police);
    }
  };
}
