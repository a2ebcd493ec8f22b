import { systemClock, ZhidaError } from '@zhida/core';
import { type KeyDirectory, signAssertion } from '@zhida/signing';
import { DEMO_HOSPITAL } from '../hospital-facts.js';
import { PARTIES } from '../layout.js';
import { seatOf } from './roster.js';

const CLINICIAN_SECONDS = 900;
const ADMINISTRATOR = 'A0001';
const ASSERTION_SECONDS = 300;
/** A token is asked for anew well before it ends. */
const REFRESH_MS = 10 * 60_000;

/** What the gateway says of one visit. */
export interface AssessedVisit {
  readonly encounterId: string;
  readonly level: string;
  readonly indications: readonly { readonly ruleId: string }[];
}

/** The gateway as a vendor speaks to it: a client assertion for the server's own calls, a token minted per clinician for the page. */
export interface GatewayClient {
  postSnapshot(snapshot: object): Promise<AssessedVisit>;
  /** A clinician's token, at most 15 minutes; the widget asks for a new one when it needs it. */
  clinicianToken(account: string): Promise<string>;
  /** For whoever looks after the interfaces: sees how feeds stand, opens no report. */
  administratorToken(): Promise<string>;
}

export function createGatewayClient(keys: KeyDirectory, gatewayUrl: string): GatewayClient {
  let held: { readonly token: string; readonly until: number } | undefined;
  const feedToken = async (): Promise<string> => {
    const now = systemClock.now();
    if (held === undefined || held.until < now) held = { token: await requestToken(keys, gatewayUrl), until: now + REFRESH_MS };
    return held.token;
  };
  return {
    async postSnapshot(snapshot) {
      const response = await fetch(new URL('/v1/encounters', gatewayUrl), {
        method: 'POST',
        body: JSON.stringify(snapshot),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await feedToken()}` },
      });
      if (response.status === 401) held = undefined;
      if (!response.ok) throw new ZhidaError('ZD_ERR_HTTP', `the gateway answered ${response.status}`, { at: 'v1/encounters' });
      return (await response.json()) as AssessedVisit;
    },
    clinicianToken: (account) => signPerson(keys, account, 'prompt:answer report:read.own'),
    administratorToken: () => signPerson(keys, ADMINISTRATOR, 'endpoint:admin'),
  };
}

async function requestToken(keys: KeyDirectory, gatewayUrl: string): Promise<string> {
  const assertion = await signAssertion({
    keys,
    audience: PARTIES.gateway.party,
    scope: 'encounter:write',
    facility: DEMO_HOSPITAL.code,
    lifetimeSeconds: ASSERTION_SECONDS,
    now: systemClock.now(),
  });
  const response = await fetch(new URL('/v1/token', gatewayUrl), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: 'encounter:write',
    }),
  });
  if (!response.ok) throw new ZhidaError('ZD_ERR_HTTP', `the gateway refused a token with ${response.status}`, { at: 'v1/token' });
  return ((await response.json()) as { access_token: string }).access_token;
}

function signPerson(keys: KeyDirectory, account: string, scope: string): Promise<string> {
  const { name, role, department } = seatOf(account);
  return signAssertion({
    keys,
    audience: PARTIES.gateway.party,
    scope,
    facility: DEMO_HOSPITAL.code,
    lifetimeSeconds: CLINICIAN_SECONDS,
    now: systemClock.now(),
    extra: { sub: account, name, role, staffId: account, ...(department === undefined ? {} : { department }) },
  });
}
