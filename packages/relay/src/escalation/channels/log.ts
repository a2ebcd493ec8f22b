import type { Logger } from 'pino';
import type { NoticeChannel } from '../channel.js';

/** Writes notices into the relay's log, at a level that a log watcher pages on. */
export function logChannel(logger: Logger, name = 'log'): NoticeChannel {
  return {
    name,
    async send({ escalationId, rung, deliveryId, reportId, text, repeat }) {
      logger.error({ escalationId, rung, deliveryId, reportId, repeat, notice: text }, 'somebody has to act');
      return 'sent';
    },
  };
}
