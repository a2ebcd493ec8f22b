import { isoNow, systemClock } from '@zhida/core';
import type { PromptView } from '@zhida/gateway';
import type { Arrival } from './arrivals.js';
import type { County } from './county.js';
import { type ReceivedEvent, readEvents } from './event-source.js';
import type { AgencyName } from './layout.js';
import type { Steps } from './steps.js';

const STEP_DEADLINE_MS = 90_000;
const POLL_MS = 100;
/** The visit of charts/emergency.yaml that is quiet until its result is back. */
const RESULT_STILL_OUT = 25;

/** What the relay says of a report, as it comes through the gateway. */
interface ReportStatus {
  readonly number?: string;
  readonly reportId?: string;
  readonly headline: string;
  readonly lines: readonly {
    readonly deliveryId: string;
    readonly state: 'open' | 'attested' | 'stored' | 'accepted';
    readonly recipient: { readonly party: string; readonly kind: string };
    readonly storedAt: string | null;
    readonly acceptedAt: string | null;
    readonly holdReason: string | null;
  }[];
}

export interface JourneyFacts {
  readonly number: string;
  readonly stored: number;
  readonly accepted: number;
}

/** Presses once through the HTTP API a page would use, and follows the report until both agencies have accepted it. */
export async function runJourney(county: County, arrivals: readonly Arrival[], steps: Steps): Promise<JourneyFacts> {
  await steps.run(
    'a doctor takes back a result: the prompt is there',
    () => takeBackResult(county, arrivals),
    (tookMs) => `${tookMs} ms after the press`,
  );
  const { prompt, token } = await steps.run(
    'a prompt that nobody has answered',
    () => choosePrompt(county),
    ({ prompt: chosen }) => `${chosen.level}, ${chosen.reasons.map((reason) => reason.ruleId).join(' ')}`,
  );
  const number = await steps.run(
    'pressed: the relay’s 202 with a number',
    () => pressPrompt(county, prompt),
    (given) => given,
  );
  const url = new URL(`/v1/reports/${prompt.pressId}/events`, county.layout.url('gateway'));
  // One stream for both stages: what comes after the officers' press is pushed, not asked for.
  const stream = readEvents(url, { authorization: `Bearer ${token}` }, AbortSignal.timeout(STEP_DEADLINE_MS));
  const stored = await steps.run(
    'both agencies verified, decrypted, stored: signed receipts 已签收',
    () => until(stream, 'storedAt'),
    (status) => recipients(status, 'storedAt'),
  );
  await steps.run('officers accept 受理 on their own systems', () =>
    Promise.all(sentLines(stored).map((line) => acceptAt(county, agencyOf(line.recipient.kind), line.deliveryId))),
  );
  const accepted = await steps.run(
    'the line becomes 已受理 by server-sent events',
    () => until(stream, 'acceptedAt'),
    (status) => recipients(status, 'acceptedAt'),
  );
  await stream.return(undefined);
  return {
    number,
    stored: accepted.lines.filter((line) => line.storedAt !== null).length,
    accepted: accepted.lines.filter((line) => line.acceptedAt !== null).length,
  };
}

/** The workstation's own `取回结果` for the visit whose pregnancy test was still out. */
async function takeBackResult(county: County, arrivals: readonly Arrival[]): Promise<number> {
  const visit = arrivals.flatMap(({ visits }) => visits).find(({ serial }) => serial === RESULT_STILL_OUT);
  if (visit === undefined) throw new Error('the demo has no visit whose result is still out');
  const pressed = performance.now();
  const response = await fetch(new URL(`/visits/${visit.id}/results`, county.layout.url('his')), {
    method: 'POST',
    headers: { 'x-his-code': county.his.code },
  });
  if (!response.ok) throw new Error(`the demo HIS answered ${response.status} to a result`);
  const prompts = await listPrompts(county, await clinicianToken(county, 'D1001'));
  // The HIS saves, sends and is answered before its page is: the prompt is there by then.
  const prompt = prompts.find(({ encounter }) => encounter.visitNumber === visit.visitNumber);
  if (prompt?.level !== 'red') throw new Error('the result came back and nobody was asked about it');
  return Math.round(performance.now() - pressed);
}

/**
 * The first prompt without a report; when all have one, another doctor presses for himself (his is a key of its own).
 * A press that a killed run left behind is first sent by the gateway's own outbox.
 */
async function choosePrompt(county: County): Promise<{ prompt: PromptView; token: string }> {
  const deadline = performance.now() + STEP_DEADLINE_MS;
  for (;;) {
    const token = await clinicianToken(county, 'D1001');
    const prompts = await listPrompts(county, token);
    const waiting = prompts.filter((prompt) => prompt.state === 'reported' && prompt.reports.length === 0);
    if (waiting.length === 0) {
      const fewest = Math.min(...prompts.map((prompt) => prompt.reports.length));
      // Another doctor's press has a key of its own; one without a department sees every prompt.
      const account = fewest === 0 ? 'D1001' : `D${2000 + fewest}`;
      const own = await clinicianToken(county, account);
      const prompt = (await listPrompts(county, own)).find((candidate) => candidate.reports.length === fewest);
      if (prompt === undefined) throw new Error('the gateway has no prompt to press');
      return { prompt, token: own };
    }
    if (performance.now() > deadline) throw new Error(`${waiting.length} earlier presses have not reached the relay`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function clinicianToken(county: County, account: string): Promise<string> {
  return (await county.hisCall<{ token: string }>(`/clinicians/${account}/token`)).token;
}

async function listPrompts(county: County, token: string): Promise<PromptView[]> {
  const response = await fetch(new URL('/v1/prompts', county.layout.url('gateway')), { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the gateway answered ${response.status} to the list of prompts`);
  return ((await response.json()) as { prompts: PromptView[] }).prompts;
}

async function pressPrompt(county: County, prompt: PromptView): Promise<string> {
  const report = { ...prompt.prefill, createdAt: isoNow(systemClock) };
  const response = await fetch(new URL('/v1/reports', county.layout.url('gateway')), {
    method: 'POST',
    body: JSON.stringify(report),
    headers: { 'content-type': 'application/json', 'press-ticket': prompt.ticket, 'idempotency-key': prompt.pressId },
  });
  const answer = (await response.json()) as { number?: string; code?: string };
  if (response.status !== 202 || answer.number === undefined)
    throw new Error(`the press was answered ${response.status} ${answer.code ?? ''}`);
  return answer.number;
}

/** Recipients with a system; to the county's health bureau a person of the hospital brings the report. */
function sentLines({ lines }: ReportStatus): ReportStatus['lines'] {
  return lines.filter(({ holdReason }) => holdReason !== 'no-system');
}

/** Reads on until every line that is sent has reached the stage. */
async function until(stream: AsyncGenerator<ReceivedEvent>, field: 'storedAt' | 'acceptedAt'): Promise<ReportStatus> {
  for (let event = await stream.next(); event.done !== true; event = await stream.next()) {
    const status = event.value.data as ReportStatus;
    const lines = sentLines(status);
    if (lines.length > 0 && lines.every((line) => line[field] !== null)) return status;
  }
  throw new Error(`the stream ended before every line had its ${field}`);
}

function agencyOf(kind: string): AgencyName {
  return kind === 'police' ? 'police' : 'civil-affairs';
}

async function acceptAt(county: County, name: AgencyName, deliveryId: string): Promise<void> {
  const base = county.layout.url(name);
  const { id, code } = county.agency(name).officer;
  const headers = { 'content-type': 'application/json' };
  const session = await post(new URL('/v1/session', base), headers, { officer: id, code });
  const opened = await fetch(new URL(`/v1/inbox/${deliveryId}`, base), { headers: { authorization: `Bearer ${session['token']}` } });
  if (!opened.ok) throw new Error(`${name} could not open the report: ${opened.status}`);
  await post(new URL(`/v1/inbox/${deliveryId}/accept`, base), { ...headers, authorization: `Bearer ${session['token']}` }, {});
}

async function post(url: URL, headers: Record<string, string>, body: unknown): Promise<Record<string, string>> {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  return (await response.json()) as Record<string, string>;
}

function recipients(status: ReportStatus, field: 'storedAt' | 'acceptedAt'): string {
  return sentLines(status)
    .map((line) => `${line.recipient.kind} ${line[field]?.slice(11, 19) ?? ''}`)
    .join(', ');
}
