import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeAtHospital } from './support/describe-hospital.js';
import type { Hospital } from './support/hospital.js';
import { complaintsOf } from './support/page.js';
import { pregnantGirl } from './support/visits.js';

const TABS = ['/duty', '/duty/alarms', '/duty/prompts', '/duty/review', '/duty/roster', '/duty/exercises', '/duty/lines', '/duty/handover'];

describeAtHospital('S9, the duty desk in a real page', (each) => {
  let hospital: Hospital;
  let desk: Page;
  let complaints: readonly string[];
  beforeEach(() => {
    hospital = each.hospital;
  });
  afterEach(() => desk.context().close());

  /** A doctor reports in the widget; the police system takes it, and no officer does. */
  async function reported(): Promise<void> {
    await hospital.send(pregnantGirl());
    const screen = await each.open();
    await screen.report();
    await hospital.gatewayRows(`update presses set pressed_at = pressed_at - interval '12 minutes' returning press_id`);
  }

  /** Signs in by keyboard, on a page whose clock the test moves. */
  async function atDesk(width: number): Promise<void> {
    const code = await hospital.dutyOfficer('Z001', '王值班');
    const context = await each.browser.newContext({ viewport: { width, height: 800 }, locale: 'zh-CN' });
    desk = await context.newPage();
    complaints = complaintsOf(desk);
    await desk.clock.install();
    await desk.goto(`${hospital.gatewayUrl}/duty`);
    await desk.getByLabel('工号').focus();
    await desk.keyboard.type('Z001');
    await desk.keyboard.press('Tab');
    await desk.keyboard.type(code);
    await desk.keyboard.press('Enter');
    await desk.locator('#live').waitFor();
  }

  test('a report no officer has accepted appears and counts; a call is recorded, the child opened with a reason; it goes at 受理', async () => {
    await atDesk(1280);
    expect(await desk.locator('.empty').innerText()).toBe('没有等待公安受理的报告。');
    await reported();
    await desk.clock.fastForward(16_000);
    const row = desk.locator('.row');
    await row.waitFor();
    expect(await row.innerText()).toMatch(/12分钟\s*急诊科\s*公安◐已签收 民政◐已签收\s*打电话报案\s*0000-1100110\s*打电话/);
    expect(await desk.innerText('body')).not.toMatch(/张|婷/);
    expect(await desk.title()).toBe('(1) 总值班台');
    await hospital.gatewayRows(`update presses set pressed_at = pressed_at - interval '1 minute' returning press_id`);
    await desk.locator('.row .button').focus();
    await desk.clock.fastForward(16_000);
    await desk.locator('.waited', { hasText: '13分钟' }).waitFor();
    // What renews itself under a keyboard keeps its place.
    expect(await desk.evaluate(() => document.activeElement?.textContent)).toBe('打电话');

    await desk.keyboard.press('Enter');
    await desk.locator('.script').waitFor();
    expect(await desk.locator('.script').innerText()).toMatch(/^【测试】云溪县人民医院，强制报告编号\d{6}-\d，材料已在线提交/);
    await desk.getByRole('button', { name: '已接通' }).click();
    await desk.locator('#calls', { hasText: '已接通' }).waitFor();
    await desk.getByText('查看孩子信息').click();
    await desk.locator('#open').getByLabel('事由').fill('民警核对姓名');
    await desk.getByRole('button', { name: '查看并记录' }).click();
    await desk.getByText('本次查看已记录').waitFor();
    expect(await desk.innerText('dl')).toContain('张晓婷');
    expect(decodeURIComponent(desk.url())).not.toMatch(/张|民警/);

    await desk.goto(`${hospital.gatewayUrl}/duty`);
    expect(await desk.locator('.row .next').innerText()).toBe('已通话，催公安受理');
    await hospital.police.accept('J44029900112');
    await desk.clock.fastForward(16_000);
    await desk.locator('.empty').waitFor();
    expect(complaints).toEqual([]);
  });

  test('at 360 px nothing runs over, in both languages; a page that cannot renew itself says how old it is', async () => {
    await reported();
    await atDesk(360);
    for (const path of TABS) {
      await desk.goto(`${hospital.gatewayUrl}${path}?lang=en`);
      expect([path, await overflow()]).toEqual([path, 0]);
      await desk.goto(`${hospital.gatewayUrl}${path}?lang=zh-CN`);
      expect([path, await overflow()]).toEqual([path, 0]);
    }
    await desk.goto(`${hospital.gatewayUrl}/duty`);
    await desk.locator('.row .button').click();
    await desk.locator('#call').waitFor();
    expect(await overflow()).toBe(0);
    expect(complaints).toEqual([]);

    await desk.goto(`${hospital.gatewayUrl}/duty`);
    expect(await desk.locator('#stale').isVisible()).toBe(false);
    await desk.route('**/duty', (route) => route.abort());
    await desk.clock.fastForward(61_000);
    await desk.clock.fastForward(61_000);
    await desk.locator('#stale', { hasText: /已有\d分钟未能更新/ }).waitFor();
    await desk.unroute('**/duty');
    await desk.clock.fastForward(16_000);
    await desk.locator('#stale').waitFor({ state: 'hidden' });
  });

  function overflow(): Promise<number> {
    return desk.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }
});
