import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture } from '../../relay/test/support/fixture.js';
import { postReceipt } from '../../relay/test/support/receipts.js';
import { answers } from '../../relay/test/support/scripted-agency.js';
import { registerAlarms } from '../src/commands/alarms.js';
import { registerDeadLetters } from '../src/commands/dead-letters.js';
import { registerDeliveries } from '../src/commands/deliveries.js';
import { registerExchanges } from '../src/commands/exchanges.js';
import type { OperatorIo } from '../src/operator.js';

const POLICE = 'agency:police-440299';
const MINUTE = 60_000;

/** A relay that has one report, which the police have not taken, and listens; its sweeps are the test's own. */
let fixture: Fixture;
let number: string;
beforeEach(async () => {
  fixture = await makeFixture({ relay: { delivery: { breakerAfter: 1_000 } } });
  const address = await fixture.relay.app.listen({ host: '127.0.0.1', port: 0 });
  await fixture.parties.introduce(fixture.parties.relay, fixture.parties.gateway, address);
  fixture.police.behave = answers(503);
  number = (await fixture.press()).json<{ number: string }>().number;
});
afterEach(async () => fixture.close());

async function zhida(...argv: string[]): Promise<{ out: string; exitCode: unknown }> {
  let out = '';
  const io: OperatorIo = { stdout: { write: (text: string) => (out += text) }, exitCode: undefined, clock: fixture.clock };
  const program = new Command().exitOverride();
  for (const register of [registerDeliveries, registerAlarms, registerDeadLetters, registerExchanges]) register(program, io);
  const who = ['--keys', fixture.parties.gateway.directory, '--facility', FACILITY, '--account', 'duty-1'];
  await program.parseAsync(['node', 'zhida', ...argv, ...who]);
  return { out, exitCode: io.exitCode };
}

async function objects<Row>(...argv: string[]): Promise<Row[]> {
  const { out } = await zhida(...argv, '--json');
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

describe('zhida deliveries', () => {
  test('says of each what it waits for, and sends one again now', async () => {
    await fixture.relay.drain();
    const { out } = await zhida('deliveries', 'list');
    expect(out.split('\n')[0]).toMatch(/^编号 +接收机关 +在等什么 +已试 {2}上次结果 {2}下次 +送达$/);
    expect(out).toMatch(new RegExp(`^${number} {2}${POLICE} {2}等下次重试 {2}1 +http-503 +2026-11-22 20:30 {2}dlv_\\w{26}$`, 'm'));
    expect((await zhida('deliveries', 'list', '--lang', 'en')).out).toContain('its next try');
    expect((await zhida('deliveries', 'list', '--state', 'accepted')).out).toBe('没有\n');
    const [open] = await objects<{ deliveryId: string; nextDueAt: string }>('deliveries', 'list');
    expect((await zhida('deliveries', 'redeliver', open?.deliveryId ?? '', '--reason', '对方来电说已恢复')).out).toContain(
      '现在就再送一次',
    );
    await fixture.relay.drain();
    expect(fixture.police.arrivals).toHaveLength(2);
    await expect(zhida('deliveries', 'redeliver', 'dlv_00000000000000000000000000', '--reason', 'x')).rejects.toMatchObject({
      code: 'ZD_ERR_NOT_FOUND',
    });
  });

  test('lists every page', async () => {
    const insert = `insert into deliveries (facility, delivery_id, report_id, recipient_party, recipient_kind, view, recipient_name, state, priority, next_due_at, created_at, hold_reason, held_by, held_since)
      select facility, 'dlv_' || lpad(n::text, 26, '0'), report_id, 'agency:other-' || n, recipient_kind, view, recipient_name, 'open', priority, next_due_at, created_at, 'no-route', 'test', created_at
      from deliveries, generate_series(1, 450) n where recipient_party = $1`;
    await fixture.database.pool.query(insert, [POLICE]);
    expect(await objects('deliveries', 'list')).toHaveLength(452);
  });
});

test('zhida alarms lists what stands until a person acknowledges it, or silences the rung of a delivery', async () => {
  await fixture.relay.drain();
  for (const minutes of [0, 10, 20]) {
    fixture.clock.advance(minutes * MINUTE);
    await fixture.relay.escalateOnce();
  }
  const { out, exitCode } = await zhida('alarms', 'list');
  expect([out.includes('【测试】未签收'), out.includes(number), exitCode]).toEqual([true, true, 1]);
  const alarms = await objects<{ escalationId: string; deliveryId: string; rung: string; party: string }>('alarms', 'list');
  const [phone, stored, accepted] = alarms.filter(({ party }) => party === POLICE);
  expect([phone?.rung, stored?.rung, accepted?.rung]).toEqual(['phone', 'no-stored', 'no-accepted']);
  for (const { escalationId } of alarms.filter((alarm) => alarm !== stored)) {
    expect((await zhida('alarms', 'acknowledge', escalationId)).out).toContain('已确认，不再通知');
  }
  expect((await zhida('alarms', 'acknowledge', phone?.escalationId ?? '', '--lang', 'en')).out).toContain('acknowledged before');
  expect((await zhida('deliveries', 'silence', stored?.deliveryId ?? '', '--rung', 'no-stored', '--reason', '已电话报告')).out).toContain(
    'no-stored 不再提醒',
  );
  expect(await zhida('alarms', 'list')).toEqual({ out: '没有\n', exitCode: 0 });
});

test('zhida dead-letters shows what our own fault keeps here and what to mend, and replays it byte for byte', async () => {
  const { pool } = fixture.database;
  const flip = async (): Promise<void> => {
    await pool.query('alter table deliveries disable trigger user');
    await pool.query(
      'update deliveries set payload_sealed = set_byte(payload_sealed, 20, get_byte(payload_sealed, 20) # 1) where recipient_party = $1',
      [POLICE],
    );
    await pool.query('alter table deliveries enable trigger user');
  };
  await flip();
  await fixture.relay.drain();
  const listed = await zhida('dead-letters', 'list');
  expect([listed.out.includes('存储的内容打不开'), listed.exitCode]).toEqual([true, 1]);
  const [letter] = await objects<{ deliveryId: string }>('dead-letters', 'list');
  const id = letter?.deliveryId ?? '';
  const shown = (await zhida('dead-letters', 'show', id)).out;
  expect(shown).toMatch(new RegExp(`^编号 +${number}\n接收机关 +${POLICE}\n故障 +存储的内容打不开\n[^]*→ 放回主密钥`));
  await expect(zhida('dead-letters', 'show', 'dlv_00000000000000000000000000')).rejects.toMatchObject({ code: 'ZD_ERR_NOT_FOUND' });
  await expect(zhida('dead-letters', 'replay', id, '--reason', '未修好')).rejects.toMatchObject({ code: 'ZD_ERR_SEALED_UNREADABLE' });
  await flip();
  const { rows } = await pool.query<{ sha: string }>('select payload_sha256 as sha from deliveries where delivery_id = $1', [id]);
  expect((await zhida('dead-letters', 'replay', id, '--reason', '存储已恢复')).out).toContain(rows[0]?.sha);
  await fixture.relay.drain();
  expect(fixture.police.arrivals.map(({ payloadSha256 }) => payloadSha256)).toEqual([rows[0]?.sha]);
  expect(await zhida('dead-letters', 'list')).toEqual({ out: '没有\n', exitCode: 0 });
});

test('zhida exchanges shows the days both ends have compared, and which receipt one of them has not', async () => {
  expect(await zhida('exchanges')).toEqual({ out: '没有\n', exitCode: 0 });
  await fixture.relay.drain();
  const [arrival] = fixture.police.arrivals;
  if (arrival === undefined) throw new Error('nothing arrived');
  await postReceipt(fixture, arrival);
  await fixture.database.pool.query(
    `insert into exchanges values ($1, '2026-11-21', 1, $2, '{}', 1, $2, true, '{}', '{}', now(), $3, ''),
      ($1, '2026-11-22', 2, $2, '{}', 1, $2, false, '{rcp_not_here}', '{}', now(), $3, '')`,
    [POLICE, '0'.repeat(64), new Date(fixture.clock.now())],
  );
  const { out, exitCode } = await zhida('exchanges');
  expect(exitCode).toBe(1);
  expect(out).toMatch(
    /^日期 +接收机关 +结果 +对方回执数 +本地回执数 +核对时间\n2026-11-22 +\S+ +不一致 +2 +1 +2026-11-22 20:30\n2026-11-21 +\S+ +一致 /,
  );
  expect(out).toMatch(new RegExp(`\n本地缺 +2026-11-22 ${POLICE} rcp_not_here\n$`));
});
