import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { createKeyDirectory, openKeyDirectory, sealEnvelope, verifyReceipt } from '@zhida/signing';
import { findCanaries, frozenClock } from '@zhida/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileInbox } from '../src/file.js';
import { createReceiver, ENVELOPE_LIMIT_BYTES, type Inbox, type Receiver } from '../src/index.js';
import { makePair, type Pair, pin } from './keys.js';
import { collectLogs } from './logs.js';
import { canaryReport, push, signed, writeLetter } from './sample-report.js';

const clock = frozenClock('2026-05-03T21:10:00+08:00');
const logs = collectLogs();
let pair: Pair;
let inbox: Inbox;
let receiver: Receiver;

beforeEach(async () => {
  clock.set('2026-05-03T21:10:00+08:00');
  logs.clear();
  pair = await makePair(clock);
  inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  receiver = createReceiver({ keys: pair.agency, inbox, clock, logger: logs.logger });
});
afterEach(async () => {
  await inbox.close();
  await pair.remove();
});

async function receive({ body, headers }: { body: Uint8Array; headers: Readonly<Record<string, string>> }) {
  const answer = await receiver.receive(body, headers);
  return { ...answer, code: answer.contentType === 'application/jose' ? null : (JSON.parse(answer.body) as { code: string }).code };
}

describe('receiving an envelope', () => {
  test('answers a signed receipt with exactly the claims of the receipt format', async () => {
    const letter = await writeLetter(pair, clock.now());
    const answer = await receive(await push(pair, letter, clock.now()));
    expect(answer).toMatchObject({ status: 200, contentType: 'application/jose' });
    const claims = await verifyReceipt(answer.body, { trusted: pair.relay.trusted });
    expect(claims).toEqual({
      v: '1',
      mode: 'test',
      iss: 'agency:police-440299',
      aud: 'relay:yunxi',
      receiptId: expect.stringMatching(/^rcp_/),
      deliveryId: letter.claims.deliveryId,
      reportId: letter.claims.reportId,
      sequence: 1,
      payloadSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      stage: 'stored',
      agencyNumber: null,
      transferredTo: null,
      at: '2026-05-03T13:10:00.000Z',
    });
    const members = JSON.parse(Buffer.from(answer.body.split('.')[1]!, 'base64url').toString()) as object;
    expect(Object.keys(members).sort()).toEqual(Object.keys(claims).sort());
  });

  test('INV-4 the same payload under another encryption, hours later, gets the first receipt byte for byte', async () => {
    const letter = await writeLetter(pair, clock.now());
    const first = await push(pair, letter, clock.now());
    const answer = await receive(first);
    clock.advance(7 * 3600_000);
    const second = await push(pair, letter, clock.now());
    expect(second.body.equals(first.body)).toBe(false);
    expect(await receive(second)).toEqual(answer);
    expect(await receiver.list()).toHaveLength(1);
  });

  test('INV-4 the same delivery id with another payload is a conflict: refused, logged, kept, and the first stands', async () => {
    const letter = await writeLetter(pair, clock.now());
    const answer = await receive(await push(pair, letter, clock.now()));
    const other = await writeLetter(pair, clock.now(), {
      claims: { deliveryId: letter.claims.deliveryId, reportId: letter.claims.reportId, sequence: 2 },
    });
    expect(await receive(await push(pair, other, clock.now()))).toMatchObject({ status: 409, code: 'ZD_ERR_PAYLOAD_CONFLICT' });
    expect(logs.lines().some(({ level }) => level === 'error')).toBe(true);
    expect(await receiver.list()).toMatchObject([{ conflicts: 1, sequence: 1 }]);
    expect(await receive(await push(pair, letter, clock.now()))).toEqual(answer);
  });

  test('nothing about a person is in clear in what is stored, logged or answered', async () => {
    await receive(await push(pair, await writeLetter(pair, clock.now()), clock.now()));
    const journal = await readFile(join(pair.root, 'inbox', 'inbox.journal'));
    expect(findCanaries(journal)).toEqual([]);
    expect(findCanaries(logs.text())).toEqual([]);
    expect(findCanaries(JSON.stringify(await receiver.list()))).toEqual([]);
  });

  test('a report of 1 MiB that nothing could read is taken: its restricted group is encoded three times', async () => {
    const unread = { '$.note': '漆'.repeat((1024 * 1024) / 3) };
    const { body, headers } = await push(pair, await writeLetter(pair, clock.now(), { unread }), clock.now());
    expect(body.byteLength).toBeGreaterThan(2_400_000);
    expect(body.byteLength).toBeLessThan(ENVELOPE_LIMIT_BYTES);
    expect(await receive({ body, headers })).toMatchObject({ status: 200 });
  });
});

describe('an envelope that is refused', () => {
  test('INV-16 comes from a relay of the other mode, whose keys are not pinned here', async () => {
    const production = await makePair(clock, { mode: 'production' });
    const letter = await writeLetter(production, clock.now(), { claims: { mode: 'production' } });
    expect(await receive(await push(production, letter, clock.now()))).toMatchObject({ status: 401, code: 'ZD_ERR_SIGNATURE_MISMATCH' });
    await production.remove();
  });

  test('INV-16 names another mode under keys that are pinned here', async () => {
    // The same key material under another mode: what a careless copy of a key directory would be.
    await cp(pair.relay.directory, join(pair.root, 'copied'), { recursive: true });
    const file = join(pair.root, 'copied', 'keys.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"test"', '"production"'));
    const trust = join(pair.root, 'copied', 'trust', 'agency_police-440299.json');
    await writeFile(trust, (await readFile(trust, 'utf8')).replace('"test"', '"production"'));
    const copied = { ...pair, relay: await openKeyDirectory(join(pair.root, 'copied'), { clock }) };
    const letter = await writeLetter(copied, clock.now(), { claims: { mode: 'production' } });
    expect(await receive(await push(copied, letter, clock.now()))).toMatchObject({ status: 422, code: 'ZD_ERR_MODE_REFUSED' });
    expect(await receiver.list()).toEqual([]);
  });

  test('INV-16 a production inbox takes an exercise, marks it, and answers in its mode', async () => {
    const production = await makePair(clock, { mode: 'production' });
    const store = await openFileInbox({ directory: join(production.root, 'inbox'), keys: production.agency, clock });
    const agency = createReceiver({ keys: production.agency, inbox: store, clock });
    const letter = await writeLetter(production, clock.now(), {
      claims: { mode: 'exercise' },
      report: { ...canaryReport, mode: 'exercise' },
    });
    const { body, headers } = await push(production, letter, clock.now());
    const answer = await agency.receive(body, headers);
    expect(answer.status).toBe(200);
    expect(await verifyReceipt(answer.body, { trusted: production.relay.trusted })).toMatchObject({ mode: 'exercise' });
    expect(await agency.list()).toMatchObject([{ mode: 'exercise' }]);
    await store.close();
    await production.remove();
  });

  test('is signed by a relay nobody pinned', async () => {
    const stranger = await makePair(clock);
    const letter = await writeLetter(stranger, clock.now());
    expect(await receive(await push(stranger, letter, clock.now()))).toMatchObject({ status: 401, code: 'ZD_ERR_SIGNATURE_MISMATCH' });
    await stranger.remove();
  });

  test('is brought by a pinned party that is no relay', async () => {
    const second = await createKeyDirectory(join(pair.root, 'second'), { party: 'agency:second', role: 'agency', mode: 'test', clock });
    await pin(pair.agency, second, 'http://127.0.0.1:9');
    const letter = await writeLetter(pair, clock.now());
    const { body } = await push(pair, letter, clock.now());
    expect(await receive(await signed(second, letter.claims.deliveryId, body, clock.now()))).toMatchObject({
      status: 401,
      code: 'ZD_ERR_PARTY_UNKNOWN',
    });
  });

  test('is addressed to another agency', async () => {
    const other = await createKeyDirectory(join(pair.root, 'other'), {
      party: 'agency:civil-affairs-440299',
      role: 'agency',
      mode: 'test',
      clock,
    });
    await pin(pair.relay, other, 'http://127.0.0.1:9');
    const letter = await writeLetter({ ...pair, agency: other }, clock.now());
    // Encrypted to our key all the same, so that only the address inside can tell.
    const misled = { ...pair.relay.trusted.party(pair.agency.party)!, party: other.party };
    const envelope = await sealEnvelope({ payload: letter.payload, signer: pair.relay, recipient: misled, now: clock.now() });
    const answer = await receive(await signed(pair.relay, letter.claims.deliveryId, envelope, clock.now()));
    expect(answer).toMatchObject({ status: 400, code: 'ZD_ERR_ENVELOPE_AUDIENCE' });
  });

  test.each([
    [300, 200],
    [301, 401],
    [-300, 200],
    [-301, 401],
  ])('is %i s off its time: %i', async (seconds, status) => {
    const letter = await writeLetter(pair, clock.now());
    expect(await receive(await push(pair, letter, clock.now(), clock.now() + seconds * 1000))).toMatchObject({ status });
  });

  test('carries another id outside than inside', async () => {
    const letter = await writeLetter(pair, clock.now());
    const { body } = await push(pair, letter, clock.now());
    const other = await writeLetter(pair, clock.now());
    expect(await receive(await signed(pair.relay, other.claims.deliveryId, body, clock.now()))).toMatchObject({
      status: 400,
      code: 'ZD_ERR_ENVELOPE_UNREADABLE',
    });
  });

  test('is over the limit', async () => {
    const body = Buffer.alloc(ENVELOPE_LIMIT_BYTES + 1, 'a');
    expect(await receive(await signed(pair.relay, 'dlv_x', body, clock.now()))).toMatchObject({
      status: 413,
      code: 'ZD_ERR_INPUT_TOO_LARGE',
    });
  });

  test('is changed on the way, in body or headers', async () => {
    const { body, headers } = await push(pair, await writeLetter(pair, clock.now()), clock.now());
    const changed = Buffer.from(body);
    changed[body.length - 5] = changed[body.length - 5] === 0x41 ? 0x42 : 0x41;
    expect(await receive({ body: changed, headers })).toMatchObject({ status: 401 });
    const later = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) };
    expect(await receive({ body, headers: later })).toMatchObject({ status: 401 });
    const { 'webhook-signature': _, ...unsigned } = headers;
    expect(await receive({ body, headers: unsigned })).toMatchObject({ status: 401, code: 'ZD_ERR_TOKEN_INVALID' });
    expect(await receiver.list()).toEqual([]);
  });

  test('is any bytes at all, signed or not: a problem document, never an exception, never a value of it in an answer or log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, withSignature) => {
        const { headers } = await signed(pair.relay, 'dlv_01kam0jm0000000000000000aa', bytes, clock.now());
        const answer = await receive({ body: bytes, headers: withSignature ? headers : {} });
        expect(answer.status).toBe(withSignature ? 400 : 401);
        expect(answer.contentType).toBe('application/problem+json');
      }),
      { numRuns: 60 },
    );
  });

  test('a store that cannot write asks the relay to come again and stores nothing', async () => {
    const letter = await writeLetter(pair, clock.now());
    const message = await push(pair, letter, clock.now());
    await inbox.close();
    expect(await receive(message)).toMatchObject({ status: 503 });
    inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
    expect(await inbox.find(letter.claims.deliveryId)).toBeUndefined();
  });
});

test('INV-5 an envelope that another pinned relay carries is taken, and its receipt is for the relay that wrote it', async () => {
  const county = await createKeyDirectory(join(pair.root, 'county'), { party: 'relay:county', role: 'relay', mode: 'test', clock });
  await pin(pair.agency, county, 'http://127.0.0.1:9');
  const letter = await writeLetter(pair, clock.now());
  const { body } = await push(pair, letter, clock.now());
  const carried = await signed(county, letter.claims.deliveryId, body, clock.now());
  const answer = await receiver.receive(carried.body, carried.headers);
  const { deliveryId } = letter.claims;
  expect(await verifyReceipt(answer.body, { trusted: pair.relay.trusted })).toMatchObject({
    aud: 'relay:yunxi',
    deliveryId,
    stage: 'stored',
  });
});
