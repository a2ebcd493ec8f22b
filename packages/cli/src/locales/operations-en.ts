import type { Texts } from './texts.js';

export const operationsEn: Texts['operations'] = {
  holds: {
    'no-route': 'no usable key or address',
    'no-system': 'no system, a person hands over',
    'endpoint-disabled': 'the line is disabled',
    pull: 'until the agency fetches it',
    conflict: 'kept from a party with a conflict of interest',
  },
  endpoints: {
    headings: { party: 'recipient', name: 'name', state: 'state', open: 'open', oldest: 'oldest' },
    states: {
      works: 'works',
      byHand: 'no system, a person hands over',
      untrusted: 'no keys pinned, nothing can be sent',
      disabled: 'disabled since {since} ({reason})',
      breaker: 'not reached since {since}, tried now and then',
    },
    held: '{count} held ({reason})',
    separator: '; ',
    done: {
      disable: '{party} is disabled: what is for it is held and not lost, and the duty desk is told',
      enable: '{party} is enabled: what was held goes now',
      disableBefore: '{party} was disabled before; since when and why stay',
      enableBefore: '{party} was not disabled',
    },
  },
};
