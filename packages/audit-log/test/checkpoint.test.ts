import { describe, expect, test } from 'vitest';
import {
  formatVkey,
  parseCheckpoint,
  parseNote,
  parseVkey,
  publicKeyFromJwk,
  publicKeyOfSigner,
  readPublicKeys,
  signCheckpoint,
  signNote,
  verifyCheckpoint,
  verifyNote,
} from '../src/index.js';
import { ORIGIN, testSigner } from './log-fixture.js';

const ROOT = Buffer.alloc(32, 7);

describe('C2SP signed note, known answers of other implementations', () => {
  const text = 'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace('’', "'");
  const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
  const note = `${text}\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

  test('the note of Go’s sumdb/note verifies under its verifier key', () => {
    const key = parseVkey(vkey);
    expect(verifyNote(parseNote(note), [key])).toEqual([key]);
    expect(formatVkey('PeterNeumann', key)).toBe(vkey);
  });

  test('signing the same text with the same key gives the same note, byte for byte', () => {
    const x = Buffer.from(parseVkey(vkey).raw).toString('base64url');
    const privateKey = { kty: 'OKP', crv: 'Ed25519', x, d: seed.toString('base64url') };
    expect(signNote(text, { name: 'PeterNeumann', privateKey })).toBe(note);
  });

  test('the example of the specification verifies', () => {
    const key = parseVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
    const example =
      'This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
    expect(verifyNote(parseNote(example), [key])).toEqual([key]);
  });

  test.each([
    ['a changed text', note.replace('cryptography', 'cryptographY')],
    ['a changed signature', note.replace('x08go/ZJ', 'x08go/ZK')],
    ['another signer of the same name', note.replace('x08go', 'y08go')],
    ['another name for the same key', note.replace('PeterNeumann', 'PaulNeumann')],
  ])('%s is refused', (_, changed) => {
    expect(() => verifyNote(parseNote(changed), [parseVkey(vkey)])).toThrow(expect.objectContaining({ code: 'ZD_ERR_SIGNATURE_MISMATCH' }));
  });

  test('a signature of an unknown key beside a good one is passed over; a bad one of a known key spoils the note', () => {
    const other = testSigner('witness.example');
    const cosigned = note + signNote(text, other).slice(text.length + 1);
    expect(verifyNote(parseNote(cosigned), [parseVkey(vkey)])).toHaveLength(1);
    const spoiled = cosigned.replace('x08go/ZJ', 'x08go/ZK');
    expect(() => verifyNote(parseNote(spoiled), [parseVkey(vkey), publicKeyOfSigner(other)])).toThrow('wrong');
  });

  test.each([
    ['no blank line', 'text\n— a b=\n'],
    ['no newline at the end', note.slice(0, -1)],
    ['a control character', note.replace('If', 'I\tf')],
    ['a hyphen for the dash', note.replace('\u2014', '--')],
    ['base64 with bits to spare', note.replace('nAM=', 'nAN=')],
    ['no signature', `${text}\n`],
    ['more than a hundred signatures', `${text}\n${note.slice(text.length + 1).repeat(101)}`],
  ])('a note with %s is unreadable', (_, broken) => {
    expect(() => parseNote(broken)).toThrow(expect.objectContaining({ code: 'ZD_ERR_INPUT_UNREADABLE' }));
  });
});

describe('checkpoint', () => {
  test('reads as origin, decimal size, base64 root, blank line, signature', () => {
    const signer = testSigner();
    const note = signCheckpoint({ origin: ORIGIN, size: 20_852_163, root: ROOT }, signer);
    expect(note.split('\n').slice(0, 4)).toEqual([ORIGIN, '20852163', 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=', '']);
    expect(note.split('\n')[4]).toMatch(/^— zhida\.example\/test\/relay-440299 [A-Za-z0-9+/]{90}[A-Za-z0-9+/=]{2}$/);
    const read = verifyCheckpoint(note, [publicKeyOfSigner(signer)]);
    expect(read).toMatchObject({ origin: ORIGIN, size: 20_852_163, extensions: [] });
    expect(Buffer.compare(read.root, ROOT)).toBe(0);
  });

  test('is not verified by another key of the same name', () => {
    const note = signCheckpoint({ origin: ORIGIN, size: 1, root: ROOT }, testSigner());
    expect(() => verifyCheckpoint(note, [publicKeyOfSigner(testSigner())])).toThrow('no key that was given');
    expect(() => verifyCheckpoint(note, [])).toThrow('no key that was given');
  });

  test.each([
    ['a size with a leading zero', `${ORIGIN}\n01\n${ROOT.toString('base64')}\n`],
    ['a negative size', `${ORIGIN}\n-1\n${ROOT.toString('base64')}\n`],
    ['a size no number holds', `${ORIGIN}\n99999999999999999999\n${ROOT.toString('base64')}\n`],
    ['a short root', `${ORIGIN}\n1\n${Buffer.alloc(31).toString('base64')}\n`],
    ['no root', `${ORIGIN}\n1\n`],
    ['no origin', `\n1\n${ROOT.toString('base64')}\n`],
  ])('with %s is unreadable, also when signed', (_, text) => {
    expect(() => parseCheckpoint(signNote(text, testSigner()))).toThrow(expect.objectContaining({ code: 'ZD_ERR_INPUT_UNREADABLE' }));
  });

  test.each([
    ['an origin of two lines', { origin: 'a\n9', size: 1, root: ROOT }],
    ['no origin', { origin: '', size: 1, root: ROOT }],
    ['a size that is no count', { origin: ORIGIN, size: 1.5, root: ROOT }],
    ['a root of 31 bytes', { origin: ORIGIN, size: 1, root: Buffer.alloc(31) }],
  ])('with %s is not signed', (_, checkpoint) => {
    expect(() => signCheckpoint(checkpoint, testSigner())).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
  });
});

describe('keys', () => {
  const signer = testSigner();
  const key = publicKeyOfSigner(signer);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key.raw).toString('base64url') };

  test('a verifier key, a JWK, a JWK set and a trust file are read alike; encryption keys are passed over', () => {
    const encryption = { kty: 'OKP', crv: 'X25519', x: jwk.x, use: 'enc' };
    const forms = [
      `${formatVkey(ORIGIN, key)}\n`,
      JSON.stringify(jwk),
      JSON.stringify({ keys: [encryption, { ...jwk, use: 'sig' }] }),
      JSON.stringify({ party: 'relay:440299', jwks: { keys: [jwk, encryption] } }),
    ];
    for (const form of forms)
      expect(readPublicKeys(form).map(({ raw }) => Buffer.from(raw).toString('hex'))).toEqual([Buffer.from(key.raw).toString('hex')]);
  });

  test('a signer may hold its key as KeyObject, JWK or CryptoKey', async () => {
    const exported = signer.privateKey.export({ format: 'jwk' });
    const imported = await crypto.subtle.importKey('jwk', exported as JsonWebKey, 'Ed25519', false, ['sign']);
    const forms = [signer.privateKey, exported, imported];
    const notes = forms.map((privateKey) => signCheckpoint({ origin: ORIGIN, size: 3, root: ROOT }, { name: ORIGIN, privateKey }));
    expect(new Set(notes).size).toBe(1);
  });

  test.each([
    ['a key id that does not fit', formatVkey(ORIGIN, key).replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['no key id', `${ORIGIN}+AAAA`],
    ['another algorithm', formatVkey(ORIGIN, key).replace('+A', '+C')],
    ['text that is no key', 'hello'],
    ['JSON that is cut short', '{"keys":['],
  ])('%s is refused', (_, text) => {
    expect(() => readPublicKeys(text)).toThrow(expect.objectContaining({ code: 'ZD_ERR_KEY_FILE' }));
  });

  test('a file without an Ed25519 key is refused, and so are other curves and public keys for signing', () => {
    expect(() => readPublicKeys('{"jwks":{"keys":[]}}')).toThrow(expect.objectContaining({ code: 'ZD_ERR_KEY_MISSING' }));
    expect(() => publicKeyFromJwk({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' })).toThrow('not an Ed25519 JWK');
    expect(() => signCheckpoint({ origin: ORIGIN, size: 0, root: ROOT }, { name: ORIGIN, privateKey: key.key })).toThrow(
      'not an Ed25519 private',
    );
    expect(() => signCheckpoint({ origin: ORIGIN, size: 0, root: ROOT }, { ...signer, name: 'two words' })).toThrow('no white space');
  });
});
