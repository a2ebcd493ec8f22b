import { describe, expect, test } from 'vitest';
import { verifyWebhook, type WebhookHeaders, webhookHeaders } from '../src/index.js';
import { makeParty, NOW, relayAndAgency, trust } from './parties.js';

const nowSeconds = NOW / 1000;
const body = Buffer.from('eyJ.a.b.c.d');

async function signed() {
  const { relay, agency } = await relayAndAgency();
  const headers = await webhookHeaders({ id: 'dlv_1', timestampSeconds: nowSeconds, body, keys: relay });
  return { relay, agency, headers, verify: { headers, body, trusted: agency.trusted, nowSeconds } };
}

describe('webhook headers', () => {
  test('say the delivery, the time of the attempt and who sent it', async () => {
    const { headers, verify } = await signed();
    expect(headers).toMatchObject({ 'webhook-id': 'dlv_1', 'webhook-timestamp': String(nowSeconds) });
    expect(headers['webhook-signature']).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/);
    expect(await verifyWebhook(verify)).toMatchObject({ id: 'dlv_1', timestampSeconds: nowSeconds, sender: { party: 'relay:county' } });
  });

  test('verify whatever the case of their names, and for a body given as text', async () => {
    const { headers, verify } = await signed();
    const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    await expect(verifyWebhook({ ...verify, headers: shouted, body: body.toString() })).resolves.toBeDefined();
  });

  test.each([-300, 0, 300])('verify %d seconds off', async (seconds) => {
    const { verify } = await signed();
    await expect(verifyWebhook({ ...verify, nowSeconds: nowSeconds + seconds })).resolves.toBeDefined();
  });

  test.each([-301, 301, Number.NaN, Number.POSITIVE_INFINITY])('are refused %d seconds off', async (seconds) => {
    const { verify } = await signed();
    await expect(verifyWebhook({ ...verify, nowSeconds: nowSeconds + seconds })).rejects.toMatchObject({
      code: 'ZD_ERR_SIGNATURE_EXPIRED',
    });
  });

  test('are refused for another body, id or time than was signed', async () => {
    const { verify, headers } = await signed();
    const changes = [
      { body: Buffer.from('eyJ.a.b.c.e') },
      { body: Buffer.alloc(0) },
      { headers: { ...headers, 'webhook-id': 'dlv_2' } },
      { headers: { ...headers, 'webhook-timestamp': String(nowSeconds + 1) } },
    ];
    for (const change of changes) {
      await expect(verifyWebhook({ ...verify, ...change })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
    }
  });

  test('are refused when an unpinned party of the same name signed them', async () => {
    const { verify } = await signed();
    const impostor = await makeParty('relay:county');
    const headers = await webhookHeaders({ id: 'dlv_1', timestampSeconds: nowSeconds, body, keys: impostor });
    await expect(verifyWebhook({ ...verify, headers })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
  });

  test('name the party whose key signed, of all that are pinned', async () => {
    const { agency, verify } = await signed();
    const city = await makeParty('relay:city');
    await trust(agency, city);
    const headers = await webhookHeaders({ id: 'dlv_1', timestampSeconds: nowSeconds, body, keys: city });
    expect((await verifyWebhook({ ...verify, headers })).sender.party).toBe('relay:city');
  });

  test('pass over signatures of other schemes and forged ones beside a good one, up to a limit', async () => {
    const { headers, verify } = await signed();
    const good = headers['webhook-signature'];
    const noise = ['v1,bm9pc2U=', `v1a,${'A'.repeat(86)}==`, 'v1a,not base64', 'v2', ','].join(' ');
    await expect(verifyWebhook({ ...verify, headers: { ...headers, 'webhook-signature': `${noise} ${good}` } })).resolves.toBeDefined();
    const many = Array.from({ length: 50 }, () => 'v1,bm9pc2U=').join(' ');
    const late = { ...headers, 'webhook-signature': `${many} ${good}` };
    await expect(verifyWebhook({ ...verify, headers: late })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
  });

  test.each<[string, Record<string, string | string[] | undefined>]>([
    ['webhook-id', { 'webhook-id': undefined }],
    ['webhook-id', { 'webhook-id': '' }],
    ['webhook-id', { 'webhook-id': 'dlv.1' }],
    ['webhook-id', { 'webhook-id': ['dlv_1', 'dlv_2'] }],
    ['webhook-timestamp', { 'webhook-timestamp': '1e9' }],
    ['webhook-timestamp', { 'webhook-timestamp': '-1' }],
    ['webhook-timestamp', { 'webhook-timestamp': ` ${nowSeconds}` }],
    ['webhook-signature', { 'webhook-signature': '' }],
    ['webhook-signature', { 'webhook-signature': 'v1a,\u0000' }],
  ])('are refused when %s is missing or malformed: %j', async (at, change) => {
    const { verify, headers } = await signed();
    const changed: Record<string, string | readonly string[] | undefined> = { ...(headers satisfies WebhookHeaders), ...change };
    await expect(verifyWebhook({ ...verify, headers: changed })).rejects.toMatchObject({ code: 'ZD_ERR_TOKEN_INVALID', at });
  });

  test('are not made for an id that would move the border between the signed parts', async () => {
    const { relay } = await signed();
    for (const id of ['dlv.1', '', 'a b', 'x'.repeat(65)]) {
      const made = webhookHeaders({ id, timestampSeconds: nowSeconds, body, keys: relay });
      await expect(made).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
    }
    const made = webhookHeaders({ id: 'dlv_1', timestampSeconds: nowSeconds + 0.5, body, keys: relay });
    await expect(made).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
  });
});
