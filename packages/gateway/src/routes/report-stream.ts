import type { Reader } from '../access/reader.js';
import type { GatewayContext } from '../context.js';
import { heldStatus, type OwnPress, ownPress } from '../presses/own-press.js';
import type { RelayClient } from '../relay-client.js';
import type { EventStream } from './event-stream.js';

export interface ReportStream {
  readonly stream: EventStream;
  readonly reader: Reader;
  readonly own: OwnPress;
  readonly lastEventId: string | undefined;
}

/** The id of the one event the gateway itself sends. The relay's versions begin at 1, so a reader that resumes after it misses nothing. */
const HELD_EVENT_ID = '0';

/**
 * Says `held` while the gateway has the press, then passes the relay's events on byte for byte. It ends when the relay's
 * stream does: the reader comes again with the last id it has seen.
 */
export async function streamReport(
  context: GatewayContext,
  relay: RelayClient,
  { stream, reader, own, lastEventId }: ReportStream,
): Promise<void> {
  const { signal } = stream;
  try {
    const reportId = own.reportId ?? (await takenByRelay(context, reader, own, stream));
    if (reportId === undefined) return;
    for await (const chunk of await relay.streamReport(reportId, lastEventId, signal)) await stream.write(chunk);
  } catch {
    // The relay or the database is away; the reader opens the stream again, and its request says what is wrong.
  } finally {
    stream.end();
  }
}

/** Says `held`, and whether it is refused, until the outbox has brought the press to the relay; undefined when the reader has gone before. */
async function takenByRelay(context: GatewayContext, reader: Reader, first: OwnPress, stream: EventStream): Promise<string | undefined> {
  let own = first;
  await stream.send('status', heldStatus(own), HELD_EVENT_ID);
  while (!stream.signal.aborted) {
    await changeOrPoll(context, stream.signal);
    const next = await ownPress(context, reader, own.pressId);
    if (next.reportId !== null) return next.reportId;
    if (next.refused !== own.refused) await stream.send('status', heldStatus(next), HELD_EVENT_ID);
    own = next;
  }
  return undefined;
}

/** Woken by this process's own outbox at once, by another process's at the next poll. */
function changeOrPoll({ changes, settings }: GatewayContext, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, settings.streamPollMs);
    const unsubscribe = changes.subscribe(done);
    signal.addEventListener('abort', done);
  });
}
