import { createMllpListener, type MllpIncident, type MllpListener, type ReceivedMessage } from '@zhida/hl7v2/mllp';
import type { Mode } from '@zhida/core';
import { createAcknowledgements } from './acknowledgements.js';
import type { MllpFeedConfig } from './config.js';
import type { Feed, FeedParts } from './feed.js';
import { isOtherMode } from './fold.js';
import { commitMessage, messageBy, type NewMessage, noteMessage, noteRefusal, plainControlId } from './inbox.js';
import { messageKeyOf, wordsOf } from './name-message.js';

/** HL7 table 0103 in the words of a snapshot. */
const MODES: Readonly<Record<string, Mode>> = { P: 'production', T: 'test', D: 'training' };
/** Incidents that are somebody's business today. */
const WORTH_A_WARNING = new Set<MllpIncident['kind']>([
  'refused',
  'not-committed',
  'set-aside',
  'unreadable',
  'oversized',
  'noise',
  'stalled',
  'connection-limit',
  'store-error',
]);

/**
 * HL7 v2 over MLLP: CA or AA goes out once the message is on disk, AA or AE once it was worked on. A message of another mode
 * (MSH-11, INV-16) is refused and only its name is noted.
 */
export function createMllpFeed({ context, line, logger }: FeedParts, config: MllpFeedConfig): Feed {
  let listener: MllpListener | undefined;
  const { name } = config;

  const messageOf = (message: ReceivedMessage): NewMessage => ({
    feed: name,
    format: 'hl7v2',
    messageKey: messageKeyOf(context, message.key),
    ...wordsOf(message),
  });
  const onIncident = ({ kind, controlId, code, remoteAddress }: MllpIncident): void => {
    const about = { feed: name, kind, controlId: plainControlId(controlId), code, remoteAddress };
    if (WORTH_A_WARNING.has(kind)) logger.warn(about, 'a message or a connection was not as it should be');
    else logger.debug(about, 'about a connection');
    if (kind !== 'unreadable' && kind !== 'oversized') return;
    void noteRefusal(context.database.db, context, name).catch(() => undefined);
  };

  return {
    name,
    kind: 'mllp',
    get port() {
      return listener?.port ?? config.port;
    },
    async start() {
      listener = await createMllpListener({
        port: config.port,
        ...(config.host === undefined ? {} : { host: config.host }),
        ...(config.limits === undefined ? {} : { limits: config.limits }),
        clock: context.clock,
        acknowledgements: createAcknowledgements(context, name),
        onIncident,
        async onMessage(message) {
          const { processingId } = message;
          if (isOtherMode(context, { processingId, mode: MODES[processingId.toUpperCase()] })) {
            await noteMessage(context, messageOf(message), 'refused', { code: 'ZD_ERR_MODE_REFUSED', at: 'MSH-11' });
            return 'refused';
          }
          await commitMessage(context, messageOf(message), message.bytes);
          return 'committed';
        },
        async onCommitted(message) {
          const kept = await messageBy(context.database.db, context, name, 'message_key', messageKeyOf(context, message.key));
          if (kept === undefined) return 'set-aside';
          const { status } = await line.settle(kept.id);
          return status === 'processed' ? 'processed' : 'set-aside';
        },
      });
    },
    async stop() {
      await listener?.stop();
    },
  };
}
