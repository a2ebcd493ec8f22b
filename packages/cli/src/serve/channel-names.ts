import type { ChannelSection } from './configuration-schema.js';

/**
 * What queued notices call the channels of a configuration, in its order: the kind, and from the second of a kind on with its place among
 * them (`sms`, `sms-2`). The same configuration gives the same names, so that a notice queued before a restart finds its channel.
 */
export function channelNames(channels: readonly Pick<ChannelSection, 'kind'>[]): readonly string[] {
  return channels.map(({ kind }, index) => {
    const before = channels.slice(0, index).filter((other) => other.kind === kind).length;
    return before === 0 ? kind : `${kind}-${before + 1}`;
  });
}
