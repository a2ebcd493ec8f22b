import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Json } from '@zhida/core';
import {
  type FeedbackClaims,
  type KeyDirectory,
  openKeyDirectory,
  type ReceiptClaims,
  type TicketClaims,
  type TrustFile,
} from '../src/index.js';

/** The folder of the released vectors. */
export const VECTORS = join(import.meta.dirname, '..', 'vectors');

export const PARTIES = ['relay', 'agency', 'gateway'] as const;
export type PartyName = (typeof PARTIES)[number];

interface VectorParty {
  readonly keys: unknown;
  readonly masterKey: string;
  readonly trustFile: TrustFile;
  readonly fingerprint: string;
}

/** What each file of vectors holds. */
export interface Vectors {
  readonly keys: Readonly<Record<PartyName, VectorParty>>;
  readonly envelope: {
    readonly now: string;
    readonly payload: string;
    readonly payloadSha256: string;
    readonly restricted: { readonly group: string; readonly value: Json };
    readonly envelope: string;
  };
  readonly receipt: { readonly receipts: readonly { readonly claims: ReceiptClaims; readonly jws: string }[] };
  readonly feedback: { readonly feedbacks: readonly { readonly claims: FeedbackClaims; readonly jws: string }[] };
  readonly ticket: { readonly claims: TicketClaims; readonly token: string };
  readonly webhook: {
    readonly id: string;
    readonly timestampSeconds: number;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly 'at-rest': Readonly<Record<'wrapped' | 'dataKey' | 'aad' | 'plaintext' | 'sealed', string>>;
}

export async function readVectors<Name extends keyof Vectors>(name: Name, folder = VECTORS): Promise<Vectors[Name]> {
  return JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as Vectors[Name];
}

/** Lays the three key directories of the vectors out below `root` as they lie on a disk: each trusts whom it works with. */
export async function layParties(root: string, clock: Clock): Promise<Readonly<Record<PartyName, KeyDirectory>>> {
  const parties = await readVectors('keys');
  const lay = async (name: PartyName, trusts: readonly PartyName[]): Promise<KeyDirectory> => {
    const directory = join(root, name);
    await mkdir(join(directory, 'trust'), { recursive: true, mode: 0o700 });
    const write = (file: string, text: string) => writeFile(join(directory, file), text, { mode: 0o600 });
    await write('keys.json', JSON.stringify(parties[name].keys));
    await write('master.key', parties[name].masterKey);
    for (const other of trusts) {
      const { trustFile } = parties[other];
      await write(join('trust', `${trustFile.party.replace(':', '_')}.json`), JSON.stringify(trustFile));
    }
    return openKeyDirectory(directory, { clock });
  };
  return { relay: await lay('relay', ['agency', 'gateway']), agency: await lay('agency', ['relay']), gateway: await lay('gateway', []) };
}
