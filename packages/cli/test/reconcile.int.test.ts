import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createId } from '@zhida/core';
import { migrate, openDatabase } from '@zhida/database';
import { gatewayMigrations } from '@zhida/gateway';
import { relayMigrations } from '@zhida/relay';
import { createTestDatabase } from '@zhida/testkit';
import { Command } from 'commander';
import { expect, onTestFinished, test } from 'vitest';
import { type ReconcileIo, registerReconcile } from '../src/commands/reconcile.js';

async function installation() {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-reconcile-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const parts = await Promise.all(
    (['relay', 'gateway'] as const).map(async (name) => {
      const made = await createTestDatabase();
      const database = openDatabase<unknown>({ url: made.url });
      onTestFinished(async () => {
        await database.close();
        await made.drop();
      });
      await migrate(database.pool, name === 'relay' ? relayMigrations : gatewayMigrations, { namespace: name });
      const file = join(directory, name);
      await writeFile(file, `${made.url}\n`, { mode: 0o600 });
      return { file, pool: database.pool };
    }),
  );
  const [relay, gateway] = parts;
  if (relay === undefined || gateway === undefined) throw new Error('two databases');
  return { directory, relay, gateway };
}

async function zhida(...argv: string[]): Promise<{ out: string; exitCode: unknown }> {
  let out = '';
  const io: ReconcileIo = { stdout: { write: (text: string) => (out += text) }, exitCode: undefined };
  const program = new Command().exitOverride();
  registerReconcile(program, io);
  await program.parseAsync(['node', 'zhida', 'reconcile', ...argv]);
  return { out, exitCode: io.exitCode };
}

test('INV-2 zhida reconcile ends with 0 where nothing differs, and with 1 for a press that was answered for and is no report', async () => {
  const { relay, gateway } = await installation();
  const whole = await zhida('--relay', relay.file, '--gateway', gateway.file);
  expect(whole.out).toContain('no difference');
  expect(whole.exitCode).toBe(0);

  const pressId = 'press-lost';
  await gateway.pool.query(
    `insert into presses (press_id, facility, account, body_sha256, state, report_id, number, next_due_at, pressed_at)
     values ($1, '91440299MA5DEM0001', 'account-77', '', 'submitted', $2, '440299-261122-030001-7', now(), now())`,
    [pressId, createId('rpt')],
  );
  const lost = await zhida('--relay', relay.file, '--gateway', gateway.file);
  expect(lost.out).toContain(`DIFFERENCE  a press that was answered for and is no report: 1 (${pressId})`);
  expect(lost.exitCode).toBe(1);
  const json = JSON.parse((await zhida('--relay', relay.file, '--gateway', gateway.file, '--json')).out) as Record<string, unknown>;
  expect(json).toMatchObject({
    ledger: { reports: 0, differences: [] },
    presses: { presses: 1, held: 0, differences: [{ count: 1, ids: [pressId] }] },
  });
  // Without the gateway's side the ledger is compared with itself alone.
  expect((await zhida('--relay', relay.file)).exitCode).toBe(0);
});

test('a file without a database’s URL is a setting that is wrong', async () => {
  const { directory } = await installation();
  const file = join(directory, 'empty');
  await writeFile(file, 'nothing');
  await expect(zhida('--relay', file)).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: '--relay' });
  await expect(zhida('--relay', join(directory, 'nowhere'))).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: '--relay' });
  // Nothing listens on port 1: that is for later, and no bug.
  await writeFile(file, 'postgres://zhida@127.0.0.1:1/zhida');
  await expect(zhida('--relay', file)).rejects.toMatchObject({ code: 'ZD_ERR_DATABASE_UNAVAILABLE' });
});
