import fc from 'fast-check';
import { isZhidaError } from '@zhida/core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addTrust,
  createSealer,
  type KeyDirectory,
  openEnvelope,
  openRestricted,
  sealEnvelope,
  sealRestricted,
  signAssertion,
  signFeedback,
  signReceipt,
  signTicket,
  verifyAssertion,
  verifyFeedback,
  verifyReceipt,
  verifyTicket,
  verifyWebhook,
} from '../src/index.js';
import { gatewayAndRelay, NOW, payloadOf, RECEIPT_CLAIMS, relayAndAgency, TICKET_CLAIMS } from './parties.js';

interface Message {
  readonly text: string;
  readonly read: (text: string) => Promise<unknown>;
}

let messages: Readonly<Record<string, Message>>;
let agencyKeys: KeyDirectory;

beforeAll(async () => {
  const { relay, agency, recipient } = await relayAndAgency();
  const hospital = await gatewayAndRelay();
  agencyKeys = agency;
  const { trusted } = relay;
  const { reportId, iss, aud, at } = RECEIPT_CLAIMS;
  const feedback = { feedbackId: 'fbk_1', code: 'filed', reason: null, transferredTo: null, releaseTo: [], documentNumber: null } as const;
  const onward = { trusted: hospital.relay.trusted, audience: 'relay:county', now: NOW };
  messages = {
    envelope: {
      text: await sealEnvelope({ payload: payloadOf(), signer: relay, recipient, now: NOW }),
      read: (envelope) => openEnvelope({ envelope, keys: agency, now: NOW }),
    },
    'restricted group': { text: await sealRestricted({ name: '李医生' }, recipient, NOW), read: (jwe) => openRestricted(jwe, agency) },
    receipt: { text: await signReceipt(RECEIPT_CLAIMS, agency), read: (jws) => verifyReceipt(jws, { trusted }) },
    feedback: {
      text: await signFeedback({ v: '1', mode: 'test', iss, aud, reportId, at, ...feedback }, agency),
      read: (jws) => verifyFeedback(jws, { trusted }),
    },
    ticket: { text: await signTicket(TICKET_CLAIMS, hospital.gateway), read: (token) => verifyTicket(token, onward) },
    assertion: {
      text: await signAssertion({ keys: hospital.gateway, audience: 'relay:county', scope: 'x', lifetimeSeconds: 60 }),
      read: (token) => verifyAssertion(token, onward),
    },
  };
});

const KINDS = ['envelope', 'restricted group', 'receipt', 'feedback', 'ticket', 'assertion'];

function messageOf(kind: string): Message {
  const message = messages[kind];
  if (message === undefined) throw new TypeError('an unknown kind of message');
  return message;
}

/** What reading it ends with: taken, or refused properly; anything else fails the test. */
async function outcomeOf(read: () => Promise<unknown>): Promise<'taken' | 'refused'> {
  try {
    await read();
    return 'taken';
  } catch (error) {
    if (!isZhidaError(error)) throw error;
    return 'refused';
  }
}

describe.each(KINDS)('a %s', (kind) => {
  test('is taken unchanged', async () => {
    const { text, read } = messageOf(kind);
    expect(await outcomeOf(() => read(text))).toBe('taken');
  });

  test('with any single byte changed is refused, by a ZhidaError alone', async () => {
    const { text, read } = messageOf(kind);
    const position = fc.integer({ min: 0, max: text.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const bytes = Buffer.from(text, 'latin1');
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        expect(await outcomeOf(() => read(bytes.toString('latin1')))).toBe('refused');
      }),
      { numRuns: 400 },
    );
  });

  test('with its last characters respelt is refused, because base64 has spare bits', async () => {
    const { text, read } = messageOf(kind);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const ends = text
      .split('')
      .flatMap((character, index) => (character === '.' ? [index - 1] : []))
      .concat(text.length - 1);
    for (const end of ends) {
      for (const character of alphabet.replace(text.charAt(end), '')) {
        expect(await outcomeOf(() => read(text.slice(0, end) + character + text.slice(end + 1)))).toBe('refused');
      }
    }
  });

  test('cut, lengthened, or with white space or padding put in is refused', async () => {
    const { text, read } = messageOf(kind);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: text.length }), fc.constantFrom('', ' ', '\n', '=', 'A', '.'), async (at, inserted) => {
        const changed = inserted === '' ? text.slice(0, at) : text.slice(0, at) + inserted + text.slice(at);
        fc.pre(changed !== text);
        expect(await outcomeOf(() => read(changed))).toBe('refused');
      }),
      { numRuns: 200 },
    );
  });

  test('is not any other text', async () => {
    const { read } = messageOf(kind);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        expect(await outcomeOf(() => read(text))).toBe('refused');
      }),
    );
  });

  test('with the parts of another message is refused', async () => {
    const { read, text } = messageOf(kind);
    for (const other of KINDS.filter((name) => name !== kind)) {
      const parts = text.split('.');
      for (const [index, part] of messageOf(other).text.split('.').slice(0, parts.length).entries()) {
        expect(await outcomeOf(() => read(parts.with(index, part).join('.')))).toBe('refused');
      }
    }
  });
});

test('whatever headers and trust files come, nothing but a ZhidaError is thrown', async () => {
  const headers = fc.dictionary(fc.constantFrom('webhook-id', 'webhook-timestamp', 'webhook-signature'), fc.string({ unit: 'binary' }));
  await fc.assert(
    fc.asyncProperty(headers, fc.uint8Array(), async (given, body) => {
      const read = () => verifyWebhook({ headers: given, body, trusted: agencyKeys.trusted, nowSeconds: NOW / 1000 });
      expect(await outcomeOf(read)).toBe('refused');
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (file) => {
      expect(await outcomeOf(() => addTrust(agencyKeys, file, { fingerprint: 'AAAA' }))).toBe('refused');
    }),
  );
  const sealer = createSealer(Buffer.alloc(32, 7));
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
      expect(await outcomeOf(async () => sealer.unwrap(bytes))).toBe('refused');
    }),
  );
});
