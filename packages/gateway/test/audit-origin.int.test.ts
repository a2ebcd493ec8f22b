import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCheckpoint, publicKeyOfSigner, verifyAuditDirectory } from '@zhida/audit-log';
import { expect, onTestFinished, test } from 'vitest';
import { makeFixture } from './support/fixture.js';
import { pregnantGirl } from './support/visits.js';

test('INV-16 the gateway’s log is named by mode and party in every entry and in its checkpoint, and proves itself', async () => {
  const fixture = await makeFixture();
  onTestFinished(() => fixture.close());
  const origin = 'zhida/test/gateway:yunxi';
  await fixture.send(pregnantGirl());
  const { size } = await fixture.gateway.sequencer.runOnce();
  expect(size).toBeGreaterThan(0);
  const entries = await fixture.rows<{ bytes: Buffer }>('select bytes from audit_entries');
  expect(new Set(entries.map(({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { origin: string }).origin))).toEqual(new Set([origin]));
  const directory = join(fixture.dataDirectory, 'audit');
  expect(parseCheckpoint(await readFile(join(directory, 'checkpoint'), 'utf8')).origin).toBe(origin);
  const key = publicKeyOfSigner({ name: origin, privateKey: fixture.parties.gateway.signingKey.privateKey });
  expect(await verifyAuditDirectory(directory, { publicKeys: [key], allowTail: true })).toMatchObject({ ok: true, problems: [] });
});
