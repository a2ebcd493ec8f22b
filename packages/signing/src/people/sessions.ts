import { createHash, randomUUID, sign, verify } from 'node:crypto';
import { type Clock, canonicalBytes } from '@zhida/core';
import type { KeyDirectory } from '../keys/key-directory.js';
import type { Officer, OfficerDirectory } from './officers.js';

/** One shift. Who leaves earlier signs out; who is removed from the directory is out at once. */
export const SESSION_SECONDS = 8 * 3600;

/** Signed together with the claims, so that no other signature of the party's key is ever taken for a session. */
const PURPOSE = 'zhida-officer-session-1\n';
const TOKEN = /^([A-Za-z0-9_-]{1,1024})\.([A-Za-z0-9_-]{86})$/;

/** A session as it was given out. */
export interface IssuedSession {
  readonly token: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** Personal sessions: short-lived tokens signed by the party's own key, so that several processes share them without a table. */
export interface Sessions {
  issue(officer: Officer): IssuedSession;
  /** The officer a token stands for, or `undefined` when it is not ours, past its time, or the officer is no longer in the directory. */
  read(token: string | undefined): Promise<Officer | undefined>;
  /** The token a form must carry: derived from a session that no other site can read. */
  formToken(token: string): string;
}

/** Sessions of one party's pages; `seconds` is how long one lasts. */
export function createSessions(keys: KeyDirectory, officers: OfficerDirectory, clock: Clock, seconds: number): Sessions {
  return {
    issue: (officer) => {
      const expiresAtMs = clock.now() + seconds * 1000;
      const claims = canonicalBytes({ aud: keys.party, exp: expiresAtMs, jti: randomUUID(), mode: keys.mode, sub: officer.id });
      const signature = sign(null, Buffer.concat([Buffer.from(PURPOSE), claims]), keys.signingKey.privateKey);
      const token = `${Buffer.from(claims).toString('base64url')}.${signature.toString('base64url')}`;
      return { token, expiresAt: new Date(expiresAtMs).toISOString() };
    },
    read: async (token) => {
      const [, claims = '', signature = ''] = TOKEN.exec(token ?? '') ?? [];
      if (claims === '') return undefined;
      const bytes = Buffer.from(claims, 'base64url');
      const signed = Buffer.concat([Buffer.from(PURPOSE), bytes]);
      const ours = keys.signingKeys.some(({ publicKey }) => verify(null, signed, publicKey, Buffer.from(signature, 'base64url')));
      if (!ours) return undefined;
      // Our own signature stands over it, so the shape is ours too.
      const { aud, exp, mode, sub } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
      if (aud !== keys.party || mode !== keys.mode || typeof exp !== 'number' || exp <= clock.now() || typeof sub !== 'string')
        return undefined;
      return officers.find(sub);
    },
    formToken: (token) => createHash('sha256').update(`form\n${token}`).digest('base64url'),
  };
}
