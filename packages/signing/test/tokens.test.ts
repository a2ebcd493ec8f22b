import { Buffer } from 'node:buffer';
import { canonicalBytes } from '@zhida/core';
import { CompactSign } from 'jose';
import { describe, expect, test } from 'vitest';
import { type KeyDirectory, signAssertion, signTicket, type TicketClaims, verifyAssertion, verifyTicket } from '../src/index.js';
import { gatewayAndRelay, makeParty, NOW, TICKET_CLAIMS, trust } from './parties.js';

const AUDIENCE = 'relay:county';
const HOUR = 3600_000;

function signAnything(keys: KeyDirectory, claims: unknown, typ: string): Promise<string> {
  const { kid, privateKey } = keys.signingKey;
  return new CompactSign(canonicalBytes(claims)).setProtectedHeader({ alg: 'EdDSA', typ, kid }).sign(privateKey);
}

describe('an assertion', () => {
  const base = { audience: AUDIENCE, scope: 'report:create report:read', lifetimeSeconds: 60 } as const;

  test('says who comes, for what, in which mode and for which facility', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const token = await signAssertion({ ...base, keys: gateway, facility: 'facility-1', extra: { sub: 'account-7', name: '李医生' } });
    const { claims, expired } = await verifyAssertion(token, { trusted: relay.trusted, audience: AUDIENCE, now: NOW, roles: ['gateway'] });
    expect(expired).toBe(false);
    expect(claims).toMatchObject({
      iss: 'gateway:county-hospital',
      sub: 'account-7',
      aud: AUDIENCE,
      scope: 'report:create report:read',
      facility: 'facility-1',
      name: '李医生',
      mode: 'test',
      iat: NOW / 1000,
      exp: NOW / 1000 + 60,
    });
  });

  test('has an id of its own each time, and speaks for its party unless told otherwise', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const verify = async (token: string) => (await verifyAssertion(token, { trusted: relay.trusted, audience: AUDIENCE, now: NOW })).claims;
    const [first, second] = [
      await verify(await signAssertion({ ...base, keys: gateway })),
      await verify(await signAssertion({ ...base, keys: gateway })),
    ];
    expect(first.jti).not.toBe(second.jti);
    expect(first.sub).toBe('gateway:county-hospital');
  });

  test('past its time is refused, unless a tolerance takes it and flags it', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const token = await signAssertion({ ...base, keys: gateway });
    const options = { trusted: relay.trusted, audience: AUDIENCE };
    await expect(verifyAssertion(token, { ...options, now: NOW + 59_999 })).resolves.toMatchObject({ expired: false });
    await expect(verifyAssertion(token, { ...options, now: NOW + 60_000 })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_EXPIRED' });
    const tolerant = { ...options, toleranceExpiredSeconds: 3600 };
    await expect(verifyAssertion(token, { ...tolerant, now: NOW + HOUR })).resolves.toMatchObject({ expired: true });
    await expect(verifyAssertion(token, { ...tolerant, now: NOW + HOUR + 60_000 })).rejects.toMatchObject({
      code: 'ZD_ERR_SIGNATURE_EXPIRED',
    });
  });

  test('from a clock up to five minutes ahead is taken, from further ahead not', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const options = { trusted: relay.trusted, audience: AUDIENCE, now: NOW };
    const near = await signAssertion({ ...base, keys: gateway, now: NOW + 300_000 });
    await expect(verifyAssertion(near, options)).resolves.toBeDefined();
    const far = await signAssertion({ ...base, keys: gateway, now: NOW + 301_000 });
    await expect(verifyAssertion(far, options)).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_EXPIRED' });
  });

  test('for another party, from a role not asked for, or by a party not pinned is refused', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const options = { trusted: relay.trusted, audience: AUDIENCE, now: NOW };
    const elsewhere = await signAssertion({ ...base, audience: 'relay:city', keys: gateway });
    await expect(verifyAssertion(elsewhere, options)).rejects.toMatchObject({ code: 'ZD_ERR_TOKEN_INVALID', at: 'aud' });
    const token = await signAssertion({ ...base, keys: gateway });
    await expect(verifyAssertion(token, { ...options, roles: ['his'] })).rejects.toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN' });
    const stranger = await signAssertion({ ...base, keys: await makeParty('his:elsewhere') });
    await expect(verifyAssertion(stranger, options)).rejects.toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN' });
  });

  test('INV-16 of the other mode is refused', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const claims = {
      iss: gateway.party,
      sub: 'x',
      aud: AUDIENCE,
      scope: 'x',
      mode: 'production',
      iat: NOW / 1000,
      exp: NOW / 1000 + 60,
      jti: 'x',
    };
    const token = await signAnything(gateway, claims, 'zhida-assertion+jwt');
    const verified = verifyAssertion(token, { trusted: relay.trusted, audience: AUDIENCE, now: NOW });
    await expect(verified).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  });

  test('made to live longer than 15 minutes is neither signed nor taken', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    for (const lifetimeSeconds of [0, -1, 901, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(signAssertion({ ...base, keys: gateway, lifetimeSeconds })).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
    }
    const claims = {
      iss: gateway.party,
      sub: 'x',
      aud: AUDIENCE,
      scope: 'x',
      mode: 'test',
      iat: NOW / 1000,
      exp: NOW / 1000 + 901,
      jti: 'x',
    };
    const token = await signAnything(gateway, claims, 'zhida-assertion+jwt');
    const verified = verifyAssertion(token, { trusted: relay.trusted, audience: AUDIENCE, now: NOW });
    await expect(verified).rejects.toMatchObject({ code: 'ZD_ERR_TOKEN_INVALID', at: 'exp' });
  });

  test('cannot be given another sender, mode or life by its extra claims', async () => {
    const { gateway } = await gatewayAndRelay();
    for (const name of ['iss', 'aud', 'mode', 'iat', 'exp', 'jti', 'scope', 'facility']) {
      const signed = signAssertion({ ...base, keys: gateway, extra: { [name]: 'x' } });
      await expect(signed).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: `extra.${name}` });
    }
  });

  test('is not a press ticket, and a press ticket is not an assertion', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const options = { trusted: relay.trusted, audience: AUDIENCE, now: NOW };
    const assertion = await signAssertion({ ...base, keys: gateway });
    await expect(verifyTicket(assertion, options)).rejects.toMatchObject({ code: 'ZD_ERR_TOKEN_INVALID', at: 'typ' });
    const ticket = await signTicket(TICKET_CLAIMS, gateway);
    await expect(verifyAssertion(ticket, options)).rejects.toMatchObject({ code: 'ZD_ERR_TOKEN_INVALID', at: 'typ' });
  });

  test('with alg none, in any spelling, is refused', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const [, body] = (await signAssertion({ ...base, keys: gateway })).split('.');
    for (const alg of ['none', 'None', 'NONE', 'HS256', 'Ed25519', '', null]) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'zhida-assertion+jwt', kid: gateway.signingKey.kid })).toString('base64url');
      for (const signature of ['', 'AAAA']) {
        const verified = verifyAssertion(`${header}.${body}.${signature}`, { trusted: relay.trusted, audience: AUDIENCE, now: NOW });
        await expect(verified).rejects.toMatchObject({ code: 'ZD_ERR_TOKEN_INVALID' });
      }
    }
  });
});

describe('a press ticket', () => {
  const options = { audience: AUDIENCE, now: NOW };

  test('comes back as it was signed', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const claims: TicketClaims = {
      ...TICKET_CLAIMS,
      promptId: 'prm_1',
      reporter: { ...TICKET_CLAIMS.reporter, phone: '0000-1', licenceNumber: 'L1' },
    };
    expect(await verifyTicket(await signTicket(claims, gateway), { ...options, trusted: relay.trusted })).toEqual({
      claims,
      expired: false,
    });
  });

  test('INV-9 past its time, or from a clock that is wrong, still verifies and is flagged', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const ticket = await signTicket(TICKET_CLAIMS, gateway);
    for (const now of [NOW + HOUR, NOW + 30 * 24 * HOUR, NOW - HOUR]) {
      expect((await verifyTicket(ticket, { ...options, trusted: relay.trusted, now })).expired).toBe(true);
    }
  });

  test('INV-9 of a reporter whose name nobody recorded is a ticket', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const reporter = { name: '', role: '', staffId: '' };
    const ticket = await signAnything(gateway, { ...TICKET_CLAIMS, reporter: null }, 'zhida-press-ticket+jwt');
    expect((await verifyTicket(ticket, { ...options, trusted: relay.trusted })).claims.reporter).toEqual(reporter);
    expect(
      (await verifyTicket(await signTicket({ ...TICKET_CLAIMS, reporter }, gateway), { ...options, trusted: relay.trusted })).claims
        .reporter,
    ).toEqual(reporter);
  });

  test('is checked by the gateway that signed it under its own keys', async () => {
    const { gateway, relay } = await gatewayAndRelay();
    const ticket = await signTicket(TICKET_CLAIMS, gateway);
    const own = { ...options, trusted: gateway.trusted };
    await expect(verifyTicket(ticket, { ...own, self: gateway })).resolves.toMatchObject({ expired: false });
    await expect(verifyTicket(ticket, own)).rejects.toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN' });
    await expect(verifyTicket(ticket, { ...options, trusted: relay.trusted, self: relay })).resolves.toBeDefined();
    const forged = await signTicket(TICKET_CLAIMS, await makeParty('gateway:county-hospital'));
    await expect(verifyTicket(forged, { ...own, self: gateway })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
  });

  test('INV-16 a test relay refuses a production ticket and a production relay a test one', async () => {
    for (const [mode, other] of [
      ['test', 'production'],
      ['test', 'exercise'],
      ['test', 'training'],
      ['production', 'test'],
      ['production', 'training'],
    ] as const) {
      const { gateway, relay } = await gatewayAndRelay(mode);
      const ticket = await signAnything(gateway, { ...TICKET_CLAIMS, mode: other }, 'zhida-press-ticket+jwt');
      await expect(verifyTicket(ticket, { ...options, trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
      await expect(signTicket({ ...TICKET_CLAIMS, mode: other } as TicketClaims, gateway)).rejects.toMatchObject({
        code: 'ZD_ERR_MODE_REFUSED',
      });
    }
  });

  test('INV-16 a ticket for an exercise travels over production keys', async () => {
    const { gateway, relay } = await gatewayAndRelay('production');
    const ticket = await signTicket({ ...TICKET_CLAIMS, mode: 'exercise' }, gateway);
    expect((await verifyTicket(ticket, { ...options, trusted: relay.trusted })).claims.mode).toBe('exercise');
  });

  test('signed by a HIS is refused, because only a gateway knows who presses', async () => {
    const { relay } = await gatewayAndRelay();
    const his = await makeParty('his:county-hospital');
    await trust(relay, his);
    const ticket = await signAnything(his, { ...TICKET_CLAIMS, iss: his.party }, 'zhida-press-ticket+jwt');
    await expect(verifyTicket(ticket, { ...options, trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN' });
  });

  test.each<[string, Partial<Record<keyof TicketClaims, unknown>>]>([
    ['aud', { aud: 'relay:city' }],
    ['exp', { exp: TICKET_CLAIMS.iat + 72 * 3600 + 1 }],
    ['exp', { exp: TICKET_CLAIMS.iat }],
    ['purpose', { purpose: 'read' }],
    ['facility', { facility: '' }],
    ['pressId', { pressId: null }],
    ['promptId', { promptId: 7 }],
    ['reporter.name', { reporter: { name: 7 } }],
    ['sub', { sub: ['a', 'b'] }],
  ])('with a wrong %s is refused: %j', async (at, changes) => {
    const { gateway, relay } = await gatewayAndRelay();
    const ticket = await signAnything(gateway, { ...TICKET_CLAIMS, ...changes }, 'zhida-press-ticket+jwt');
    await expect(verifyTicket(ticket, { ...options, trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_TOKEN_INVALID', at });
  });
});
