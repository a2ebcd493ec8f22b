import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { auditEntry, auditOrigin, parseCheckpoint, signCheckpoint } from '../src/index.js';

test('a log is named by mode and party', () => {
  expect(auditOrigin({ mode: 'production', party: 'relay:county-hospital' })).toBe('zhida/production/relay:county-hospital');
});

test('INV-16 a test log and a production log of one party never have the same name', () => {
  const party = 'agency:police-440299';
  expect(auditOrigin({ mode: 'test', party })).not.toBe(auditOrigin({ mode: 'production', party }));
});

test('a name made here is taken in an entry, in a checkpoint and as the name of its key', () => {
  const origin = auditOrigin({ mode: 'test', party: 'gateway:a.b_c-d' });
  expect(auditEntry({ origin, actor: 'gateway', action: 'log.begun', subject: {} }).entry.origin).toBe(origin);
  const { privateKey } = generateKeyPairSync('ed25519');
  const note = signCheckpoint({ origin, size: 0, root: Buffer.alloc(32) }, { name: origin, privateKey });
  expect(parseCheckpoint(note).origin).toBe(origin);
});

test.each([
  ['mode', { mode: '', party: 'relay:county' }],
  ['mode', { mode: 'test/production', party: 'relay:county' }],
  ['party', { mode: 'test', party: 'relay:county/production' }],
  ['party', { mode: 'test', party: 'relay county' }],
  ['party', { mode: 'test', party: 'relay:county+1' }],
  ['party', { mode: 'test', party: '..' }],
])('a %s that is not one plain word is refused', (at, parts) => {
  expect(() => auditOrigin(parts)).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at }));
});
