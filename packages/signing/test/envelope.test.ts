import { compactDecrypt } from 'jose';
import { Buffer } from 'node:buffer';
import { canonicalBytes } from '@zhida/core';
import { CompactEncrypt, CompactSign } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  addTrust,
  type KeyDirectory,
  openEnvelope,
  openRestricted,
  sealEnvelope,
  sealRestricted,
  sealRestrictedGroups,
  trustFingerprint,
} from '../src/index.js';
import { DAY, ENVELOPE_CLAIMS, makeParty, NOW, payloadOf, relayAndAgency, testClock, trust, trustFileOf } from './parties.js';

const now = NOW;

/** A JWS and a JWE put together by hand, to say what the real sealer never says. */
async function handMade(relay: KeyDirectory, agency: KeyDirectory, options: HandMade = {}): Promise<string> {
  const { jws = {}, jwe = {}, payload = payloadOf(), key = relay.signingKey } = options;
  const inner =
    options.inner ??
    (await new CompactSign(payload)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'zhida-report+jws', kid: relay.signingKey.kid, ...jws })
      .sign(key.privateKey, { crit: { zhida: true } }));
  const { kid = '', publicKey } = agency.encryptionKeys[0] ?? {};
  if (publicKey === undefined) throw new TypeError('an agency has an encryption key');
  return new CompactEncrypt(Buffer.from(inner))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ: 'zhida-envelope+jwe', cty: 'zhida-report+jws', kid, ...jwe })
    .encrypt(publicKey, { crit: { zhida: true } });
}

interface HandMade {
  readonly jws?: Record<string, unknown>;
  readonly jwe?: Record<string, unknown>;
  readonly payload?: Uint8Array;
  readonly inner?: string;
  readonly key?: KeyDirectory['signingKey'];
}

describe('an envelope', () => {
  test('brings the payload bytes, its claims, its hash and its sender', async () => {
    const { relay, agency, recipient } = await relayAndAgency();
    const payload = payloadOf();
    const opened = await openEnvelope({ envelope: await sealEnvelope({ payload, signer: relay, recipient, now }), keys: agency, now });
    expect(Buffer.from(opened.payload).equals(payload)).toBe(true);
    expect(opened.claims).toEqual(ENVELOPE_CLAIMS);
    expect(opened.sender.party).toBe('relay:county');
    expect(opened.payloadSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('INV-4 carries the same payload bytes and hash at every attempt, though the encryption differs', async () => {
    const { relay, agency, recipient } = await relayAndAgency();
    const seal = () => sealEnvelope({ payload: payloadOf(), signer: relay, recipient, now });
    const [first, second] = await Promise.all([seal(), seal()]);
    expect(first).not.toBe(second);
    const hashes = await Promise.all(
      [first, second].map(async (envelope) => (await openEnvelope({ envelope, keys: agency, now })).payloadSha256),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  test('the hand-made control of the refusals below is taken', async () => {
    const { relay, agency } = await relayAndAgency();
    await expect(openEnvelope({ envelope: await handMade(relay, agency), keys: agency, now })).resolves.toBeDefined();
  });

  test.each<[string, HandMade]>([
    ['a JWE of another typ', { jwe: { typ: 'zhida-restricted+jwe' } }],
    ['a JWE without cty', { jwe: { cty: undefined } }],
    ['another content encryption', { jwe: { enc: 'A128GCM' } }],
    ['another key agreement', { jwe: { alg: 'ECDH-ES+A128KW' } }],
    ['a key id that is not ours', { jwe: { kid: 'somebody-else' } }],
    ['a critical extension of the JWE', { jwe: { crit: ['zhida'], zhida: true } }],
    ['a JWS of another typ', { jws: { typ: 'zhida-receipt+jws' } }],
    ['a JWS without typ', { jws: { typ: undefined } }],
    ['a critical extension of the JWS', { jws: { crit: ['zhida'], zhida: true } }],
    ['a JWS that brings its own key', { jws: { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } } }],
    ['a JWS without kid', { jws: { kid: undefined } }],
    ['a JWE without the inner JWS', { inner: new TextDecoder().decode(payloadOf()) }],
    ['a JWE around nothing', { inner: '' }],
    ['a payload that is not JSON', { payload: Buffer.from('not json') }],
    ['a payload that is not UTF-8', { payload: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }],
    ['a payload that is a list', { payload: Buffer.from('[]') }],
    ['a payload without a claim', { payload: canonicalBytes({ v: '1', mode: 'test', iss: 'relay:county' }) }],
    ['a payload of another version', { payload: canonicalBytes({ ...ENVELOPE_CLAIMS, v: '2' }) }],
    ['a sequence that is no position', { payload: canonicalBytes({ ...ENVELOPE_CLAIMS, sequence: 0 }) }],
  ])('is refused as unreadable: %s', async (_why, changes) => {
    const { relay, agency } = await relayAndAgency();
    const envelope = await handMade(relay, agency, changes);
    await expect(openEnvelope({ envelope, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
  });

  test('is refused when the inner JWS has alg none or an HMAC under a public key', async () => {
    const { relay, agency } = await relayAndAgency();
    for (const alg of ['none', 'HS256']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'zhida-report+jws', kid: relay.signingKey.kid })).toString('base64url');
      const inner = `${header}.${Buffer.from(payloadOf()).toString('base64url')}.AAAA`;
      const envelope = await handMade(relay, agency, { inner });
      await expect(openEnvelope({ envelope, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE', at: 'alg' });
    }
  });

  test('is refused when it is compressed', async () => {
    const { relay, agency } = await relayAndAgency();
    const parts = (await handMade(relay, agency)).split('.');
    const header = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString()) as Record<string, unknown>;
    parts[0] = Buffer.from(JSON.stringify({ ...header, zip: 'DEF' })).toString('base64url');
    await expect(openEnvelope({ envelope: parts.join('.'), keys: agency, now })).rejects.toMatchObject({
      code: 'ZD_ERR_ENVELOPE_UNREADABLE',
      at: 'zip',
    });
  });

  test('is refused over the limit before anything is decoded', async () => {
    const { agency } = await relayAndAgency();
    const envelope = 'A'.repeat(4 * 1024 * 1024 + 1);
    await expect(openEnvelope({ envelope, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_TOO_LARGE' });
  });

  test('is refused when its sender is not pinned', async () => {
    const { relay, recipient } = await relayAndAgency();
    const stranger = await makeParty('agency:police-440299');
    const agencyFile = trustFileOf(stranger);
    const known = (await addTrust(relay, agencyFile, { fingerprint: trustFingerprint(agencyFile) })).trusted;
    expect(known.party).toBe(recipient.party);
    const envelope = await sealEnvelope({ payload: payloadOf(), signer: relay, recipient: known, now });
    await expect(openEnvelope({ envelope, keys: stranger, now })).rejects.toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN' });
  });

  test('is refused when another key of the same name signed it', async () => {
    const { relay, agency } = await relayAndAgency();
    const impostor = await makeParty('relay:county');
    const withOwnKid = await handMade(impostor, agency);
    await expect(openEnvelope({ envelope: withOwnKid, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
    const withPinnedKid = await handMade(relay, agency, { key: impostor.signingKey });
    await expect(openEnvelope({ envelope: withPinnedKid, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
  });

  test('is refused when an agency, not a relay, signed it', async () => {
    const { agency } = await relayAndAgency();
    const other = await makeParty('agency:civil-affairs-440299');
    await trust(agency, other);
    const envelope = await handMade(other, agency, { payload: payloadOf({ iss: other.party }) });
    await expect(openEnvelope({ envelope, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN', at: 'iss' });
  });

  test('is refused when it was written for another agency and forwarded', async () => {
    const { relay, agency } = await relayAndAgency();
    const envelope = await handMade(relay, agency, { payload: payloadOf({ aud: 'agency:civil-affairs-440299' }) });
    await expect(openEnvelope({ envelope, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_AUDIENCE' });
  });

  test('is refused once the trust file of its sender has lapsed', async () => {
    const { relay, agency, recipient } = await relayAndAgency();
    const envelope = await sealEnvelope({ payload: payloadOf(), signer: relay, recipient, now });
    await expect(openEnvelope({ envelope, keys: agency, now: NOW + 366 * DAY })).rejects.toMatchObject({
      code: 'ZD_ERR_SIGNATURE_MISMATCH',
    });
  });

  test('is not sealed for a recipient whose keys have lapsed, so that the delivery is held and not sent in the clear', async () => {
    const { relay, recipient } = await relayAndAgency();
    const sealed = sealEnvelope({ payload: payloadOf(), signer: relay, recipient, now: NOW + 366 * DAY });
    await expect(sealed).rejects.toMatchObject({ code: 'ZD_ERR_KEY_MISSING' });
  });

  test('is not sealed for another recipient than its payload names, nor in another name', async () => {
    const { relay, recipient } = await relayAndAgency();
    const toOther = sealEnvelope({ payload: payloadOf({ aud: 'agency:other' }), signer: relay, recipient, now });
    await expect(toOther).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_AUDIENCE' });
    const asOther = sealEnvelope({ payload: payloadOf({ iss: 'relay:other' }), signer: relay, recipient, now });
    await expect(asOther).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
  });
});

describe('the modes', () => {
  test('INV-16 a test agency refuses an envelope whose signed payload says production or exercise', async () => {
    const { relay, agency } = await relayAndAgency('test');
    for (const mode of ['production', 'exercise', 'training', undefined]) {
      const envelope = await handMade(relay, agency, { payload: Buffer.from(JSON.stringify({ ...ENVELOPE_CLAIMS, mode })) });
      await expect(openEnvelope({ envelope, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
    }
  });

  test('INV-16 a production agency refuses an envelope whose signed payload says test', async () => {
    const { relay, agency } = await relayAndAgency('production');
    const envelope = await handMade(relay, agency, { payload: payloadOf({ mode: 'test' }) });
    await expect(openEnvelope({ envelope, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  });

  test('INV-16 a relay does not seal a payload of the other mode', async () => {
    const test = await relayAndAgency('test');
    const inTest = sealEnvelope({ payload: payloadOf({ mode: 'production' }), signer: test.relay, recipient: test.recipient, now });
    await expect(inTest).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
    const production = await relayAndAgency('production');
    const inProduction = sealEnvelope({ payload: payloadOf(), signer: production.relay, recipient: production.recipient, now });
    await expect(inProduction).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  });

  test('INV-16 an exercise travels over production keys and says so in its signed payload', async () => {
    const { relay, agency, recipient } = await relayAndAgency('production');
    const envelope = await sealEnvelope({ payload: payloadOf({ mode: 'exercise' }), signer: relay, recipient, now });
    expect((await openEnvelope({ envelope, keys: agency, now })).claims.mode).toBe('exercise');
  });
});

describe('a restricted group', () => {
  test('INV-10 opens with the restricted key alone, not with the key that opens envelopes', async () => {
    const { relay, agency, recipient } = await relayAndAgency();
    const jwe = await sealRestricted({ name: '李医生' }, recipient, now);
    expect(await openRestricted(jwe, agency)).toEqual({ name: '李医生' });
    const withoutRestricted = Object.defineProperty(Object.create(agency) as KeyDirectory, 'restrictedKeys', {
      value: agency.encryptionKeys,
    });
    await expect(openRestricted(jwe, withoutRestricted)).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
    await expect(openRestricted(jwe, relay)).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
  });

  test('the groups of one view are JWEs of their own: jose opens each, their content keys differ, a part of one is no part of another', async () => {
    const { agency, recipient } = await relayAndAgency();
    const groups = { reporter: { name: '李医生' }, identity: { name: '张某某' }, place: {} };
    const sealed = sealRestrictedGroups(groups, recipient, now);
    const key = agency.restrictedKeys[0]?.privateKey;
    if (key === undefined) throw new Error('the agency has a restricted key');
    for (const [group, value] of Object.entries(groups)) {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed[group] ?? '', key);
      expect(JSON.parse(Buffer.from(plaintext).toString('utf8'))).toEqual(value);
      expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ: 'zhida-restricted+jwe', epk: { crv: 'X25519' } });
    }
    const parts = Object.values(sealed).map((jwe) => jwe.split('.'));
    for (const position of [1, 2, 4]) expect(new Set(parts.map((part) => part[position])).size).toBe(parts.length);
    const [first = [], second = []] = parts;
    const swapped = [first[0], second[1], ...first.slice(2)].join('.');
    await expect(openRestricted(swapped, agency)).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
  });

  test('INV-10 still opens long after the key was replaced, because reports are kept', async () => {
    const clock = testClock();
    const { agency, recipient } = await relayAndAgency('test', clock);
    const jwe = await sealRestricted('李医生', recipient, now);
    clock.set(NOW + 3650 * DAY);
    expect(await openRestricted(jwe, agency)).toBe('李医生');
  });

  test('is not an envelope, and an envelope is not one', async () => {
    const { relay, agency, recipient } = await relayAndAgency();
    const jwe = await sealRestricted({}, recipient, now);
    await expect(openEnvelope({ envelope: jwe, keys: agency, now })).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
    const envelope = await sealEnvelope({ payload: payloadOf(), signer: relay, recipient, now });
    await expect(openRestricted(envelope, agency)).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
  });
});
