import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createId } from '@zhida/core';
import {
  type AttachmentClaims,
  attachmentPartSealer,
  signAttachment,
  type TrustedParty,
  verifyAttachmentReceipt,
  verifyOpening,
} from '@zhida/signing';
import { frozenClock } from '@zhida/testkit';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFileInbox } from '../src/file.js';
import { addOfficer, createReceiver, type Inbox, type Receiver, receiverPlugin } from '../src/index.js';
import { makePair, type Pair } from './keys.js';
import { push, writeLetter } from './sample-report.js';

const clock = frozenClock('2026-05-03T21:10:00+08:00');
const officer = { id: 'P1024', name: '警员甲' };
const posted: string[] = [];
let pair: Pair;
let inbox: Inbox;
let receiver: Receiver;
let report: { deliveryId: string; reportId: string };

beforeAll(async () => {
  pair = await makePair(clock);
  inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  const fetch: typeof globalThis.fetch = async (_url, init) => {
    if (typeof init?.body === 'string') posted.push(init.body);
    return new Response(null, { status: 200 });
  };
  receiver = createReceiver({ keys: pair.agency, inbox, clock, fetch });
  const letter = await writeLetter(pair, clock.now());
  report = letter.claims;
  expect((await receiver.receiveCarried((await push(pair, letter, clock.now())).body)).status).toBe(200);
});
afterAll(async () => {
  await receiver.stop();
  await inbox.close();
  await pair.remove();
});

async function linesOf(bytes: Buffer, claims: Partial<AttachmentClaims> = {}): Promise<string[]> {
  const seal = claims.seal ?? 'enc';
  const head = await signAttachment(
    {
      v: '1',
      mode: 'test',
      iss: 'relay:yunxi',
      aud: 'agency:police-440299',
      attachmentId: createId('att'),
      deliveryId: report.deliveryId,
      reportId: report.reportId,
      contentType: 'image/jpeg',
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      parts: 2,
      seal,
      at: '2026-05-03T21:09:00+08:00',
      ...claims,
    },
    pair.relay,
  );
  const sealPart = attachmentPartSealer(pair.relay.trusted.party('agency:police-440299') as TrustedParty, seal, clock.now());
  return [head, sealPart(bytes.subarray(0, 100)), sealPart(bytes.subarray(100))];
}

async function* stream(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

const give = (lines: readonly string[]) => receiver.receiveAttachment(stream(lines));

test('INV-10 a restricted one opens for a named officer with a reason, and the hospital is told', async () => {
  const [bytes, attachmentId] = [randomBytes(5_000), createId('att')];
  const answer = await give(await linesOf(bytes, { attachmentId, seal: 'restricted' }));
  expect(await verifyAttachmentReceipt(answer.body, { trusted: pair.relay.trusted })).toMatchObject({ attachmentId });
  await expect(receiver.openAttachment(report.deliveryId, attachmentId, officer)).rejects.toMatchObject({ code: 'ZD_ERR_REASON_MISSING' });
  const opened = await receiver.openAttachment(report.deliveryId, attachmentId, officer, '核实伤情');
  expect(bytes.equals(opened.content)).toBe(true);
  await receiver.flushOutbox();
  expect(await verifyOpening(posted.at(-1) ?? '', { trusted: pair.relay.trusted })).toMatchObject({
    group: 'attachments',
    reason: '核实伤情',
  });
  const { attachments, trail } = await receiver.open(report.deliveryId, officer);
  expect(attachments).toMatchObject([{ attachmentId, restricted: true, size: 5_000 }]);
  expect(trail.map(({ action }) => action)).toEqual(['delivery.stored', 'attachment.stored', 'restricted.opened', 'delivery.opened']);
});

test('the same one again gets the same receipt; whatever is not whole, not ours or of no report here gets none', async () => {
  const bytes = randomBytes(5_000);
  const lines = await linesOf(bytes);
  const first = await give(lines);
  expect(first.status).toBe(200);
  expect((await give(lines.slice(0, 1))).body).toBe(first.body);
  const refused = [
    await give([]),
    await give((await linesOf(bytes)).slice(0, 2)),
    await give((await linesOf(bytes)).toSpliced(1, 1)),
    await give(await linesOf(bytes, { sha256: '0'.repeat(64) })),
    await give(await linesOf(bytes, { deliveryId: createId('dlv') })),
    await give(await linesOf(bytes, { aud: 'agency:other' })),
    await give(await linesOf(bytes, { size: 65 * 1024 * 1024 })),
    await give(
      await linesOf(randomBytes(200), {
        attachmentId: (await receiver.open(report.deliveryId, officer)).attachments.at(-1)?.attachmentId ?? '',
      }),
    ),
  ].map(({ status, body }) => `${status} ${(JSON.parse(body) as { code: string }).code}`);
  expect(refused).toEqual([
    '400 ZD_ERR_ENVELOPE_UNREADABLE',
    '400 ZD_ERR_ENVELOPE_UNREADABLE',
    '400 ZD_ERR_ENVELOPE_UNREADABLE',
    '400 ZD_ERR_ENVELOPE_UNREADABLE',
    '404 ZD_ERR_NOT_FOUND',
    '400 ZD_ERR_ENVELOPE_AUDIENCE',
    '413 ZD_ERR_INPUT_TOO_LARGE',
    '409 ZD_ERR_PAYLOAD_CONFLICT',
  ]);
});

test('an officer fetches one by the page or by the API, and no browser shows it in our name', async () => {
  const { code } = await addOfficer(pair.agency.directory, officer);
  const app = fastify();
  await app.register(receiverPlugin, { receiver, keys: pair.agency, clock });
  try {
    const [bytes, attachmentId] = [randomBytes(5_000), createId('att')];
    await give(await linesOf(bytes, { attachmentId, contentType: 'text/html' }));
    const session = await app.inject({ method: 'POST', url: '/v1/session', payload: { officer: officer.id, code } });
    const { token } = session.json<{ token: string }>();
    const url = `/v1/inbox/${report.deliveryId}/attachments/${attachmentId}`;
    expect((await app.inject({ method: 'POST', url })).statusCode).toBe(401);
    const fetched = await app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${token}` } });
    expect(fetched.rawPayload.equals(bytes)).toBe(true);
    expect(fetched.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${attachmentId}.bin"`,
      'x-content-type-options': 'nosniff',
    });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const signIn = new URLSearchParams({ officer: officer.id, code }).toString();
    const signedIn = await app.inject({ method: 'POST', url: '/inbox/sign-in', headers: form, payload: signIn });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    const page = (await app.inject({ url: `/inbox/${report.deliveryId}`, headers: { cookie } })).body;
    expect(page).toContain(`/inbox/${report.deliveryId}/attachments/${attachmentId}`);
    const formToken = /name="formToken" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const post = (payload: string) =>
      app.inject({ method: 'POST', url: `/inbox/${report.deliveryId}/attachments/${attachmentId}`, headers: { ...form, cookie }, payload });
    expect((await post('')).statusCode).toBe(401);
    expect((await post(new URLSearchParams({ formToken }).toString())).rawPayload.equals(bytes)).toBe(true);
  } finally {
    await app.close();
  }
});
