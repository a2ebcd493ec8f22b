import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  addTrust,
  createKeyDirectory,
  openEnvelope,
  readTrustFile,
  sealEnvelope,
  sealRestricted,
  signAssertion,
  signTicket,
  type TrustFile,
  trustFingerprint,
  verifyAssertion,
  verifyFeedback,
  verifyReceipt,
  verifyTicket,
  verifyWebhook,
  webhookHeaders,
} from '../src/index.js';
import { instantMs } from '../src/time.js';
import { gatewayAndRelay, makeParty, NOW, payloadOf, relayAndAgency, scratch, TICKET_CLAIMS, testClock, trustFileOf } from './parties.js';

const OVER = 'A'.repeat(64 * 1024 + 1);

describe('a message over its limit', () => {
  test('is refused before it is decoded', async () => {
    const { trusted } = await makeParty('relay:county');
    const reading = [
      verifyReceipt(OVER, { trusted }),
      verifyFeedback(OVER, { trusted }),
      verifyTicket(OVER, { trusted, audience: 'relay:county', now: NOW }),
      verifyAssertion(OVER, { trusted, audience: 'relay:county', now: NOW }),
    ];
    for (const refused of reading) await expect(refused).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_TOO_LARGE' });
  });

  test('is not signed, so that nobody waits for an answer to it', async () => {
    const gateway = await makeParty('gateway:county-hospital');
    const reporter = { ...TICKET_CLAIMS.reporter, name: OVER };
    await expect(signTicket({ ...TICKET_CLAIMS, reporter }, gateway)).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_TOO_LARGE' });
  });

  test('is not sealed, but a report of 1 MiB is, be it open or restricted, and opens', async () => {
    const { relay, agency, recipient } = await relayAndAgency();
    const text = 'x'.repeat(1024 * 1024);
    const payloads = [
      payloadOf({ body: { text } }),
      payloadOf({ restricted: { reporter: await sealRestricted({ text }, recipient, NOW) } }),
    ];
    for (const payload of payloads) {
      const envelope = await sealEnvelope({ payload, signer: relay, recipient, now: NOW });
      const opened = await openEnvelope({ envelope, keys: agency, now: NOW });
      expect(Buffer.from(opened.payload).equals(payload)).toBe(true);
    }
    const tooMuch = sealEnvelope({ payload: payloadOf({ body: { text: text.repeat(4) } }), signer: relay, recipient, now: NOW });
    await expect(tooMuch).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_TOO_LARGE' });
    await expect(sealRestricted(text.repeat(4), recipient, NOW)).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_TOO_LARGE' });
  });
});

describe('times', () => {
  test.each(['2026-02-29T00:00:00Z', '2026-02-31T00:00:00Z', '2026-04-31T08:00:00+08:00', '2026-13-01T00:00:00Z', '2026-00-10T00:00:00Z'])(
    '%s is no day of the calendar and no time',
    (text) => expect(instantMs(text)).toBeUndefined(),
  );

  test.each([
    '2026-05-04T24:00:00Z',
    '2026-05-04T08:60:00Z',
    '2026-05-04T08:00:60Z',
    '2026-05-04T08:00:00',
    '2026-05-04 08:00:00Z',
    '2026-05-04T08:00:00+16:00',
    '2026-05-04T08:00:00-23:59',
    '0000-05-04T08:00:00Z',
    '',
    null,
  ])('%j is no time', (text) => expect(instantMs(text)).toBeUndefined());

  test('a leap day, a fraction and an offset are read', () => {
    expect(instantMs('2028-02-29T23:59:59.999+08:00')).toBe(Date.parse('2028-02-29T15:59:59.999Z'));
  });
});

describe('what a caller hands over by mistake', () => {
  test('INV-16 an envelope is not sealed for a recipient of the other mode, whatever its payload says', async () => {
    const { relay } = await relayAndAgency('test');
    const { recipient } = await relayAndAgency('production');
    const sealed = sealEnvelope({ payload: payloadOf(), signer: relay, recipient, now: NOW });
    await expect(sealed).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  });

  test.each([Number.NaN, Number.NEGATIVE_INFINITY, -1e9])(
    'a tolerance of %d takes no expired assertion',
    async (toleranceExpiredSeconds) => {
      const { gateway, relay } = await gatewayAndRelay();
      const token = await signAssertion({ keys: gateway, audience: relay.party, scope: 'x', lifetimeSeconds: 60 });
      const verified = verifyAssertion(token, {
        trusted: relay.trusted,
        audience: relay.party,
        now: NOW + 61_000,
        toleranceExpiredSeconds,
      });
      await expect(verified).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_EXPIRED' });
    },
  );

  test('a clock that is not a number takes neither assertion, ticket, webhook nor envelope', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const at = { trusted: relay.trusted, audience: relay.party, now: Number.NaN };
    const token = await signAssertion({ keys: gateway, audience: relay.party, scope: 'x', lifetimeSeconds: 60 });
    await expect(verifyAssertion(token, at)).rejects.toMatchObject({ name: 'ZhidaError' });
    const pair = await relayAndAgency();
    const headers = await webhookHeaders({ id: 'dlv_1', timestampSeconds: NOW / 1000, body: '{}', keys: pair.relay });
    const webhook = verifyWebhook({ headers, body: '{}', trusted: pair.agency.trusted, nowSeconds: Number.NaN });
    await expect(webhook).rejects.toMatchObject({ name: 'ZhidaError' });
    const envelope = await sealEnvelope({ payload: payloadOf(), signer: pair.relay, recipient: pair.recipient, now: NOW });
    await expect(openEnvelope({ envelope, keys: pair.agency, now: Number.NaN })).rejects.toMatchObject({ name: 'ZhidaError' });
  });
});

describe('webhook signatures', () => {
  test('with anything after the signature are not taken', async () => {
    const { relay, agency } = await relayAndAgency();
    const headers = await webhookHeaders({ id: 'dlv_1', timestampSeconds: NOW / 1000, body: '{}', keys: relay });
    for (const tail of [',', ',x', '=', 'A']) {
      const changed = { ...headers, 'webhook-signature': headers['webhook-signature'] + tail };
      const verified = verifyWebhook({ headers: changed, body: '{}', trusted: agency.trusted, nowSeconds: NOW / 1000 });
      await expect(verified).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
    }
  });
});

describe('a trust file without a canonical form', () => {
  test.each<[string, unknown]>([
    ['a lone surrogate', '\ud800'],
    ['a number past all bounds', JSON.parse('1e400')],
    ['a tower of lists', JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`)],
  ])('is refused: %s', async (_why, note) => {
    const relay = await makeParty('relay:county');
    const file = { ...trustFileOf(await makeParty('agency:police-440299')), note } as unknown as TrustFile;
    expect(() => readTrustFile(file)).toThrow(expect.objectContaining({ code: 'ZD_ERR_TRUST_FILE' }));
    await expect(addTrust(relay, file, { fingerprint: 'AAAA' })).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FILE' });
  });

  test('and one nested as deep as JSON may be has a fingerprint', async () => {
    const note = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown;
    const file = { ...trustFileOf(await makeParty('agency:police-440299')), note } as unknown as TrustFile;
    expect(trustFingerprint(readTrustFile(file))).toMatch(/^[0-9A-Z-]{39}$/);
  });
});

test.runIf(process.platform !== 'win32')(
  'folders made on the way to a key directory are private too, and one that was there stays as it is',
  async () => {
    const outer = join(await scratch(), 'outer');
    await mkdir(outer, { mode: 0o755 });
    await createKeyDirectory(join(outer, 'a', 'b', 'keys'), { party: 'his:clinic', role: 'his', mode: 'test', clock: testClock() });
    const modes = await Promise.all(['.', 'a', 'a/b', 'a/b/keys'].map(async (name) => (await stat(join(outer, name))).mode & 0o777));
    expect(modes).toEqual([0o755, 0o700, 0o700, 0o700]);
    expect((await readdir(join(outer, 'a', 'b', 'keys'))).sort()).toEqual(['keys.json', 'trust']);
  },
);
