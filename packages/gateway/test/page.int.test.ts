import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fixture, makeFixture } from './support/fixture.js';
import { hangsUp, takes } from './support/scripted-relay.js';
import { bruisedInfant, hcg, maltreatedInfant, pregnantGirl } from './support/visits.js';

const CHROMIUM = [process.env['CHROMIUM_PATH'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path !== '' && existsSync(path),
);
if (CHROMIUM === undefined) {
  const why = 'the press page in a browser, no Chromium is installed (CHROMIUM_PATH names one)';
  if (process.env['CI'] === 'true' || process.env['REQUIRE_SERVICES'] === '1') throw new Error(`required: ${why}`);
  console.warn(`skipped: ${why}`);
}

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'];

describe.skipIf(CHROMIUM === undefined)('the press page in a browser', () => {
  let fixture: Fixture;
  let browser: Browser;
  let his: Server;
  let context: BrowserContext;
  const complaints: string[] = [];

  beforeAll(async () => {
    fixture = await makeFixture();
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: FLAGS });
    // What a HIS does: a form that posts the token to the gateway.
    his = createServer((_request, response) => {
      void fixture.clinician().then((token) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(
          `<form method="post" action="${fixture.url}/launch"><input name="token" value="${token}"><button>open</button></form>`,
        );
      });
    });
    await new Promise<void>((resolve) => {
      his.listen(0, '127.0.0.1', resolve);
    });
  });
  afterAll(async () => {
    await browser.close();
    his.close();
    await fixture.close();
  });
  beforeEach(async () => {
    await fixture.reset();
    complaints.length = 0;
    await context?.close();
    context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' });
  });

  async function open(): Promise<Page> {
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    const { port } = his.address() as { port: number };
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.click('button');
    await page.waitForSelector('header');
    return page;
  }

  const at = (id: string): string => `[data-testid="${id}"]`;
  const headline = async (page: Page, text: string): Promise<void> =>
    page.locator(at('s3-headline'), { hasText: text }).waitFor({ timeout: 10_000 });

  test('three interactions make a report; it says submitted only after the 202, fits 360 px, and complains of nothing', async () => {
    await fixture.send(pregnantGirl());
    await fixture.send(bruisedInfant());
    await fixture.send(maltreatedInfant({ id: 'V9', patient: { id: 'P9', birthDate: '2026-08-10' } }));
    const page = await open();
    await page.locator(at('s1-bar')).nth(2).waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/张|女|岁|报告|公安/);
    let taken = false;
    const take = takes();
    fixture.relay.behave = (...args) => {
      taken = true;
      take(...args);
    };
    await page.locator(at('s1-bar')).first().click();
    expect(await page.locator(at('s1-panel')).innerText()).toContain('张*婷');
    await page.click(at('s1-report'));
    expect(taken).toBe(false);
    await page.click(at('s2-confirm'));
    await headline(page, '已提交　编号 440299-261122-010001-0，等待公安签收');
    expect(taken).toBe(true);
    expect(await page.locator(at('s3-script')).innerText()).toContain('440299-261122-010001-0');
    expect(
      await page.evaluate(() => [
        document.documentElement.scrollWidth - window.innerWidth,
        localStorage.length,
        sessionStorage.length,
        document.cookie,
      ]),
    ).toEqual([0, 0, 0, '']);
    expect(await page.content()).not.toContain('张晓婷');
    expect(complaints).toEqual([]);
  });

  test('what is filled in goes out as it was written, and is not drawn over by what the stream brings', async () => {
    await fixture.send(pregnantGirl());
    const page = await open();
    await page.locator(at('s1-bar')).click();
    await page.click(at('s1-report'));
    await page.fill(at('s2-observed'), '血HCG 12500，陪同人不让孩子说话');
    await page.fill(at('s2-verbatim'), '他不让我说');
    await page.selectOption(at('s2-where'), 'left');
    await page.selectOption(at('s2-companionInvolved'), 'yes');
    await page.selectOption(at('s2-unsafeHome'), 'yes');
    await fixture.send(pregnantGirl({ observations: [hcg('13100')] }));
    await fixture.send(bruisedInfant());
    await page.locator(at('s1-bar')).nth(1).waitFor();
    expect(await page.inputValue(at('s2-observed'))).toBe('血HCG 12500，陪同人不让孩子说话');
    await page.press(at('s2-observed'), 'Control+Enter');
    await headline(page, '已提交');
    expect(JSON.parse(fixture.relay.arrivals[0]?.body.toString('utf8') ?? '')).toMatchObject({
      mode: 'test',
      patient: { name: '张晓婷' },
      whereabouts: { status: 'left' },
      suspicion: { observed: '血HCG 12500，陪同人不让孩子说话', statements: [{ speaker: 'child', verbatim: '他不让我说' }] },
      companions: [{ relationship: '自称哥哥', mayBeInvolved: 'yes' }],
      safety: { immediateDanger: 'unknown', safeToGoHome: 'no' },
    });
  });

  test('two tabs of one person are one report, and the second shows the first', async () => {
    await fixture.send(pregnantGirl());
    const pages = [await open(), await open()];
    for (const page of pages) {
      await page.locator(at('s1-bar')).click();
      await page.click(at('s1-report'));
    }
    fixture.relay.events.push({ number: '440299-261122-010001-0', lines: [] });
    await pages[0]?.click(at('s2-confirm'));
    await headline(pages[0] as Page, '440299-261122-010001-0');
    await pages[1]?.fill(at('s2-observed'), 'other words');
    await pages[1]?.click(at('s2-confirm'));
    await headline(pages[1] as Page, '440299-261122-010001-0');
    expect(await fixture.rows('select state from presses')).toEqual([{ state: 'submitted' }]);
    expect(fixture.relay.arrivals).toHaveLength(1);
  });

  test('held says so and never submitted, then the stream brings the number and each stage by its own word', async () => {
    await fixture.send(pregnantGirl());
    const page = await open();
    fixture.relay.behave = hangsUp;
    await page.locator(at('s1-bar')).click();
    await page.click(at('s1-report'));
    await page.click(at('s2-confirm'));
    await headline(page, '已存在网关，尚未发出');
    expect(await page.locator(at('s1-bar')).innerText()).toContain('已存在网关，尚未发出');
    const line = (state: string, more: object = {}): object => ({
      number: '440299-261122-010001-0',
      lines: [
        {
          state,
          storedAt: null,
          acceptedAt: null,
          agencyNumber: null,
          recipient: { kind: 'police', name: { zh: '县公安局', en: 'police' } },
          ...more,
        },
      ],
    });
    fixture.relay.events.push(
      line('open') as Record<string, unknown>,
      line('stored', { storedAt: '2026-11-22T12:31:00Z' }) as Record<string, unknown>,
    );
    fixture.relay.behave = takes();
    fixture.clock.advance(60_000);
    await headline(page, '公安系统已签收 20:31，等待受理');
    expect(await page.locator(at('s3-lines')).innerText()).toContain('已签收');
    expect(await page.locator(at('s3-lines')).innerText()).not.toContain('已受理');
  });

  test('a gateway that cannot be reached is 尚未送达，请拨打110, and the same press goes out when it is back', async () => {
    await fixture.send(pregnantGirl());
    const page = await open();
    await page.locator(at('s1-bar')).click();
    await page.click(at('s1-report'));
    await page.route('**/v1/reports', (route) => route.abort());
    await page.click(at('s2-confirm'));
    await headline(page, '尚未送达，请拨打110');
    expect(fixture.relay.arrivals).toEqual([]);
    await page.unroute('**/v1/reports');
    await headline(page, '已提交');
    expect(fixture.relay.arrivals).toHaveLength(1);
  });

  test('a decision and a deferral are made on the page, and a prompt that changed meanwhile is shown again', async () => {
    await fixture.send(bruisedInfant());
    await fixture.send(pregnantGirl());
    const page = await open();
    await page.locator(at('s1-bar')).nth(1).waitFor();
    await page.locator(at('s1-bar')).first().click();
    await page.click(at('s1-defer'));
    await page.locator(at('s1-bar'), { hasText: '稍后提醒 20:45' }).waitFor();
    await page.locator(at('s1-bar')).nth(1).click();
    await page.click(at('s1-decide'));
    await fixture.send(maltreatedInfant());
    await page.selectOption(at('s5-code'), 'clear-accident');
    await page.click(at('s5-record'));
    await page.locator(at('s1-panel'), { hasText: '提示内容已更新' }).waitFor();
    await page.click(at('s1-decide'));
    expect(await page.locator(`${at('s5-code')} option`).allInnerTexts()).toEqual([
      '不是该患者',
      '已满18周岁',
      '检查结果已更正',
      '编码或录入错误',
    ]);
    await page.click(at('s5-record'));
    await page.locator(at('s1-bar'), { hasText: '已记录' }).waitFor();
    expect(await fixture.rows(`select code from prompt_events where kind = 'decided'`)).toEqual([{ code: 'wrong-patient' }]);
  });

  test('without a good token is a page that says how to come in, and tells nothing', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'zh-CN' };
    const answer = await fixture.gateway.app.inject({ method: 'POST', url: '/launch', headers, payload: 'token=canary' });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain('请从医生工作站重新打开本页');
    expect(answer.body).not.toMatch(/canary|id="session"/);
    expect(answer.headers['content-security-policy']).toContain(`default-src 'none'`);
  });
});
