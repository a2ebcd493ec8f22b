import type { Credential, GatewayClient, Later } from '../gateway-client.js';
import type { PressCase, ReportStatus } from '../wire.js';

export interface StatusWatchDeps {
  readonly client: GatewayClient;
  readonly later: Later;
  readonly isHeld: () => boolean;
  readonly onStatus: (status: ReportStatus) => void;
}

/** How often a held press that is not on the screen is asked for. */
const ASK_MS = 15_000;

/**
 * Learns how a press stands: by a stream while it is on the screen, and by asking now and then while it is not and the relay has
 * not taken it. A stream holds one of the six connections a browser opens to one origin, and the next press needs one of them.
 *
 * @returns says whether the press is on the screen.
 */
export function watchStatus(
  { pressId, ticket }: Pick<PressCase, 'pressId' | 'ticket'>,
  { client, later, isHeld, onStatus }: StatusWatchDeps,
): (onScreen: boolean) => void {
  const path = `/v1/reports/${pressId}`;
  const credential: Credential = { kind: 'ticket', ticket };
  let stop: (() => void) | undefined;
  let asking = false;

  function askLater(): void {
    if (stop !== undefined || asking || !isHeld()) return;
    asking = true;
    later(ASK_MS, () => void ask());
  }

  async function ask(): Promise<void> {
    const { status, body } = await client.ask('GET', path, credential);
    if (status === 200) onStatus(body as unknown as ReportStatus);
    asking = false;
    askLater();
  }

  return (onScreen) => {
    if (onScreen) {
      stop ||= client.follow(`${path}/events`, credential, {
        onData: (data) => onStatus(data as ReportStatus),
        // The headline says what is known; that the line is down for a moment changes nothing in it.
        onState: () => undefined,
      });
      return;
    }
    stop?.();
    stop = undefined;
    askLater();
  };
}
