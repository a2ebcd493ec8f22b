import { type Json, type ScreenLocale, ZhidaError, isErrorCode } from '@zhida/core';
import type { OperatorRequest, RelayAnswer, RelayClient } from '../relay-client.js';

/** Long enough for a busy relay, short enough for a person at a telephone. */
const ANSWER_MS = 8_000;

/** How one recipient's delivery stands, as the relay says it. */
export interface DeskLine {
  readonly deliveryId: string;
  readonly recipient: { readonly party: string; readonly kind: string; readonly name: { readonly zh: string; readonly en: string } };
  readonly state: 'open' | 'attested' | 'stored' | 'accepted';
  readonly storedAt: string | null;
  readonly acceptedAt: string | null;
  readonly attestedAt: string | null;
  readonly agencyNumber: string | null;
  readonly holdReason: string | null;
  readonly attestable: boolean;
}

/** A report without police acceptance. */
export interface DeskReport {
  readonly reportId: string;
  readonly number: string;
  readonly kind: string;
  readonly mode: string;
  /** Which exercise it is of. */
  readonly exerciseId: string | null;
  readonly createdAt: string;
  readonly headline: string;
  readonly lines: readonly DeskLine[];
  readonly calls: readonly { readonly callId: string; readonly outcome: CallOutcome; readonly at: string }[];
}

export const CALL_OUTCOMES = ['answered', 'no-answer', 'transferred'] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** A shift, or hours without one. Times are RFC 3339. */
interface Hours {
  readonly from: string;
  readonly to: string;
}

export interface DeskRoster {
  /** Whether a roster was ever imported: one that has run out is a gap, none at all is a choice. */
  readonly kept: boolean;
  readonly gaps: readonly Hours[];
  readonly now: { readonly title: string; readonly phone: string | null } | null;
  readonly ahead: readonly (Hours & { readonly title: string; readonly phone: string | null })[];
}

const NO_ROSTER: DeskRoster = { kept: false, gaps: [], now: null, ahead: [] };

/** The road to one recipient. */
export interface DeskRoad {
  readonly party: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly system: string;
  readonly phone: string | null;
  readonly trusted: boolean;
  readonly disabledSince: string | null;
  readonly disabledReason: string | null;
  readonly breakerSince: string | null;
  readonly open: number;
  readonly oldestOpenAt: string | null;
  readonly held: readonly { readonly reason: string; readonly count: number }[];
}

/** An alarm nobody has acknowledged and whose cause stands. */
export interface DeskAlarm {
  readonly escalationId: string;
  readonly rung: string;
  readonly deliveryId: string | null;
  readonly reportId: string | null;
  readonly number: string | null;
  readonly party: string | null;
  readonly mode: string | null;
  readonly raisedAt: string;
  readonly silenceable: boolean;
  /** What keeps a delivery, or in what two receipts differ. */
  readonly why: string | null;
  readonly day: string | null;
  readonly from: string | null;
}

/** A day on which an agency and the relay have compared their receipts. */
export interface DeskExchange {
  readonly party: string;
  readonly day: string;
  readonly agrees: boolean;
  readonly agencyCount: number;
  readonly ownCount: number;
  readonly missingHere: readonly string[];
  readonly missingThere: readonly string[];
}

/** A case that was opened with a reason. */
export interface OpenedCase {
  readonly number: string;
  readonly case: Json;
  readonly script: { readonly zh: Words; readonly en: Words };
}

interface Words {
  readonly full: string;
  readonly short: string;
}

/** For whom a report is printed, and why. */
export interface FormAsked {
  readonly deliveryId: string;
  readonly reason: string;
  readonly locale: ScreenLocale;
}

/** The relay as one person of the duty desk asks it. Each throws the relay's own code, or `ZD_ERR_HTTP` where no relay answers. */
export interface DeskRelay {
  waiting(): Promise<{ readonly reports: readonly DeskReport[]; readonly more: boolean }>;
  report(reportId: string): Promise<DeskReport>;
  /** Reports of exercises, newest first, also those that wait no more. */
  exercised(): Promise<{ readonly reports: readonly DeskReport[]; readonly more: boolean }>;
  roster(): Promise<DeskRoster>;
  roads(): Promise<readonly DeskRoad[]>;
  open(reportId: string, reason: string): Promise<OpenedCase>;
  /** The report as a page to print for the recipient of one delivery. */
  form(reportId: string, asked: FormAsked): Promise<string>;
  call(reportId: string, call: Readonly<Record<string, string>>): Promise<void>;
  attest(deliveryId: string, handover: Readonly<Record<string, string | null>>): Promise<void>;
  /** Oldest first. */
  alarms(): Promise<{ readonly alarms: readonly DeskAlarm[]; readonly more: boolean }>;
  acknowledge(escalationId: string): Promise<void>;
  silence(deliveryId: string, rung: string, reason: string): Promise<void>;
  exchanges(): Promise<readonly DeskExchange[]>;
}

interface Asking {
  readonly scope?: OperatorRequest['scope'];
  readonly body?: Json;
}

/** Asks the relay in the name of this account. */
export function deskRelay(relay: RelayClient, account: string): DeskRelay {
  const answered = async (path: string, { scope = 'delivery:operate', body }: Asking): Promise<RelayAnswer> => {
    const method = body === undefined ? 'GET' : 'POST';
    const request = { account, scope, method, path, ...(body === undefined ? {} : { body }) } as const;
    return relay.operate(request, AbortSignal.timeout(ANSWER_MS));
  };
  const ask = async <Answer>(path: string, more: Asking = {}): Promise<Answer> => {
    return answerOf<Answer>(await answered(path, more));
  };
  const one = (kind: string, id: string, act = ''): string => `/v1/${kind}/${encodeURIComponent(id)}${act}`;
  return {
    waiting: () => ask('/v1/waiting'),
    report: (reportId) => ask(one('waiting', reportId)),
    exercised: () => ask('/v1/exercised'),
    // A relay of the version before says less.
    roster: async () => ({ ...NO_ROSTER, ...(await ask<Partial<DeskRoster>>('/v1/roster')) }),
    roads: async () => (await ask<{ lines: DeskRoad[] }>('/v1/endpoints')).lines,
    open: (reportId, reason) => ask(one('reports', reportId, '/open'), { scope: 'report:open', body: { reason } }),
    async form(reportId, asked) {
      const answer = await answered(one('reports', reportId, '/form'), { scope: 'report:open', body: { ...asked } });
      return answer.status === 200 ? new TextDecoder().decode(answer.body) : answerOf<never>(answer);
    },
    call: (reportId, call) => ask(one('reports', reportId, '/calls'), { scope: 'report:create', body: { ...call, account } }),
    attest: (deliveryId, handover) => ask(one('deliveries', deliveryId, '/attest'), { body: { ...handover } }),
    alarms: async () => {
      const { alarms, next } = await ask<{ alarms: DeskAlarm[]; next: string | null }>('/v1/escalations');
      return { alarms, more: next !== null };
    },
    acknowledge: (escalationId) => ask(one('escalations', escalationId, '/acknowledge'), { body: {} }),
    silence: (deliveryId, rung, reason) => ask(one('deliveries', deliveryId, '/silence'), { body: { rung, reason } }),
    exchanges: async () => (await ask<{ exchanges: DeskExchange[] }>('/v1/exchanges')).exchanges,
  };
}

function answerOf<Answer>({ status, body }: RelayAnswer): Answer {
  const value = jsonOf(body);
  if (status === 200) return value as Answer;
  const { code, at } = (value ?? {}) as { code?: unknown; at?: unknown };
  const place = { at: typeof at === 'string' ? at : 'relay' };
  // 401 and 403 speak of the gateway's own credential, and nothing a person signs in again for helps.
  if (isErrorCode(code) && status !== 401 && status !== 403) throw new ZhidaError(code, 'the relay refused', place);
  throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not answer as one', { at: 'relay' });
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not answer as one', { at: 'relay' });
  }
}
