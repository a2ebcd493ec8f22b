import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture } from '../../relay/test/support/fixture.js';
import { registerEndpoints } from '../src/commands/endpoints.js';
import { registerPaper } from '../src/commands/paper.js';
import { registerRoster } from '../src/commands/roster.js';
import type { OperatorIo } from '../src/operator.js';

/** A relay that listens, and the gateway's keys by which a person at the command line acts. */
let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
  await fixture.relay.start();
  const { port } = fixture.relay.app.server.address() as { port: number };
  await fixture.parties.introduce(fixture.parties.relay, fixture.parties.gateway, `http://127.0.0.1:${port}`);
});
afterAll(async () => fixture.close());

async function zhida(...argv: string[]): Promise<{ out: string; exitCode: unknown }> {
  let out = '';
  const io: OperatorIo = { stdout: { write: (text: string) => (out += text) }, exitCode: undefined, clock: fixture.clock };
  const program = new Command().exitOverride();
  registerRoster(program, io);
  registerPaper(program, io);
  registerEndpoints(program, io);
  const who = ['--keys', fixture.parties.gateway.directory, '--facility', FACILITY, '--account', 'duty-1'];
  await program.parseAsync(['node', 'zhida', ...argv, ...who]);
  return { out, exitCode: io.exitCode };
}

async function file(name: string, text: string): Promise<string> {
  const path = join(fixture.parties.directory, name);
  await writeFile(path, text);
  return path;
}

describe('zhida roster', () => {
  test('imports CSV, says which row it could not read, and shows from when on nobody is on duty', async () => {
    const csv = ['date,start,end,title,phone', '2026-11-22,20:00,08:00,总值班,0000-1', '2026-11-23,late,20:00,总值班,0000-2'].join('\n');
    expect(await zhida('roster', 'import', await file('roster.csv', csv))).toEqual({
      out: 'shifts  1\nSKIPPED row 3, start: VALUE_UNREAD\nGAP     nobody on duty from 2026-11-23 08:00 to 2026-11-25 20:30\n',
      exitCode: 2,
    });
    const gaps = await zhida('roster', 'gaps', '--json');
    expect([JSON.parse(gaps.out), gaps.exitCode]).toEqual([
      {
        shifts: 1,
        kept: true,
        issues: [],
        now: { title: '总值班', phone: '0000-1' },
        ahead: [{ from: '2026-11-22T12:00:00.000Z', to: '2026-11-23T00:00:00.000Z', title: '总值班', phone: '0000-1' }],
        gaps: [{ from: '2026-11-23T00:00:00.000Z', to: '2026-11-25T12:30:00.000Z' }],
      },
      1,
    ]);
  });

  test('imports JSON; where somebody is always on duty it ends with 0', async () => {
    const days = ['2026-11-22', '2026-11-23', '2026-11-24', '2026-11-25'];
    const shifts = days.map((date) => ({ date, start: '00:00', end: '24:00', title: '总值班', phone: '0000-3', name: '甲' }));
    const { out, exitCode } = await zhida('roster', 'import', await file('roster.json', JSON.stringify(shifts)));
    expect([out, exitCode]).toEqual(['shifts  4\nsomebody is on duty in every hour of the next 72\n', 0]);
    await expect(zhida('roster', 'import', await file('broken.json', '[{]'))).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_UNREADABLE' });
    await expect(zhida('roster', 'import', '/nowhere.csv')).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
  });
});

test('zhida paper hands a block out, lists it, and strikes a form off', async () => {
  const handed = await zhida('paper', 'hand-out', '--to', '溪口镇卫生院', '--count', '3', '--json');
  const { first } = JSON.parse(handed.out) as { first: string };
  expect((await zhida('paper', 'void', first, '--reason', '写坏')).out).toBe(`${first} is struck off\n`);
  const listed = await zhida('paper', 'list');
  expect(listed.out).toContain('溪口镇卫生院: entered 0, struck off 1, open 2');
  expect(listed.exitCode).toBe(0);
  await expect(zhida('paper', 'void', first, '--reason', '写坏')).rejects.toMatchObject({ code: 'ZD_ERR_CONFLICT', at: 'number' });
});

describe('zhida endpoints', () => {
  const POLICE = 'agency:police-440299';

  test('stops sending to a recipient with a reason, shows it in the list, and starts again', async () => {
    expect((await zhida('endpoints', 'disable', POLICE, '--reason', '机房停电')).out).toContain(`已停用 ${POLICE}`);
    expect((await zhida('endpoints', 'disable', POLICE, '--reason', '又停', '--lang', 'en')).out).toContain('was disabled before');
    const listed = (await zhida('endpoints', 'list')).out.split('\n');
    expect(listed[0]).toMatch(/^接收机关 {2,}名称 {2,}状态 {2,}未签收 {2}最早一份$/);
    expect(listed[1]).toMatch(/^agency:police-440299 {2,}县公安局110指挥中心 {2}2026-11-22 20:30 起停用（机房停电） {2}0 {7}—$/);
    expect((await zhida('endpoints', 'list', '--lang', 'en')).out).toContain('disabled since 2026-11-22 20:30 (机房停电)');
    expect((await zhida('endpoints', 'enable', POLICE, '--reason', '来电')).out).toContain(`已恢复 ${POLICE}`);
    const [line] = (await zhida('endpoints', 'list', '--json')).out.trim().split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({ party: POLICE, disabledSince: null, disabledReason: null });
    await expect(zhida('endpoints', 'enable', 'agency:nobody', '--reason', 'x')).rejects.toMatchObject({ code: 'ZD_ERR_NOT_FOUND' });
  });
});
