import { waitUntil } from '@zhida/testkit';
import { beforeEach, expect, test } from 'vitest';
import { describeAtHospital, describeAtSharedHospital } from './support/describe-hospital.js';
import type { Hospital } from './support/hospital.js';
import type { Screen } from './support/page.js';
import { bruisedInfant, hcg, pregnantGirl } from './support/visits.js';

const NUMBER = /^\d{6}-\d{6}-\d{6}-\d$/;

describeAtHospital('the red flow in a real page, through real services', (each) => {
  const { open } = each;
  let hospital: Hospital;
  beforeEach(() => {
    hospital = each.hospital;
  });

  /** Every headline a screen has ever shown, read by the page itself, so that a false one cannot slip by. */
  async function watchHeadlines(screen: Screen): Promise<() => Promise<string[]>> {
    await screen.page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seenHeadlines: seen });
      const root = document.querySelector('zhida-prompt')?.shadowRoot;
      const look = () => {
        const key = root?.querySelector('[data-testid="s3-headline"]')?.getAttribute('data-headline');
        if (key !== null && key !== undefined && seen[seen.length - 1] !== key) seen.push(key);
      };
      if (root) new MutationObserver(look).observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    return () => screen.page.evaluate(() => (window as unknown as { seenHeadlines: string[] }).seenHeadlines);
  }

  test('three interactions make a report that ends at 公安系统已签收 and then 公安已受理', async () => {
    const girl = pregnantGirl();
    const screen = await open();
    await screen.openChart(girl);
    await hospital.send(girl);
    const bar = screen.get('s1-bar');
    await bar.waitFor();
    expect(await bar.innerText()).toBe('诊疗核查 1 项');
    expect(await bar.boundingBox()).toMatchObject({ width: 280, height: 36 });
    expect(await screen.page.innerText('body')).not.toMatch(/张|婷|岁|侵害|报警|公安|报告/);
    const headlines = await watchHeadlines(screen);

    await bar.click();
    expect(await screen.get('s1-patient').innerText()).toContain('张*婷');
    await screen.get('s1-report').click();
    await screen.get('s2-confirm').click();

    const stored = await screen.headline('stored');
    // Without the focus a keyboard is lost, and the panel closes itself while somebody reads from it.
    expect(await screen.focused()).toBe('s3-panel');
    expect(stored).toMatch(/^公安系统已签收 \d\d:\d\d，等待受理$/);
    await hospital.police.accept('J44029900112');
    const accepted = await screen.headline('acceptedAs');
    expect(accepted).toMatch(/^公安已受理 \d\d:\d\d　接报编号 J44029900112$/);
    const [report] = await hospital.reports();
    expect(report?.number).toMatch(NUMBER);
    expect(await screen.get('s3-number').innerText()).toBe(`编号 ${report?.number}`);
    const lines = await screen.get('s3-lines').innerText();
    expect(lines).toMatch(/县公安局110指挥中心\s+已受理/);
    expect(lines).toMatch(/县民政局\s+已签收/);
    const order = ['sending', 'submitted', 'stored', 'acceptedAs'];
    const seen = await headlines();
    expect(seen).toEqual(order.filter((key) => seen.includes(key)));
    expect(await hospital.reports()).toHaveLength(1);
    expect(screen.complaints).toEqual([]);
  });

  test('a patient switched under the widget: it collapses, keeps what was written, and the button names who it is for', async () => {
    const [girl, other] = [pregnantGirl(), bruisedInfant()];
    await hospital.send(girl);
    const screen = await open();
    await screen.openChart(girl);
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    await screen.get('s2-observed').fill('血HCG 12500，陪同人不让孩子说话');
    await screen.openChart(other);
    await screen.get('s1-bar').waitFor();
    expect(await screen.get('window').count()).toBe(0);
    await screen.get('s1-bar').click();
    expect(await screen.get('s2-confirm').innerText()).toBe('仍为 张*婷 报告');
    expect(await screen.get('s2-observed').inputValue()).toBe('血HCG 12500，陪同人不让孩子说话');
    await screen.openChart(girl);
    await screen.get('s1-bar').click();
    expect(await screen.get('s2-confirm').innerText()).toBe('确认报告');
    await screen.openChart(other);
    await screen.get('s1-bar').click();
    await screen.get('s2-confirm').click();
    await screen.headline('stored');
    const [row] = await hospital.police.receiver.list();
    const opened = await hospital.police.receiver.open(row?.deliveryId ?? '', { id: 'duty', name: '值班员' });
    expect(JSON.stringify(opened)).toContain('张晓婷');
    expect(JSON.stringify(opened)).not.toContain('孔小宝');
  });

  test('the network is cut between S2 and the 202: 尚未送达 until somebody answers, then one report', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    const headlines = await watchHeadlines(screen);
    // The first press reaches the gateway and only its answer is lost; the next ones do not get through at all.
    let first = true;
    await screen.page.route('**/v1/reports', async (route) => {
      if (first) {
        first = false;
        await route.fetch();
      }
      await route.abort();
    });
    await screen.get('s2-confirm').click();
    expect(await screen.headline('undelivered')).toBe('尚未送达，请拨打110');
    const leaving = await screen.page.evaluate(() => {
      const event = document.createEvent('BeforeUnloadEvent') as BeforeUnloadEvent;
      event.initEvent('beforeunload', false, true);
      window.dispatchEvent(event);
      return [event.defaultPrevented, event.returnValue];
    });
    // Chrome before 119 asks only for a value.
    expect(leaving).toEqual([true, 'true']);
    const reports = await waitUntil(async () => (await hospital.reports()).length === 1 && hospital.reports(), { what: 'the first press' });
    expect(reports).toHaveLength(1);
    expect(await headlines()).not.toContain('submitted');
    expect(await screen.get('s3-script').innerText()).not.toContain('材料已在线提交');
    await screen.page.unroute('**/v1/reports');
    await screen.headline('stored', 20_000);
    expect(await hospital.reports()).toHaveLength(1);
  });

  test('a relay that is away: 已存在网关，尚未发出, never 已提交 before it is back', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    const headlines = await watchHeadlines(screen);
    await hospital.stopRelays();
    await screen.get('s2-confirm').click();
    expect(await screen.headline('held')).toBe('已存在网关，尚未发出');
    expect(await screen.get('s3-number').count()).toBe(0);
    await screen.get('s3-beside').check({ force: true });
    expect(await screen.get('s3-script').innerText()).not.toMatch(/编号|材料已在线提交/);
    expect((await headlines()).filter((key) => key !== 'sending' && key !== 'held')).toEqual([]);
    await hospital.startRelays();
    await screen.headline('stored', 20_000);
    expect(await hospital.reports()).toHaveLength(1);
    expect(await screen.get('s3-script').innerText()).toContain('材料已在线提交');
  });

  test('a double click and an impatient Ctrl+Enter are one report', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    await screen.page.evaluate(() => {
      const button = document.querySelector('zhida-prompt')?.shadowRoot?.querySelector<HTMLElement>('[data-testid="s2-confirm"]');
      const again = new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, composed: true });
      button?.click();
      button?.click();
      button?.dispatchEvent(again);
    });
    await screen.headline('stored');
    expect(await hospital.reports()).toHaveLength(1);
    expect(await hospital.presses()).toEqual([{ state: 'submitted' }]);
  });

  test('tabs of one person are one report, and those in the background leave the seventh its connections', async () => {
    const one = await open();
    let two = one;
    for (let tab = 2; tab <= 7; tab += 1) {
      await two.setHidden(true);
      two = await open({ context: one.page.context() });
    }
    await hospital.send(pregnantGirl());
    await two.get('s1-bar').waitFor();
    expect(await one.get('s1-bar').count()).toBe(0);
    await one.setHidden(false);
    for (const screen of [one, two]) {
      await screen.get('s1-bar').click();
      await screen.get('s1-report').click();
    }
    await two.get('s2-observed').fill('other words');
    await Promise.all([one.get('s2-confirm').click(), two.get('s2-confirm').click()]);
    await Promise.all([one.headline('stored'), two.headline('stored')]);
    expect(await one.get('s3-number').innerText()).toBe(await two.get('s3-number').innerText());
    expect(await hospital.reports()).toHaveLength(1);
  });

  test('a token that has ended: the press is taken once, and its status is still followed', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    await screen.get('s1-bar').click();
    hospital.his.account = null;
    await screen.page.route('**/v1/prompts/**', (route) => route.fulfill({ status: 401, body: '{}' }));
    await screen.get('s1-report').click();
    await screen.get('s2-confirm').click();
    await screen.headline('stored');
    expect(await hospital.reports()).toHaveLength(1);
  });
});

describeAtSharedHospital('S1 as a page', (each) => {
  test('the page of S1 is as written: patient, two lines of evidence, the law, five buttons in their order, focus on 报告', async () => {
    await each.hospital.send(pregnantGirl());
    const screen = await each.open();
    await screen.get('s1-bar').click();
    const evidence = screen.get('s1-evidence').locator('li');
    expect(await evidence.count()).toBeLessThanOrEqual(2);
    expect(await evidence.first().innerText()).toMatch(/^血HCG 12500 IU\/L（检验科 .*\d\d:\d\d）$/);
    expect(await evidence.nth(1).innerText()).toBe('出生 2013-03-18，不满14周岁');
    expect(await screen.get('s1-due').innerText()).toBe('应当报告：不满十四周岁女性怀孕');
    expect(await screen.page.locator('[data-testid="s1-panel"] .acts button').allInnerTexts()).toEqual([
      '报告',
      '孩子有危险，先打110',
      '公安已知情',
      '先救治，15分钟后提醒',
      '不属于，说明原因',
    ]);
    expect(await screen.focused()).toBe('s1-report');
    const title = screen.page.locator('[data-testid="window"] h1');
    expect(await title.innerText()).toBe('诊疗核查');
    expect(await screen.page.locator('[data-testid="s1-panel"]').evaluate((page) => page.scrollHeight - page.clientHeight)).toBe(0);
  });

  test('a corrected result closes it with 依据已更正，提示关闭', async () => {
    const girl = pregnantGirl();
    await each.hospital.send(girl);
    const screen = await each.open();
    await screen.get('s1-bar').click();
    await each.hospital.send({ ...girl, observations: [hcg('2', 'corrected')] });
    await screen.get('s1-state').waitFor();
    expect(await screen.get('s1-state').innerText()).toBe('依据已更正，提示关闭');
    await screen.get('collapse').click();
    expect(await screen.page.innerText('body')).not.toContain('1 项');
  });

  test('red and orange cannot be told apart while it is closed', async () => {
    const pictures: string[] = [];
    for (const visit of [pregnantGirl(), bruisedInfant()]) {
      await each.hospital.send(visit);
      const screen = await each.open();
      await screen.get('s1-bar').waitFor();
      pictures.push((await screen.get('s1-bar').screenshot()).toString('base64'));
      await screen.close();
      // The one prompt there is, so that the next picture has one as well.
      await each.hospital.gatewayRows('truncate prompts cascade');
    }
    expect(pictures[0]).toBe(pictures[1]);
  });
});
