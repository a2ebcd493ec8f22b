import type { GatewayClient, Later } from '../gateway-client.js';
import type { Call, PressCase } from '../wire.js';
import type { Session } from './state.js';

export interface CallLogDeps {
  readonly client: GatewayClient;
  readonly later: Later;
  /** The time of a call, by the gateway's clock. */
  readonly at: () => string;
  readonly sessionOf: (id: string) => Session;
  readonly putSession: (id: string, change: Partial<Session>) => void;
  readonly caseOf: (id: string) => PressCase | undefined;
}

/** Telephone calls about a case: shown at once, sent as soon as the report has reached the relay, and again until taken. */
export interface CallLog {
  log(id: string, call: Omit<Call, 'at'>): void;
  /** Sends what is still unsent. */
  flush(id: string): void;
}

const RETRY_MS = 5_000;
const TAKEN = [200, 201, 202];

export function createCallLog({ client, later, at, sessionOf, putSession, caseOf }: CallLogDeps): CallLog {
  const sending = new Set<string>();

  async function send(id: string, { ticket, pressId }: PressCase, call: Call): Promise<void> {
    if (sending.has(call.callId)) return;
    sending.add(call.callId);
    const { status } = await client.ask('POST', `/v1/reports/${pressId}/calls`, { kind: 'ticket', ticket }, JSON.stringify(call));
    sending.delete(call.callId);
    // What is refused as it is would be refused again; the call stays on the screen, marked as not recorded.
    const refused = status >= 400 && status < 500 && status !== 404 && status !== 408 && status !== 429;
    if (TAKEN.includes(status)) {
      const { phone } = sessionOf(id);
      putSession(id, { phone: { ...phone, unsent: phone.unsent.filter((callId) => callId !== call.callId) } });
    } else if (!refused) {
      later(RETRY_MS, () => flush(id));
    }
  }

  function flush(id: string): void {
    const { press, phone } = sessionOf(id);
    const pressCase = caseOf(id);
    if (press?.stage !== 'submitted' || pressCase === undefined) return;
    for (const call of phone.calls) if (phone.unsent.includes(call.callId)) void send(id, pressCase, call);
  }

  return {
    log(id, about) {
      const call: Call = { ...about, at: at() };
      const { phone } = sessionOf(id);
      putSession(id, {
        phone: {
          ...phone,
          answering: false,
          next: call.outcome === 'no-answer' ? phone.next + 1 : phone.next,
          calls: [...phone.calls, call],
          unsent: [...phone.unsent, call.callId],
        },
      });
      flush(id);
    },
    flush,
  };
}
