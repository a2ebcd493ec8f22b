import { waitUntil } from '@zhida/testkit';
import { beforeEach, expect, test } from 'vitest';
import { type Agency, OFFICER } from './support/agency.js';
import { type AtHospital, describeAtHospital, describeAtSharedHospital } from './support/describe-hospital.js';
import type { Hospital } from './support/hospital.js';
import { at, type Screen } from './support/page.js';
import { bruisedInfant, type InventedVisit, pregnantGirl } from './support/visits.js';

/** To S3, where what comes after a report stands once it is loaded. */
async function report(screen: Screen): Promise<void> {
  await screen.report();
  await screen.get('s8-section').waitFor();
}

async function reportedGirl({ hospital, open }: AtHospital, visit: InventedVisit = pregnantGirl()): Promise<Screen> {
  const screen = await open();
  await screen.openChart(visit);
  await hospital.send(visit);
  await report(screen);
  return screen;
}

describeAtHospital('S8 in a real page, through real services', (each) => {
  const { open } = each;
  let hospital: Hospital;
  beforeEach(() => {
    hospital = each.hospital;
  });

  /** Waits for the headline of what was pressed after the report. */
  async function standsAs(screen: Screen, key: string, timeout = 10_000): Promise<string> {
    const headline = screen.page.locator(`${at('s8-headline')}[data-headline="${key}"]`);
    await headline.waitFor({ timeout });
    return (await headline.innerText()).trim();
  }

  const rowsOf = (agency: Agency, kind: string) =>
    waitUntil(
      async () => {
        const rows = (await agency.receiver.list()).filter((row) => row.kind === kind);
        return rows.length > 0 && rows;
      },
      { what: `a report of kind ${kind} at the agency` },
    );

  /** What the police read in one of their rows. */
  const read = async (row: { readonly deliveryId: string } | undefined): Promise<string> =>
    JSON.stringify(await hospital.police.receiver.open(row?.deliveryId ?? '', OFFICER));

  async function stopUsing(agency: Agency): Promise<void> {
    for (const { deliveryId } of await rowsOf(agency, 'error-notice')) await agency.receiver.stoppedUsing(deliveryId, { officer: OFFICER });
  }

  test('press → accepted → 补充: the second report of the case reaches the agencies, and the first stays as it is', async () => {
    const screen = await reportedGirl(each);
    await hospital.police.accept('J44029900112');
    await screen.headline('acceptedAs');
    const number = await screen.get('s3-number').innerText();
    await screen.get('s8-add').click();
    expect(await screen.focused()).toBe('s8-panel');
    expect(await screen.get('s8-send').isDisabled()).toBe(true);
    await screen.get('s8-text').fill('左前臂另有旧伤');
    await screen.get('s8-send').click();
    expect(await standsAs(screen, 'stored')).toMatch(/^公安系统已签收 \d\d:\d\d，等待受理$/);
    expect(await screen.focused()).toBe('s8-status');
    const [row] = await rowsOf(hospital.police, 'follow-up');
    expect(row).toMatchObject({ sequence: 2 });
    const opened = await read(row);
    expect(opened).toContain('左前臂另有旧伤');
    expect(opened).toContain('张晓婷');
    await rowsOf(hospital.civilAffairs, 'follow-up');
    await screen.get('s8-back').click();
    expect(await screen.headline('acceptedAs')).toContain('J44029900112');
    expect(await screen.get('s3-number').innerText()).toBe(number);
    expect(await screen.get('s8-list').innerText()).toMatch(/补充 \d\d:\d\d\s*公安系统已签收/);
    expect(await hospital.reports()).toHaveLength(2);
    expect(screen.complaints).toEqual([]);
  });

  test('发错患者 is a press and 确认; each recipient reads it, and its 已停止使用 stands in its line', async () => {
    const screen = await reportedGirl(each);
    await screen.get('s8-wrong-patient').click();
    // A key held down on the button must not confirm what it opens.
    expect(await screen.focused()).toBe('s8-panel');
    expect(await screen.get('s8-send').innerText()).toBe('确认');
    await screen.get('s8-send').click();
    expect(await standsAs(screen, 'stored')).toMatch(/^已提交　编号 \S+，等待各机关停止使用$/);
    const [row] = await rowsOf(hospital.police, 'error-notice');
    // An officer who accepts it has not stopped using what it speaks of.
    await hospital.police.receiver.accept(row?.deliveryId ?? '', { officer: OFFICER, agencyNumber: 'J1' });
    await stopUsing(hospital.police);
    const lines = screen.get('s8-lines');
    await lines
      .getByText(/已停止使用 \d\d:\d\d/)
      .first()
      .waitFor();
    expect(await lines.innerText()).toMatch(/县公安局110指挥中心\s+已停止使用 \d\d:\d\d/);
    expect(await lines.innerText()).toMatch(/县民政局\s+已签收 \d\d:\d\d，尚未停止使用/);
    expect(await screen.get('s8-headline').innerText()).toContain('等待各机关停止使用');
    await stopUsing(hospital.civilAffairs);
    await lines
      .locator('li', { hasText: '县民政局' })
      .getByText(/^已停止使用 \d\d:\d\d$/)
      .waitFor();
    // A station without a system has not said so, and nobody says it in its place.
    expect(await screen.get('s8-headline').innerText()).toContain('等待各机关停止使用');
    await screen.get('s8-back').click();
    expect(await screen.get('s3-headline').innerText()).toMatch(/^公安系统已签收/);

    const again = await open({ context: screen.page.context() });
    await again.get('s1-bar').click();
    await again.page.locator(at('s8-list'), { hasText: '发错患者' }).waitFor();
    await again.get('s8-wrong-patient').click();
    await again.get('s8-send').click();
    expect(await again.get('s8-lines').innerText()).toMatch(/县公安局110指挥中心\s+已停止使用 \d\d:\d\d/);
    expect(await hospital.reports()).toHaveLength(2);
  });

  test('去向变了 while the relay is away: 已存在网关，尚未发出, and never 已提交 before it is back', async () => {
    const screen = await reportedGirl(each);
    await hospital.stopRelays();
    await screen.get('s8-moved').click();
    await screen.page.locator(`${at('s8-where')} label`, { hasText: '已离院' }).click();
    await screen.get('s8-withWhom').fill('自称哥哥');
    await screen.get('s8-send').click();
    expect(await standsAs(screen, 'held')).toBe('已存在网关，尚未发出');
    expect(await screen.get('s8-status').innerText()).not.toMatch(/已提交|编号/);
    await hospital.startRelays();
    await standsAs(screen, 'stored', 20_000);
    expect(await screen.get('s8-call-too').innerText()).toMatch(/^请同时电话告知公安，报编号 \d{6}-\d{6}-\d{6}-\d。$/);
    const [row] = await rowsOf(hospital.police, 'follow-up');
    const opened = await read(row);
    expect(opened).toMatch(/"priority":"urgent"/);
    expect(opened).toContain('自称哥哥');
  });

  test('the line is cut: 尚未送达 until somebody answers, then one report', async () => {
    const screen = await reportedGirl(each);
    let first = true;
    await screen.page.route('**/follow-ups', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      if (first) {
        first = false;
        await route.fetch();
      }
      return route.abort();
    });
    await screen.get('s8-wrong-content').click();
    await screen.get('s8-age').fill('12岁');
    await screen.get('s8-send').click();
    expect(await standsAs(screen, 'undelivered')).toBe('尚未送达，请拨打110');
    await screen.page.unroute('**/follow-ups');
    await standsAs(screen, 'stored', 20_000);
    expect(await hospital.reports()).toHaveLength(2);
  });

  test('a patient switched under the widget: it collapses, and the button says for whom; the other child’s case gets nothing', async () => {
    const [girl, infant] = [pregnantGirl(), bruisedInfant()];
    const screen = await reportedGirl(each, girl);
    await screen.get('s8-add').click();
    await screen.get('s8-text').fill('女孩的补充');
    await screen.openChart(infant);
    await screen.get('s1-bar').waitFor();
    expect(await screen.get('window').count()).toBe(0);
    await screen.get('s1-bar').click();
    expect(await screen.get('s8-send').innerText()).toBe('仍为 张*婷 提交');
    expect(await screen.get('s8-text').inputValue()).toBe('女孩的补充');
    await screen.get('s8-send').click();
    await standsAs(screen, 'stored');
    const [row] = await rowsOf(hospital.police, 'follow-up');
    const opened = await read(row);
    expect(opened).toContain('张晓婷');
    expect(opened).not.toContain('孔小宝');
  });
});

/** The same visit with something that happened after it. */
const then = (visit: InventedVisit, kind: 'discharge' | 'transfer' | 'order', more: object): object => ({
  ...visit,
  revision: 2,
  event: { kind, staffId: 'D1001', role: 'doctor' },
  ...more,
});

describeAtHospital('S7 in a real page, through real services', (each) => {
  test('the child leaves after the report: the bar says so, 已离院 is an urgent follow-up, and nothing is asked twice', async () => {
    const { hospital } = each;
    const visit = pregnantGirl();
    const screen = await reportedGirl(each, visit);
    await screen.get('collapse').click();
    await screen.page.locator(at('s1-bar'), { hasText: /^诊疗核查$/ }).waitFor();
    await hospital.send(then(visit, 'discharge', { disposition: 'against-advice' }));
    await screen.page.locator(at('s1-bar'), { hasText: '诊疗核查 1 项' }).waitFor();
    await screen.get('s1-bar').click();
    expect((await screen.get('s7-strip').innerText()).split(/\s*\n\s*/)).toEqual([
      '还有1项未完成： 病历记为“已离院”',
      '已离院',
      '转院到…',
      '不属于',
    ]);
    await screen.get('s7-left').click();
    expect(await screen.page.locator(`${at('s8-where')} input:checked`).getAttribute('value')).toBe('left');
    await screen.get('s8-withWhom').fill('自称哥哥');
    await screen.get('s8-destination').fill('长途汽车站');
    await screen.get('s8-send').click();
    await screen.page.locator(`${at('s8-headline')}[data-headline="stored"]`).waitFor();
    const rows = await waitUntil(
      async () => {
        const followed = (await hospital.police.receiver.list()).filter(({ kind }) => kind === 'follow-up');
        return followed.length > 0 && followed;
      },
      { what: 'the follow-up at the police' },
    );
    const opened = JSON.stringify(await hospital.police.receiver.open(rows[0]?.deliveryId ?? '', OFFICER));
    expect(opened).toMatch(/"priority":"urgent"/);
    for (const word of ['"status":"left"', '自称哥哥', '长途汽车站']) expect(opened).toContain(word);
    await screen.get('s8-back').click();
    await screen.get('s8-section').waitFor();
    expect(await screen.get('s7-strip').count()).toBe(0);
    await screen.get('collapse').click();
    await screen.page.locator(at('s1-bar'), { hasText: /^诊疗核查$/ }).waitFor();
    expect(await hospital.reports()).toHaveLength(2);
    expect(screen.complaints).toEqual([]);
  });

  test('before a report: 已留 and 转院到… are told once, and stand in the report', async () => {
    const { hospital } = each;
    const visit = pregnantGirl();
    await hospital.send(visit);
    const screen = await each.open({ width: 360, height: 640 });
    await screen.get('s1-bar').click();
    await screen.get('s1-panel').waitFor();
    const focused = await screen.focused();
    const orders = [{ text: '无痛人工流产术', status: 'active' }];
    await hospital.send(then(visit, 'order', { orders }));
    await screen.get('s7-kept').waitFor();
    expect(await screen.focused()).toBe(focused);
    await screen.get('s7-place').fill('手术室3号冰箱');
    await screen.get('s7-kept').click();
    await screen.get('s7-strip').waitFor({ state: 'detached' });
    await hospital.send({ ...then(visit, 'transfer', { orders, disposition: 'transferred' }), revision: 3 });
    await screen.get('s7-transferred').waitFor();
    expect(await screen.get('s7-report').innerText()).toBe('报告');
    await screen.get('s7-transferred').click();
    await screen.get('s8-destination').fill('市妇幼保健院');
    expect(await screen.get('s8-send').innerText()).toBe('报告');
    await screen.get('s8-send').click();
    expect(await screen.page.locator(`${at('s2-where')} input:checked`).getAttribute('value')).toBe('transferred');
    await screen.get('s2-confirm').click();
    await screen.headline('stored');
    const [row] = await hospital.police.receiver.list();
    const opened = JSON.stringify(await hospital.police.receiver.open(row?.deliveryId ?? '', OFFICER));
    for (const word of ['"status":"transferred"', '市妇幼保健院', '"conception-tissue"', '手术室3号冰箱']) expect(opened).toContain(word);
    expect(await screen.get('s7-strip').count()).toBe(0);
    expect(screen.complaints).toEqual([]);
  });
});

describeAtSharedHospital('S8 as a page', (each) => {
  test.each([
    ['360 px', { width: 360, height: 640 }],
    ['1280 px', { width: 1280, height: 800 }],
  ])('S7 at %s: nothing is cut off, and the page under the strip stays within reach', async (_what, size) => {
    const visit = pregnantGirl();
    await each.hospital.send(visit);
    const screen = await each.open(size);
    await report(screen);
    await each.hospital.send(then(visit, 'order', { orders: [{ text: '清宫术' }] }));
    await screen.get('s7-strip').waitFor();
    const fits = () =>
      screen.page.evaluate(() => {
        const root = document.querySelector('zhida-prompt')?.shadowRoot;
        const [strip, page] = [root?.querySelector('[data-testid="s7-strip"]'), root?.querySelector('.page')];
        return [(strip?.scrollWidth ?? 1) <= (strip?.clientWidth ?? 0), (page?.clientHeight ?? 0) > 250];
      });
    expect(await fits()).toEqual([true, true]);
    await screen.get('s7-unavailable').click();
    await screen.page.locator(`${at('s8-headline')}[data-headline="stored"]`).waitFor();
    expect(await screen.get('s8-status').innerText()).toContain('标本与衣物');
    await screen.get('s8-back').click();
    await each.hospital.send({ ...then(visit, 'discharge', { orders: [{ text: '清宫术' }], disposition: 'home' }), revision: 3 });
    await screen.get('s7-not-so').waitFor();
    expect(await fits()).toEqual([true, true]);
    await screen.get('s7-not-so').click();
    await screen.get('s7-strip').waitFor({ state: 'detached' });
    await screen.get('s3-panel').waitFor();
  });

  test('我需要帮助 shows two numbers and nothing else, and tells nobody', async () => {
    const screen = await reportedGirl(each);
    const asked: string[] = [];
    screen.page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await screen.get('s8-help').click();
    expect((await screen.get('s8-help-page').innerText()).split(/\s*\n\s*/)).toEqual([
      '我需要帮助',
      '拨打 110',
      '保卫科 0000-5550119',
      '返回',
    ]);
    expect(asked.filter((one) => !one.endsWith('/events'))).toEqual([]);
  });

  test('有人阻止报告 shows who can be called outside of the hospital, and tells nobody', async () => {
    const screen = await reportedGirl(each);
    const asked: string[] = [];
    screen.page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await screen.get('s8-obstructed').click();
    expect((await screen.get('s8-obstructed-page').innerText()).split(/\s*\n\s*/)).toEqual([
      '有人阻止报告',
      '县人民检察院 0000-1112309',
      '检察服务热线 12309',
      '拨打 110',
      '请您直接拨打。打开这一页不发送、不记录，院内无人看到。',
      '返回',
    ]);
    expect(asked.filter((one) => !one.endsWith('/events'))).toEqual([]);
    await screen.get('s8-back').click();
    await screen.get('s8-section').waitFor();
  });

  test('a colleague’s report of the visit takes one’s own words: 补充进去, 仍单独报告 beside it, and a 履职凭证 of one’s own', async () => {
    const first = await reportedGirl(each);
    const number = (await first.get('s3-number').innerText()).replace('编号 ', '');
    each.hospital.his.account = 'D1002';
    const screen = await each.open({ width: 360, height: 640 });
    await screen.get('s1-bar').click();
    await screen.get('s1-add').waitFor();
    expect(await screen.get('s1-panel').innerText()).toMatch(new RegExp(`本次就诊已有报告（\\d\\d:\\d\\d　${number}）`));
    expect(await screen.get('s1-report').innerText()).toBe('仍单独报告');
    await screen.get('s1-add').click();
    expect(await screen.get('s8-panel').innerText()).toMatch(new RegExp(`补充进去\\s+编号 ${number}`));
    await screen.get('s8-text').fill('左前臂另有旧伤');
    await screen.get('s8-send').click();
    await screen.page.locator(`${at('s8-headline')}[data-headline="stored"]`).waitFor();
    const saved = screen.page.waitForEvent('download');
    await screen.get('s8-voucher').click();
    expect((await saved).suggestedFilename()).toMatch(/^\d{6}-\d{6}-\d{6}-\d\.txt$/);
    await screen.get('s8-back').click();
    expect(await screen.get('s8-list').innerText()).toMatch(/补充 \d\d:\d\d\s*公安系统已签收/);
    each.hospital.his.account = 'D1001';
  });

  test.each([
    ['360 px', { width: 360, height: 640 }],
    ['1280 px', { width: 1280, height: 800 }],
  ])('at %s nothing is cut off sideways, every control has a name, and sending stays within reach', async (_what, size) => {
    await each.hospital.send(pregnantGirl());
    const screen = await each.open(size);
    await report(screen);
    for (const code of ['add', 'moved', 'wrong-content', 'wrong-patient'] as const) {
      await screen.get(`s8-${code}`).click();
      const send = await screen.get('s8-send').boundingBox();
      expect((send?.y ?? 0) + (send?.height ?? 0)).toBeLessThanOrEqual(size.height);
      const [over, unnamed] = await screen.page.evaluate(() => {
        const root = document.querySelector('zhida-prompt')?.shadowRoot;
        const page = root?.querySelector('.page');
        const controls = [...(root?.querySelectorAll<HTMLElement>('button, input, textarea') ?? [])];
        const nameless = controls.filter((one) => (one.closest('label')?.textContent ?? one.textContent ?? '').trim() === '');
        return [(page?.scrollWidth ?? 0) - (page?.clientWidth ?? 0), nameless.map((one) => one.outerHTML)] as const;
      });
      expect([over, unnamed]).toEqual([0, []]);
      await screen.get('s8-back').click();
    }
  });
});
