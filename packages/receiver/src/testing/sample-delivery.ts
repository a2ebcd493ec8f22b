import { createId } from '@zhida/core';
import { sha256Hex } from '@zhida/signing';
import type { AuditDraft, ClaimActs, NewDelivery, StageReceipt } from '../inbox.js';

/** A delivery with invented ids and bytes; a store never looks inside. */
export function sampleDelivery(overrides: Partial<NewDelivery> = {}): NewDelivery {
  return {
    deliveryId: createId('dlv'),
    reportId: createId('rpt'),
    number: '440299-260503-010001-1',
    sequence: 1,
    kind: 'initial',
    view: 'police',
    mode: 'test',
    relay: 'relay:sample',
    priority: 'urgent',
    createdAt: '2026-05-03T21:05:00+08:00',
    receivedAt: '2026-05-03T13:06:00.000Z',
    payloadSha256: sha256Hex('payload'),
    wrappedKey: 'not set',
    sealedSummary: Buffer.from('sealed summary'),
    sealedPayload: Buffer.from('sealed payload'),
    ...overrides,
  };
}

export function sampleReceipt(stage: StageReceipt['stage'] = 'stored'): StageReceipt {
  const receiptId = createId('rcp');
  return {
    stage,
    receiptId,
    jws: `header.${receiptId}.signature`,
    at: '2026-05-03T13:06:00.000Z',
    officerId: null,
    agencyNumber: null,
    transferredTo: null,
  };
}

export function sampleDraft({ deliveryId }: { readonly deliveryId: string }, action: string): AuditDraft {
  return { actor: 'relay:sample', action, subject: { deliveryId } };
}

/** Acts of a claim that signs at once. */
export function sampleActs(delivery: NewDelivery, sign: ClaimActs['sign'] = async () => sampleReceipt()): ClaimActs {
  return { sign, stored: sampleDraft(delivery, 'delivery.stored'), conflict: sampleDraft(delivery, 'delivery.conflict') };
}
