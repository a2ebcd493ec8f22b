import { createId } from '@zhida/core';
import { signAssertion, signTicket } from '@zhida/signing';
import type { County } from './county.js';
import { httpGet, httpPost } from './http-post.js';
import { FACILITY, GATEWAY, RELAY } from './profile.js';

export interface ReportAnswer {
  readonly reportId: string;
  readonly number: string;
  readonly deliveries: readonly { readonly deliveryId: string; readonly recipient: { readonly party: string } }[];
}

/** What a press brought; a connection that broke before the answer has no status. */
export interface Pressed {
  readonly status: number | undefined;
  readonly answer: ReportAnswer | undefined;
  /** Why it was not taken, and after how many seconds to come again. */
  readonly code?: string | undefined;
  readonly retryAfter?: string | undefined;
}

const REPORT = {
  schemaVersion: '1',
  kind: 'initial',
  createdAt: '2026-11-22T20:29:40+08:00',
  facility: { code: FACILITY, name: '云溪县人民医院' },
  patient: { name: '张某某', sex: 'female', birthDate: '2013-03-18', identifiers: [] },
  whereabouts: { status: 'in-facility', place: '急诊2诊室' },
  suspicion: { situations: ['opinion-2020:4.1'], observed: '血HCG升高' },
};

/** What is pressed, where it is not the usual report of the usual hospital. */
export interface PressWhat {
  /** What the report says otherwise. */
  readonly report?: Readonly<Record<string, unknown>>;
  readonly facility?: string;
}

/** Whose gateway presses. */
type Presser = Pick<County, 'clock' | 'gatewayKeys'>;
/** A process that was stopped keeps its connections and answers nothing. */
const ANSWER_MS = 10_000;

/** Presses over real HTTP as the gateway does. The same id brings the same body. */
export async function press(county: Presser, relayUrl: string, pressId: string, what: PressWhat = {}): Promise<Pressed> {
  const { report = {}, facility = FACILITY } = what;
  const headers = await headersOf(county, pressId, facility);
  const body = JSON.stringify({ ...REPORT, facility: { ...REPORT.facility, code: facility }, ...report });
  try {
    const { status, headers: answered, text } = await httpPost(`${relayUrl}/v1/reports`, { headers, body, withinMs: ANSWER_MS });
    if (status === 200 || status === 202) return { status, answer: JSON.parse(text) as ReportAnswer };
    const { code } = JSON.parse(text) as { code?: string };
    return { status, answer: undefined, code, retryAfter: answered['retry-after'] };
  } catch {
    return { status: undefined, answer: undefined };
  }
}

/** Logs a telephone call beside a report, as the gateway does. @returns the status; `undefined` where the connection broke before the answer. */
export async function logCall(
  presser: Presser,
  relayUrl: string,
  { callId, reportId, at, facility }: LoggedCall,
): Promise<number | undefined> {
  const said = { callId, at, number: '110', outcome: 'answered', answeredBy: '', incidentNumber: 'JQ-1', account: 'account-77' };
  return postAs(presser, `${relayUrl}/v1/reports/${reportId}/calls`, { facility, body: JSON.stringify(said) });
}

/** Brings one attachment of a report, as the gateway does. @returns as {@link logCall}. */
export async function attach(presser: Presser, relayUrl: string, { attachmentId, reportId, bytes }: Attached): Promise<number | undefined> {
  const headers = { 'idempotency-key': attachmentId, 'content-type': 'image/jpeg' };
  return postAs(presser, `${relayUrl}/v1/reports/${reportId}/attachments`, { facility: FACILITY, body: bytes, headers });
}

/** Attests that a report was handed over, as an operator of the duty desk. @returns as {@link logCall}. */
export async function attest(presser: Presser, relayUrl: string, { deliveryId, at, facility }: Attested): Promise<number | undefined> {
  const body = JSON.stringify({ handedTo: '值班民警', handedAt: at, how: 'telephone', incidentNumber: 'JQ-1' });
  const scope = { scope: 'delivery:operate', extra: { sub: 'duty-1' } };
  return postAs(presser, `${relayUrl}/v1/deliveries/${deliveryId}/attest`, { facility, body, ...scope });
}

interface PostedAs {
  readonly facility: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly scope?: string;
  readonly extra?: { readonly sub: string };
}

async function postAs(presser: Presser, url: string, { body, headers, ...as }: PostedAs): Promise<number | undefined> {
  const authorization = `Bearer ${await assertionOf(presser, as)}`;
  const asked = { headers: { 'content-type': 'application/json', authorization, ...headers }, body, withinMs: ANSWER_MS };
  return httpPost(url, asked).then(
    ({ status }) => status,
    () => undefined,
  );
}

/** How a report stands, as the reporter's screen asks; `undefined` where no answer came. */
export async function askStatus(presser: Presser, relayUrl: string, reportId: string): Promise<StatusAnswer | undefined> {
  return (await lookUp(presser, relayUrl, reportId)).answer;
}

/** As {@link askStatus}, with the status of a refusal; a connection that broke before the answer has none. */
export async function lookUp(presser: Presser, relayUrl: string, reportId: string): Promise<LookedUp> {
  const headers = { authorization: `Bearer ${await assertionOf(presser, { facility: FACILITY })}` };
  const answered = await httpGet(`${relayUrl}/v1/reports/${reportId}`, { headers, withinMs: ANSWER_MS }).catch(() => undefined);
  return { status: answered?.status, answer: answered?.status === 200 ? (JSON.parse(answered.text) as StatusAnswer) : undefined };
}

export interface LookedUp {
  readonly status: number | undefined;
  readonly answer: StatusAnswer | undefined;
}

export interface StatusAnswer {
  readonly headline: string;
  readonly lines: readonly { readonly deliveryId: string; readonly state: string; readonly recipient: { readonly kind: string } }[];
}

/** An attachment as it is brought again until somebody answers: always the same bytes. */
export interface Attached {
  readonly attachmentId: string;
  readonly reportId: string;
  readonly bytes: Uint8Array;
}

/** A hand-over as it is attested again until somebody answers. */
export interface Attested {
  readonly deliveryId: string;
  readonly facility: string;
  /** RFC 3339. */
  readonly at: string;
}

/** A call as it is told again until somebody answers: always in the same words. */
export interface LoggedCall {
  readonly callId: string;
  readonly reportId: string;
  readonly facility: string;
  /** RFC 3339. */
  readonly at: string;
}

type As = Pick<PostedAs, 'facility' | 'scope' | 'extra'>;

function assertionOf({ clock, gatewayKeys: keys }: Presser, { scope = 'report:create report:read', ...as }: As): Promise<string> {
  return signAssertion({ keys, audience: RELAY, scope, lifetimeSeconds: 300, now: clock.now(), ...as });
}

async function headersOf({ clock, gatewayKeys }: Presser, pressId: string, facility: string): Promise<Record<string, string>> {
  const now = clock.now();
  const iat = Math.floor(now / 1000);
  const assertion = await assertionOf({ clock, gatewayKeys }, { facility });
  const ticket = await signTicket(
    {
      iss: GATEWAY,
      aud: RELAY,
      sub: 'account-77',
      facility,
      encounterId: 'V0001',
      promptId: null,
      pressId,
      mode: 'test',
      purpose: 'report',
      reporter: { name: '操作员甲', role: 'doctor', staffId: 'S-77' },
      iat,
      exp: iat + 3600,
      jti: createId('tkt'),
    },
    gatewayKeys,
  );
  return { 'content-type': 'application/json', 'idempotency-key': pressId, authorization: `Bearer ${assertion}`, 'press-ticket': ticket };
}
