import { expect, test } from 'vitest';
import { headlineOf, type PressProgress } from '../src/index.js';
import { withStatus } from '../src/machine/headline.js';
import type { DeliveryState, ReportStatus, StatusLine } from '../src/wire.js';

const NUMBER = '440232-261122-030007-5';
const line = (kind: string, state: DeliveryState, more: Partial<StatusLine> = {}): StatusLine => ({
  deliveryId: `dlv_${kind}`,
  recipient: { kind, name: { zh: kind, en: kind } },
  state,
  storedAt: null,
  acceptedAt: null,
  agencyNumber: null,
  ...more,
});
const status = (...lines: StatusLine[]): ReportStatus => ({ headline: 'submitted', number: NUMBER, lines });
const progress = (change: Partial<PressProgress>): PressProgress => ({
  stage: 'submitted',
  number: NUMBER,
  code: '',
  earlier: false,
  status: undefined,
  ...change,
});

test.each<[string, Partial<PressProgress>, string]>([
  ['nobody has answered yet', { stage: 'sending', number: '' }, 'sending'],
  ['the gateway has it', { stage: 'held', number: '' }, 'held'],
  ['nobody answers', { stage: 'undelivered', number: '' }, 'undelivered'],
  ['it was refused', { stage: 'refused', number: '' }, 'undelivered'],
  ['the relay has it', {}, 'submitted'],
  ['nobody has it yet', { status: status(line('police', 'open'), line('civil-affairs', 'open')) }, 'submitted'],
  ['civil affairs alone', { status: status(line('police', 'open'), line('civil-affairs', 'accepted')) }, 'submitted'],
  ['a hand-over by a person', { status: status(line('police', 'attested')) }, 'attested'],
  ['stored', { status: status(line('police', 'stored', { storedAt: 't' })) }, 'stored'],
  ['one station accepted', { status: status(line('police', 'stored'), line('police', 'accepted', { acceptedAt: 't' })) }, 'accepted'],
  ['accepted with a number', { status: status(line('police', 'accepted', { agencyNumber: 'J1' })) }, 'acceptedAs'],
  ['no police among the recipients', { status: status(line('civil-affairs', 'stored')) }, 'stored'],
])('%s is one headline', (_what, change, key) => {
  expect(headlineOf(progress(change)).key).toBe(key);
});

test('INV-5 a stage is never shown as another: every state has a headline of its own', () => {
  const keys = (['open', 'attested', 'stored', 'accepted'] as const).map(
    (state) => headlineOf(progress({ status: status(line('police', state)) })).key,
  );
  expect(new Set(keys).size).toBe(4);
});

test('INV-1 a status without the relay’s number never makes a press submitted, and nothing takes it back', () => {
  const held: ReportStatus = { headline: 'held', lines: [] };
  expect(withStatus(progress({ stage: 'sending', number: '' }), held).stage).toBe('held');
  expect(withStatus(progress({}), held).stage).toBe('submitted');
  expect(withStatus(progress({ stage: 'held', number: '' }), status(line('police', 'open')))).toMatchObject({
    stage: 'submitted',
    number: NUMBER,
  });
});
