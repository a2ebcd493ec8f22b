import { createId } from '@zhida/core';
import { signAssertion, signTicket } from '@zhida/signing';
import type { County } from './county.js';
import { httpPost } from './http-post.js';
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

const PRESSED = JSON.stringify(REPORT);

/** Whose gateway presses. */
type Presser = Pick<County, 'clock' | 'gatewayKeys'>;
/** A process that was stopped keeps its connections and answers nothing. */
const ANSWER_MS = 10_000;

/** Presses over real HTTP as the gateway does. The same id brings the same body. */
export async function press(county: Presser, relayUrl: string, pressId: string): Promise<Pressed> {
  const headers = await headersOf(county, pressId);
  try {
    const { status, headers: answered, text } = await httpPost(`${relayUrl}/v1/reports`, { headers, body: PRESSED, withinMs: ANSWER_MS });
    if (status === 200 || status === 202) return { status, answer: JSON.parse(text) as ReportAnswer };
    const { code } = JSON.parse(text) as { code?: string };
    return { status, answer: undefined, code, retryAfter: answered['retry-after'] };
  } catch {
    return { status: undefined, answer: undefined };
  }
}

/** Logs a telephone call beside a report, as the gateway does. @returns the status; `undefined` where the connection broke before the answer. */
export async function logCall({ clock, gatewayKeys }: Presser, relayUrl: string, call: LoggedCall): Promise<number | undefined> {
  const authorization = `Bearer ${await assertionOf({ clock, gatewayKeys })}`;
  const { callId, reportId, at } = call;
  try {
    const { status } = await httpPost(`${relayUrl}/v1/reports/${reportId}/calls`, {
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({
        callId,
        at,
        number: '110',
        outcome: 'answered',
        answeredBy: '',
        incidentNumber: 'JQ-1',
        account: 'account-77',
      }),
      withinMs: ANSWER_MS,
    });
    return status;
  } catch {
    return undefined;
  }
}

/** A call as it is told again until somebody answers: always in the same words. */
export interface LoggedCall {
  readonly callId: string;
  readonly reportId: string;
  /** RFC 3339. */
  readonly at: string;
}

function assertionOf({ clock, gatewayKeys }: Presser): Promise<string> {
  return signAssertion({
    keys: gatewayKeys,
    audience: RELAY,
    scope: 'report:create report:read',
    facility: FACILITY,
    lifetimeSeconds: 300,
    now: clock.now(),
  });
}

async function headersOf({ clock, gatewayKeys }: Presser, pressId: string): Promise<Record<string, string>> {
  const now = clock.now();
  const iat = Math.floor(now / 1000);
  const assertion = await assertionOf({ clock, gatewayKeys });
  const ticket = await signTicket(
    {
      iss: GATEWAY,
      aud: RELAY,
      sub: 'account-77',
      facility: FACILITY,
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
