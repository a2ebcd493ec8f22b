import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Fixture, makeFixture } from '../support/fixture.js';
import { recordingChannel } from '../support/recording-channel.js';
import { answers } from '../support/scripted-agency.js';

const HOUR = 3_600_000;
let fixture: Fixture;
const channel = recordingChannel('pager');
beforeEach(async () => {
  channel.told.splice(0);
  const escalation = { channels: [channel], fallbackContact: { title: '总机', phone: '0000-1100000' } };
  fixture = await makeFixture({ relay: { delivery: { breakerAfter: 1_000 }, escalation } });
});
afterEach(async () => fixture.close());

const HEADING = '日期,开始,结束,岗位,姓名,电话,邮箱';
const csv = (...rows: string[]): Buffer => Buffer.from([HEADING, ...rows].join('\n'));

describe('the duty roster', () => {
  test('is imported by CSV; whoever is on duty is told, and between shifts the fixed number', async () => {
    const file = csv('2026-11-22,08:00,20:00,总值班,甲,0000-1,day@x.test', '2026/11/22,20:00,8:00,总值班,乙,0000-2,');
    const answer = await fixture.operate('PUT', '/v1/roster', file);
    expect(answer.json()).toMatchObject({ shifts: 2, issues: [], gaps: [{ from: '2026-11-23T00:00:00.000Z' }] });
    fixture.police.behave = answers(500);
    await fixture.press();
    await fixture.relay.drain();
    await fixture.relay.escalateOnce();
    expect(channel.told.find(({ rung }) => rung === 'phone')?.contact).toEqual({ title: '总值班', phone: '0000-2', email: undefined });
    fixture.clock.advance(12 * HOUR);
    channel.told.splice(0);
    await fixture.relay.escalateOnce();
    expect(channel.told.find(({ rung }) => rung === 'no-accepted')?.contact).toEqual({ title: '总机', phone: '0000-1100000' });
  });

  test('a shift without an address does not keep the fixed number from being told', async () => {
    await fixture.operate('PUT', '/v1/roster', csv('2026-11-22,20:00,08:00,总值班,甲,,'));
    vi.spyOn(channel, 'send').mockImplementation(async (notice, contact) => {
      if (contact?.phone === undefined) return 'no-address';
      channel.told.push({ ...notice, contact });
      return 'sent';
    });
    fixture.police.behave = answers(500);
    await fixture.press();
    await fixture.relay.drain();
    await fixture.relay.escalateOnce();
    vi.restoreAllMocks();
    expect(channel.told.find(({ rung }) => rung === 'phone')?.contact?.title).toBe('总机');
  });

  test('keeps desks and numbers, no names', async () => {
    await fixture.operate('PUT', '/v1/roster', csv('2026-11-22,20:00,08:00,总值班,鸑鷟,0000-2,'));
    const { rows } = await fixture.database.pool.query<{ row: string }>('select to_jsonb(s)::text as row from roster_shifts s');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).not.toContain('鸑鷟');
  });

  test('a row that cannot be read is named by its place, and the rest is taken', async () => {
    const file = csv(
      '2026-11-22,20:00,08:00,总值班,甲,1,',
      '昨天,08:00,20:00,总值班,乙,2,',
      '2026-11-23,25:00,20:00,总值班,丙,3,',
      '2026-11-23,08:00,20:00,,丁,4,',
    );
    expect((await fixture.operate('PUT', '/v1/roster', file)).json()).toMatchObject({
      shifts: 1,
      issues: [{ at: 'row 3, date' }, { at: 'row 4, start' }, { at: 'row 5, title' }],
    });
    expect((await fixture.operate('PUT', '/v1/roster', Buffer.from('日期,开始\n2026-11-22,20:00'))).json()).toMatchObject({
      status: 400,
      at: 'end',
    });
  });

  test('a newer import takes the place of what it overlaps', async () => {
    await fixture.operate('PUT', '/v1/roster', csv('2026-11-22,20:00,08:00,总值班,甲,1,', '2026-11-23,08:00,20:00,总值班,乙,2,'));
    await fixture.operate('PUT', '/v1/roster', csv('2026-11-22,20:00,08:00,总值班,丙,3,'));
    const { rows } = await fixture.database.pool.query('select phone from roster_shifts order by starts_at');
    expect(rows).toEqual([{ phone: '3' }, { phone: '2' }]);
  });

  test('reads an xlsx with date and time cells like the CSV, and CSV in GB18030', async () => {
    const xlsx = await readFile(join(import.meta.dirname, 'roster.xlsx'));
    expect((await fixture.operate('PUT', '/v1/roster', xlsx)).json()).toMatchObject({
      shifts: 2,
      issues: [],
      gaps: [{ from: '2026-11-23T00:00:00.000Z' }],
    });
    // 日期,开始,结束,岗位 and 总值班 as a spreadsheet saves them.
    const gb = Buffer.from('c8d5c6da2cbfaacabc2cbde1caf82cb8dacebb0a323032362d31312d32342c30383a30302c32303a30302cd7dcd6b5b0e00a', 'hex');
    expect((await fixture.operate('PUT', '/v1/roster', gb)).json()).toMatchObject({ shifts: 1, issues: [] });
  });

  test('a gap in the next 72 hours is told ahead, in words, once', async () => {
    await fixture.operate(
      'PUT',
      '/v1/roster',
      csv(
        '2026-11-22,20:00,24:00,总值班,甲,1,',
        '2026-11-23,00:00,24:00,总值班,甲,1,',
        '2026-11-24,00:00,20:00,总值班,甲,1,',
        '2026-11-25,08:00,24:00,总值班,乙,2,',
      ),
    );
    await fixture.relay.escalateOnce();
    await fixture.relay.escalateOnce();
    expect(channel.told.map(({ text }) => text)).toEqual(['【测试】值班表有空缺：11月24日20:00起无人。请补排。']);
    // Until it is filled, and no longer.
    fixture.clock.advance(600_000);
    await fixture.relay.escalateOnce();
    expect(channel.told).toHaveLength(2);
    await fixture.operate('PUT', '/v1/roster', csv('2026-11-24,20:00,08:00,总值班,丙,3,'));
    fixture.clock.advance(600_000);
    await fixture.relay.escalateOnce();
    expect(channel.told).toHaveLength(2);
  });

  test('a facility that keeps no roster here is not reminded of it', async () => {
    await fixture.relay.escalateOnce();
    expect(channel.told).toEqual([]);
  });
});
