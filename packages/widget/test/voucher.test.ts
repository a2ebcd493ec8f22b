import { expect, test } from 'vitest';
import { fill } from '../src/locales/texts.js';
import { moreZhCN } from '../src/locales/more-zh-cn.js';
import { zhCN } from '../src/locales/zh-cn.js';
import { headlineOf, type PressProgress } from '../src/machine/headline.js';
import { voucherText } from '../src/more/voucher.js';
import { clockTime } from '../src/view/format.js';
import { aPrompt } from './support/prompts.js';

test('履职凭证 gives every time by the hospital’s clock, with what it is the time of, and nothing of the child', () => {
  const line = { deliveryId: 'dlv_1', recipient: { kind: 'police', name: { zh: '县公安局', en: 'police' } }, agencyNumber: null } as const;
  const press: PressProgress = {
    stage: 'submitted',
    number: '440232-261122-030007-5',
    code: '',
    earlier: false,
    status: {
      headline: 'stored',
      number: '440232-261122-030007-5',
      createdAt: '2026-11-22T17:05:07.000Z',
      lines: [{ ...line, state: 'stored', storedAt: '2026-11-22T17:05:09.000Z', acceptedAt: null, attestedAt: '2026-11-22T17:30:00.000Z' }],
    },
  };
  const context = { texts: zhCN, now: Date.parse('2026-11-22T17:31:00Z'), pressCase: aPrompt() };
  expect(voucherText({ headlineOf, fill, clockTime }, moreZhCN, context, press).split('\r\n')).toEqual([
    '履职凭证',
    '编号 440232-261122-030007-5',
    '2026-11-23 01:05:07',
    '公安系统已签收 01:05，等待受理',
    '县公安局  已由专人移交 2026-11-23 01:30:00  已签收 2026-11-23 01:05:09  dlv_1',
    moreZhCN.voucherCheck,
  ]);
});
