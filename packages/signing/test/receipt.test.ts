import { canonicalBytes } from '@zhida/core';
import { CompactSign } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  CIVIL_AFFAIRS_FEEDBACK_CODES,
  type FeedbackClaims,
  type KeyDirectory,
  POLICE_FEEDBACK_CODES,
  RECEIPT_STAGES,
  type ReceiptClaims,
  requireExpected,
  signFeedback,
  signReceipt,
  verifyFeedback,
  verifyReceipt,
} from '../src/index.js';
import { makeParty, RECEIPT_CLAIMS, relayAndAgency, trust } from './parties.js';

/** Signs anything with a party's real key, as a faulty or hostile agency could. */
function signAnything(keys: KeyDirectory, claims: unknown, typ = 'zhida-receipt+jws'): Promise<string> {
  const { kid, privateKey } = keys.signingKey;
  return new CompactSign(canonicalBytes(claims)).setProtectedHeader({ alg: 'EdDSA', typ, kid }).sign(privateKey);
}

const FEEDBACK_CLAIMS: FeedbackClaims = {
  v: '1',
  mode: 'test',
  iss: 'agency:police-440299',
  aud: 'relay:county',
  feedbackId: 'fbk_01jtbsv6h0abcdefghjkmnpqrs',
  reportId: RECEIPT_CLAIMS.reportId,
  code: 'filed',
  reason: null,
  transferredTo: null,
  releaseTo: [],
  documentNumber: '云公立字〔2026〕1号',
  at: '2026-05-05T10:00:00+08:00',
};

describe('a receipt', () => {
  test.each(RECEIPT_STAGES)('of stage %s comes back as it was signed', async (stage) => {
    const { relay, agency } = await relayAndAgency();
    const claims: ReceiptClaims = { ...RECEIPT_CLAIMS, stage, agencyNumber: 'J20260504-17' };
    expect(await verifyReceipt(await signReceipt(claims, agency), { trusted: relay.trusted })).toEqual(claims);
  });

  test('is the same bytes whenever the same claims are signed', async () => {
    const { agency } = await relayAndAgency();
    const reversed = Object.fromEntries(Object.entries(RECEIPT_CLAIMS).reverse()) as unknown as ReceiptClaims;
    expect(await signReceipt(reversed, agency)).toBe(await signReceipt(RECEIPT_CLAIMS, agency));
  });

  test.each([
    ['deliveryId', 'dlv_01jtbsv6h0000000000000000a'],
    ['reportId', 'rpt_01jtbsv6h0000000000000000a'],
    ['payloadSha256', '0'.repeat(64)],
    ['sequence', 2],
    ['iss', 'agency:civil-affairs-440299'],
    ['mode', 'production'],
  ])('INV-5 that speaks of another %s proves nothing', async (name, value) => {
    const { relay, agency } = await relayAndAgency();
    const jws = await signReceipt(RECEIPT_CLAIMS, agency);
    const { iss, deliveryId, reportId, payloadSha256, sequence, mode } = RECEIPT_CLAIMS;
    const expected = { iss, deliveryId, reportId, payloadSha256, sequence, mode };
    await expect(verifyReceipt(jws, { trusted: relay.trusted, expected })).resolves.toBeDefined();
    const changed = { ...expected, [name]: value };
    await expect(verifyReceipt(jws, { trusted: relay.trusted, expected: changed })).rejects.toMatchObject({
      code: 'ZD_ERR_RECEIPT_MISMATCH',
      at: name,
    });
    expect(() => requireExpected(RECEIPT_CLAIMS, changed)).toThrow(expect.objectContaining({ code: 'ZD_ERR_RECEIPT_MISMATCH' }));
  });

  test('INV-5 signed by another agency in the recipient’s name proves nothing', async () => {
    const { relay } = await relayAndAgency();
    const other = await makeParty('agency:civil-affairs-440299');
    await trust(relay, other);
    const forged = await signAnything(other, RECEIPT_CLAIMS);
    await expect(verifyReceipt(forged, { trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
    await expect(signReceipt(RECEIPT_CLAIMS, other)).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'iss' });
  });

  test('INV-5 signed by a party that is no agency proves nothing', async () => {
    const { relay, agency } = await relayAndAgency();
    await trust(agency, relay);
    const forged = await signAnything(relay, { ...RECEIPT_CLAIMS, iss: 'relay:county', aud: agency.party });
    await expect(verifyReceipt(forged, { trusted: agency.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN' });
    await expect(signReceipt({ ...RECEIPT_CLAIMS, iss: relay.party }, relay)).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
  });

  test('INV-16 a test relay refuses a production receipt and a production relay a test one', async () => {
    for (const [mode, other] of [
      ['test', 'production'],
      ['test', 'exercise'],
      ['production', 'test'],
    ] as const) {
      const { relay, agency } = await relayAndAgency(mode);
      const jws = await signAnything(agency, { ...RECEIPT_CLAIMS, mode: other });
      await expect(verifyReceipt(jws, { trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
      await expect(signReceipt({ ...RECEIPT_CLAIMS, mode: other }, agency)).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
    }
  });

  test('INV-16 a receipt for an exercise travels over production keys', async () => {
    const { relay, agency } = await relayAndAgency('production');
    const jws = await signReceipt({ ...RECEIPT_CLAIMS, mode: 'exercise' }, agency);
    expect((await verifyReceipt(jws, { trusted: relay.trusted })).mode).toBe('exercise');
  });

  test('for another relay is refused', async () => {
    const { relay, agency } = await relayAndAgency();
    const jws = await signReceipt({ ...RECEIPT_CLAIMS, aud: 'relay:city' }, agency);
    await expect(verifyReceipt(jws, { trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_AUDIENCE' });
  });

  test.each<[string, unknown]>([
    ['an unknown stage', { ...RECEIPT_CLAIMS, stage: 'read' }],
    ['another version', { ...RECEIPT_CLAIMS, v: '2' }],
    ['no delivery', { ...RECEIPT_CLAIMS, deliveryId: '' }],
    ['a hash that is none', { ...RECEIPT_CLAIMS, payloadSha256: 'ABC' }],
    ['a number as agency number', { ...RECEIPT_CLAIMS, agencyNumber: 7 }],
    ['a fraction as sequence', { ...RECEIPT_CLAIMS, sequence: 1.5 }],
  ])('with %s is refused as unreadable', async (_why, claims) => {
    const { relay, agency } = await relayAndAgency();
    const jws = await signAnything(agency, claims);
    await expect(verifyReceipt(jws, { trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
    await expect(signReceipt(claims as ReceiptClaims, agency)).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
  });

  test('with a claim of a later version is taken without it', async () => {
    const { relay, agency } = await relayAndAgency();
    const jws = await signAnything(agency, { ...RECEIPT_CLAIMS, mood: 'new' });
    expect(await verifyReceipt(jws, { trusted: relay.trusted })).toEqual(RECEIPT_CLAIMS);
  });

  test('with a time that is none is refused', async () => {
    const { relay, agency } = await relayAndAgency();
    const none = [null, 'yesterday', '2026-05-04T08:00:05', '2026-02-30T08:00:05Z', '2026-05-04T25:00:05Z', 1_777_852_805];
    for (const at of [...none, '2026-05-04T08:00:05+16:00']) {
      const jws = await signAnything(agency, { ...RECEIPT_CLAIMS, at });
      const refused = { name: 'ZhidaError', code: 'ZD_ERR_ENVELOPE_UNREADABLE', at: 'at' };
      await expect(verifyReceipt(jws, { trusted: relay.trusted })).rejects.toMatchObject(refused);
    }
  });

  test.each(['', '.', '..', 'a.b', 'a.b.c.d', '{}', 'A.A.A', '\u0000', 'ey J.ey.J'])('is not the text %j', async (text) => {
    const { relay } = await relayAndAgency();
    await expect(verifyReceipt(text, { trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
  });
});

describe('feedback', () => {
  test.each([...POLICE_FEEDBACK_CODES, ...CIVIL_AFFAIRS_FEEDBACK_CODES])('of code %s comes back as it was signed', async (code) => {
    const { relay, agency } = await relayAndAgency();
    const claims: FeedbackClaims = { ...FEEDBACK_CLAIMS, code, reason: '不属于本单位管辖', releaseTo: ['hospital'] };
    expect(await verifyFeedback(await signFeedback(claims, agency), { trusted: relay.trusted })).toEqual(claims);
  });

  test('INV-16 of the other mode is refused', async () => {
    const { relay, agency } = await relayAndAgency();
    const jws = await signAnything(agency, { ...FEEDBACK_CLAIMS, mode: 'production' }, 'zhida-feedback+jws');
    await expect(verifyFeedback(jws, { trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  });

  test('is not a receipt, and a receipt is not feedback', async () => {
    const { relay, agency } = await relayAndAgency();
    const { trusted } = relay;
    const feedback = await signFeedback(FEEDBACK_CLAIMS, agency);
    await expect(verifyReceipt(feedback, { trusted })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE', at: 'typ' });
    const receipt = await signReceipt(RECEIPT_CLAIMS, agency);
    await expect(verifyFeedback(receipt, { trusted })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE', at: 'typ' });
  });

  test('with an unknown code, or for another relay, is refused', async () => {
    const { relay, agency } = await relayAndAgency();
    const unknown = await signAnything(agency, { ...FEEDBACK_CLAIMS, code: 'lost' }, 'zhida-feedback+jws');
    await expect(verifyFeedback(unknown, { trusted: relay.trusted })).rejects.toMatchObject({
      code: 'ZD_ERR_ENVELOPE_UNREADABLE',
      at: 'code',
    });
    const elsewhere = await signFeedback({ ...FEEDBACK_CLAIMS, aud: 'relay:city' }, agency);
    await expect(verifyFeedback(elsewhere, { trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_AUDIENCE' });
  });
});
