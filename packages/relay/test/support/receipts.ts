import { createId, isoNow } from '@zhida/core';
import { type FeedbackClaims, type ReceiptClaims, signFeedback, signReceipt } from '@zhida/signing';
import type { LightMyRequestResponse } from 'fastify';
import type { Fixture } from './fixture.js';
import type { Arrival } from './scripted-agency.js';

/** Posts a signed message as an agency's outbox does. */
export async function postSigned(
  fixture: Fixture,
  path: 'receipts' | 'feedback' | 'openings',
  jws: string,
): Promise<LightMyRequestResponse> {
  const headers = { 'content-type': 'application/jose' };
  return fixture.relay.app.inject({ method: 'POST', url: `/v1/agency/${path}`, headers, payload: jws });
}

/** Posts a receipt for what arrived at the police, or at whose keys are given. */
export async function postReceipt(
  fixture: Fixture,
  arrival: Arrival,
  overrides: Partial<ReceiptClaims> = {},
  keys = fixture.parties.police,
): Promise<LightMyRequestResponse> {
  const claims: ReceiptClaims = {
    v: '1',
    mode: 'test',
    iss: keys.party,
    aud: 'relay:yunxi',
    receiptId: createId('rcp'),
    deliveryId: arrival.claims.deliveryId,
    reportId: arrival.claims.reportId,
    sequence: arrival.claims.sequence,
    payloadSha256: arrival.payloadSha256,
    stage: 'stored',
    agencyNumber: null,
    transferredTo: null,
    at: isoNow(fixture.clock),
    ...overrides,
  };
  return postSigned(fixture, 'receipts', await signReceipt(claims, keys));
}

/** Posts a feedback of the police, or of whose keys are given. */
export async function postFeedback(
  fixture: Fixture,
  reportId: string,
  overrides: Partial<FeedbackClaims> = {},
  keys = fixture.parties.police,
): Promise<LightMyRequestResponse> {
  const claims: FeedbackClaims = {
    v: '1',
    mode: 'test',
    iss: keys.party,
    aud: 'relay:yunxi',
    feedbackId: createId('fbk'),
    reportId,
    code: 'case-accepted',
    reason: null,
    transferredTo: null,
    releaseTo: [],
    documentNumber: null,
    at: isoNow(fixture.clock),
    ...overrides,
  };
  return postSigned(fixture, 'feedback', await signFeedback(claims, keys));
}
