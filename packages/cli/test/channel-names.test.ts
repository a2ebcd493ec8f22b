import { expect, test } from 'vitest';
import { channelNames } from '../src/serve/channel-names.js';

test('INV-7 each channel of a configuration has a name of its own; one of a kind keeps the name it had', () => {
  const channels = [{ kind: 'sms' }, { kind: 'log' }, { kind: 'sms' }, { kind: 'webhook' }, { kind: 'sms' }] as const;
  expect(channelNames(channels)).toEqual(['sms', 'log', 'sms-2', 'webhook', 'sms-3']);
});
