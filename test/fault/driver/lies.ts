import { createId, isoNow, systemClock } from '@zhida/core';
import { type KeyDirectory, openEnvelope, type OpenedEnvelope, signReceipt } from '@zhida/signing';

/** Moods that answer with a receipt which proves nothing of what was sent. */
export const LIES = ['other-key', 'other-report', 'other-hash'] as const;
export type Lie = (typeof LIES)[number];

/** A receipt as it was given. */
export interface Receipted {
  readonly deliveryId: string;
  readonly jws: string;
}

export interface LiarOptions {
  readonly keys: KeyDirectory;
  /** Another agency's keys, to sign with what proves nothing. */
  readonly otherKeys: KeyDirectory;
  /** The last receipts that were given, oldest first: what a lie may repeat. */
  readonly lastReceipts: readonly Receipted[];
}

/** The false receipt for an envelope that has come. */
export async function lieAbout(envelope: string, mood: Lie, { keys, otherKeys, lastReceipts }: LiarOptions): Promise<string> {
  const opened = await openEnvelope({ envelope, keys, now: systemClock.now() });
  switch (mood) {
    case 'other-key':
      return falseReceipt(opened, otherKeys, {});
    case 'other-hash':
      return falseReceipt(opened, keys, { payloadSha256: '0'.repeat(64) });
    case 'other-report': {
      const known = lastReceipts.find(({ deliveryId }) => deliveryId !== opened.claims.deliveryId);
      // A receipt of this delivery's own words would be no lie but proof, so where no other is known it names one that nobody knows.
      return known?.jws ?? falseReceipt(opened, keys, { deliveryId: createId('dlv'), reportId: createId('rpt') });
    }
  }
}

async function falseReceipt({ claims, payloadSha256 }: OpenedEnvelope, keys: KeyDirectory, overrides: object): Promise<string> {
  const { mode, iss, deliveryId, reportId, sequence } = claims;
  const said = {
    v: '1',
    mode,
    iss: keys.party,
    aud: iss,
    receiptId: createId('rcp'),
    deliveryId,
    reportId,
    sequence,
    payloadSha256,
  } as const;
  return signReceipt({ ...said, stage: 'stored', agencyNumber: null, transferredTo: null, at: isoNow(systemClock), ...overrides }, keys);
}
