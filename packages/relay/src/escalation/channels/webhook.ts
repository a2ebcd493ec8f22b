import { ZhidaError } from '@zhida/core';
import { type KeyDirectory, webhookHeaders } from '@zhida/signing';
import type { Clock } from '@zhida/core';
import { networksIn } from '../../delivery/addresses.js';
import type { Post } from '../../delivery/egress.js';
import type { NoticeChannel } from '../channel.js';

export interface WebhookChannelOptions {
  readonly name?: string;
  readonly url: string;
  readonly keys: KeyDirectory;
  readonly clock: Clock;
  /** The relay's egress, so that a pager's address is checked like an agency's. */
  readonly post: Post;
  /** Networks outside of the public internet the pager may be in. */
  readonly privateNetworks?: readonly string[];
  /** @defaultValue 10 000 */
  readonly timeoutMs?: number;
}

/** Posts notices as JSON to a pager of the hospital, with Standard Webhooks headers signed by the relay's key. */
export function webhookChannel(options: WebhookChannelOptions): NoticeChannel {
  const permitted = networksIn(options.privateNetworks ?? [], 'privateNetworks');
  return {
    name: options.name ?? 'webhook',
    async send(notice, contact) {
      const body = JSON.stringify({ ...notice, contact: contact ?? null });
      const timestampSeconds = Math.floor(options.clock.now() / 1000);
      // The repeat is part of the id: a pager that removes doubles must not swallow the second call.
      const id = `${notice.escalationId}-${notice.repeat}`;
      const signed = await webhookHeaders({ id, timestampSeconds, body, keys: options.keys });
      const headers = { 'content-type': 'application/json', ...signed };
      const { status } = await options.post(
        { url: options.url, headers, body, permitted },
        AbortSignal.timeout(options.timeoutMs ?? 10_000),
      );
      if (status < 200 || status > 299) throw new ZhidaError('ZD_ERR_HTTP', 'the pager did not take the notice', { at: 'status' });
      return 'sent';
    },
  };
}
