import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalBytes, type Json } from '@zhida/core';
import {
  createSealer,
  type KeyDirectory,
  sha256Hex,
  sealEnvelope,
  sealRestricted,
  signFeedback,
  signReceipt,
  signTicket,
  webhookHeaders,
} from '../src/index.js';
import { layParties, type PartyName, readVectors, VECTORS, type Vectors } from './vector-files.js';

/**
 * Makes every vector anew in a folder of its own, from the keys and claims of the released ones; vectors/README.md says when.
 *
 * @returns the files written.
 */
export async function makeVectors(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  // A released format must stay readable: a file that is there is never replaced.
  if ((await readdir(folder)).length > 0) throw new TypeError('the folder is not empty');
  const root = await mkdtemp(join(tmpdir(), 'zhida-vectors-'));
  try {
    const now = Date.parse((await readVectors('envelope')).now);
    const made = await makeAll(await layParties(root, { now: () => now }), now);
    for (const [name, content] of Object.entries(made)) {
      // What the released file says besides, its warning first of all, is kept.
      const released = JSON.parse(await readFile(join(VECTORS, `${name}.json`), 'utf8')) as Record<string, unknown>;
      await writeFile(join(folder, `${name}.json`), `${JSON.stringify({ ...released, ...content }, null, 2)}\n`, { flag: 'wx' });
    }
    return Object.keys(made).map((name) => join(folder, `${name}.json`));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function makeAll({ relay, agency, gateway }: Readonly<Record<PartyName, KeyDirectory>>, now: number): Promise<Vectors> {
  const [{ receipts }, { feedbacks }, ticket] = [await readVectors('receipt'), await readVectors('feedback'), await readVectors('ticket')];
  const { id, timestampSeconds, body } = await readVectors('webhook');
  return {
    keys: await readVectors('keys'),
    envelope: await makeEnvelope(relay, agency.party, now),
    receipt: { receipts: await Promise.all(receipts.map(async ({ claims }) => ({ claims, jws: await signReceipt(claims, agency) }))) },
    feedback: { feedbacks: await Promise.all(feedbacks.map(async ({ claims }) => ({ claims, jws: await signFeedback(claims, agency) }))) },
    ticket: { claims: ticket.claims, token: await signTicket(ticket.claims, gateway) },
    webhook: { id, timestampSeconds, body, headers: await webhookHeaders({ id, timestampSeconds, body, keys: relay }) },
    'at-rest': await makeAtRest(relay),
  };
}

async function makeEnvelope(relay: KeyDirectory, to: string, now: number): Promise<Vectors['envelope']> {
  const { now: instant, payload: released, restricted } = await readVectors('envelope');
  const recipient = relay.trusted.party(to);
  if (recipient === undefined) throw new TypeError('the relay of the vectors has pinned their agency');
  const group = { [restricted.group]: await sealRestricted(restricted.value, recipient, now) };
  const payload = canonicalBytes({ ...(JSON.parse(released) as Record<string, Json>), restricted: group });
  const envelope = await sealEnvelope({ payload, signer: relay, recipient, now });
  return { now: instant, payload: new TextDecoder().decode(payload), payloadSha256: sha256Hex(payload), restricted, envelope };
}

async function makeAtRest({ masterKey }: KeyDirectory): Promise<Vectors['at-rest']> {
  const { aad, plaintext } = await readVectors('at-rest');
  const sealer = createSealer(masterKey);
  const { dataKey, wrapped } = sealer.newDataKey();
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  return {
    wrapped: text(wrapped),
    dataKey: text(dataKey),
    aad,
    plaintext,
    sealed: text(sealer.seal(dataKey, Buffer.from(plaintext), aad)),
  };
}

if (process.argv[1] === import.meta.filename) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new TypeError('say into which new folder');
  for (const file of await makeVectors(folder)) process.stdout.write(`${file}\n`);
}
