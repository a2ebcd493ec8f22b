import type { Locale } from './locale.js';

export const en: Locale = {
  modes: { test: '[TEST] ', exercise: '[EXERCISE] ' },
  holds: {
    'no-route': 'no usable key or address',
    'endpoint-disabled': 'the line is disabled',
    'not-opened': 'what is stored cannot be opened',
    'not-sealed': 'it cannot be encrypted or signed',
    'not-rendered': 'it cannot be rendered',
  },
  alarms: {
    phone: ({ number, party }) => `Report ${number} is submitted. Call ${party} first, and log the call.`,
    'no-stored': ({ number, party, minutes }) =>
      `Report ${number}: ${minutes} minutes, and ${party} has not received it. Call now, and acknowledge at the duty desk.`,
    'no-accepted': ({ number, party, minutes }) =>
      `Report ${number}: ${minutes} minutes, and ${party} has not accepted it. Hand it over by telephone, and record it at the duty desk.`,
    'no-feedback': ({ number, party }) => `Report ${number}: the time in which ${party} owes feedback is over. Sign in, and ask.`,
    chase: ({ number, party, days }) => `Report ${number}: ${days} days without an outcome from ${party}. Sign in, and ask.`,
    'receipt-conflict': ({ number, party }) =>
      `Report ${number}: receipts of ${party} contradict each other. They are kept; sign in and compare.`,
    misdirected: ({ number, party }) =>
      `Report ${number}: ${party} is not in charge, and this system has nobody to hand it on to. Call now and ask who takes it.`,
    held: ({ number, party, why }) => `Report ${number} cannot be sent to ${party}: ${why}. Call, and tell the IT department.`,
    'dead-letter': ({ number, party, why }) =>
      `Report ${number} cannot leave for ${party} by a fault of this system: ${why}. Call now, and tell the IT department.`,
    hidden: () =>
      'A report that this hospital may not handle is waiting, and no contact above it is configured. Ask the duty office above to sign in now; no detail is shown here.',
    'roster-gap': ({ from }) => `Nobody is on duty from ${from.month}/${from.day} ${from.time}. Fill the roster.`,
    'exchange-silent': ({ party }) =>
      `${party} has signed for reports and tells its days no more, so nothing is compared. Call its IT department.`,
    'exchange-difference': ({ party }) => `The daily exchange with ${party} shows a difference. Sign in, and clear it by telephone.`,
  },
};
