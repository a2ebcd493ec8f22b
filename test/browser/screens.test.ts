import { beforeEach, expect, test } from 'vitest';
import { describeAtHospital, describeAtSharedHospital } from './support/describe-hospital.js';
import type { Hospital } from './support/hospital.js';
import { at } from './support/page.js';
import { bruisedInfant, pregnantGirl } from './support/visits.js';

describeAtHospital('the widget on small, old and locked-down screens', (each) => {
  const { open } = each;
  let hospital: Hospital;
  beforeEach(() => {
    hospital = each.hospital;
  });

  test('by keyboard alone: hotkey, Enter, Ctrl+Enter, and the hotkey hides and brings back the same page', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    const { keyboard } = screen.page;
    await screen.get('s1-bar').waitFor();
    await screen.page.focus('#his');
    await keyboard.press('Control+Shift+H');
    await screen.get('s1-panel').waitFor();
    await keyboard.press('Enter');
    await screen.get('s2-panel').waitFor();
    await screen.get('s2-observed').focus();
    await keyboard.type('陪同人催促离开。');
    await keyboard.press('Control+Shift+H');
    await screen.get('s1-bar').waitFor();
    await keyboard.press('Control+Shift+H');
    expect(await screen.get('s2-observed').inputValue()).toContain('陪同人催促离开。');
    await screen.get('s2-observed').focus();
    await keyboard.press('Control+Enter');
    await screen.headline('stored');
    expect(await hospital.reports()).toHaveLength(1);
  });

  test('another person at the same page sees nothing of what the one before wrote, whether the page names them or their token does', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    await screen.get('s2-observed').fill('李医生写的');
    hospital.his.account = 'D1002';
    await screen.page.evaluate(() => document.querySelector('zhida-prompt')?.setAttribute('clinician-id', 'D1002'));
    await screen.get('window').waitFor({ state: 'detached' });
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    expect(await screen.get('s2-observed').inputValue()).not.toContain('李医生写的');
    expect(await screen.get('s2-footer').innerText()).toContain('王护士');
    await screen.get('s2-observed').fill('王护士写的');
    // Signed in elsewhere, in a session all tabs share: nobody told this page.
    hospital.his.account = 'D1001';
    await screen.setHidden(true);
    await screen.setHidden(false);
    await screen.get('window').waitFor({ state: 'detached' });
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    expect(await screen.get('s2-footer').innerText()).toContain('李医生');
    expect(await screen.get('s2-observed').inputValue()).not.toContain('写的');
    // While it is out of the page nobody is asked who sits there; back in it, it is that person's.
    const asked: string[] = [];
    screen.page.on('request', (request) => {
      if (request.url().endsWith('/zhida-token')) asked.push(request.method());
    });
    hospital.his.account = 'D1002';
    await screen.page.evaluate(async () => {
      const widget = document.querySelector('zhida-prompt');
      widget?.remove();
      widget?.setAttribute('clinician-id', 'D1002, again');
      await fetch('/zhida-token');
      Object.assign(window, { widget });
    });
    expect(asked).toHaveLength(1);
    await screen.page.evaluate(() => document.body.append((window as unknown as { widget: Element }).widget));
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    expect(await screen.get('s2-footer').innerText()).toContain('王护士');
  });

  test('a press that is refused after its person has left is told to the next one, who is asked again', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    let refused = false;
    await screen.page.route('**/v1/reports', (route) =>
      refused ? route.fulfill({ status: 401, json: { code: 'ZD_ERR_TOKEN_INVALID' } }) : route.fulfill({ status: 503 }),
    );
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    await screen.get('s2-confirm').click();
    await screen.headline('undelivered');
    hospital.his.account = 'D1002';
    await screen.page.evaluate(() => document.querySelector('zhida-prompt')?.setAttribute('clinician-id', 'D1002'));
    await screen.get('window').waitFor({ state: 'detached' });
    refused = true;
    await screen.get('s1-bar').click();
    await screen.page.locator(at('refusals'), { hasText: '有1份' }).waitFor();
    await screen.get('s1-report').waitFor();
  });

  test('calls are logged beside the report: the next number, 警情编号, and no headline moves for them', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    hospital.police.down = true;
    hospital.civilAffairs.down = true;
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    await screen.get('s2-confirm').click();
    await screen.headline('submitted');
    expect(await screen.get('s3-dial').innerText()).toBe('拨打 110');
    await screen.get('s3-no-answer').click();
    expect(await screen.get('s3-dial').innerText()).toBe('拨打 0000-1100110');
    await screen.get('s3-answered').click();
    await screen.get('s3-incident-number').fill('J44029900112');
    await screen.get('s3-log-call').click();
    await screen.page.locator(`${at('s3-calls')} li`, { hasText: 'J44029900112' }).waitFor();
    await screen.page.waitForFunction(() => {
      const calls = document.querySelector('zhida-prompt')?.shadowRoot?.querySelector('[data-testid="s3-calls"]');
      return calls?.textContent?.includes('待记录') === false;
    });
    expect(await screen.get('s3-headline').getAttribute('data-headline')).toBe('submitted');
  });

  test('the other answers of S1: put off, known to the police, not so', async () => {
    await hospital.send(pregnantGirl());
    const screen = await open();
    await screen.get('s1-bar').click();
    await screen.get('s1-defer').click();
    await screen.page.locator(at('s1-bar'), { hasText: '再提醒' }).waitFor();
    await screen.get('s1-bar').click();
    await screen.get('s1-decide').click();
    await screen.get('s5-panel').waitFor();
    expect(await screen.page.locator(`${at('s5-code')} label`).allInnerTexts()).toEqual([
      '不是该患者',
      '已满18周岁',
      '检查结果已更正',
      '编码或录入错误',
    ]);
    await screen.get('back').click();
    await screen.get('s1-known').click();
    await screen.get('s5-brought').click();
    await screen.page.locator(at('notice'), { hasText: '已记录，保护专员24小时内复核，不影响您接诊' }).waitFor();
    expect(await hospital.gatewayRows(`select code from prompt_events where kind in ('deferred', 'decided') order by id`)).toEqual([
      { code: 'treat-first' },
      { code: 'known-to-police' },
    ]);
    expect(await hospital.reports()).toEqual([]);
  });

  test('a nurse is asked to tell the doctor and may report herself; orange asks to check', async () => {
    hospital.his.role = 'nurse';
    hospital.his.account = 'N2001';
    await hospital.send(bruisedInfant());
    const screen = await open();
    await screen.get('s1-bar').click();
    expect(await screen.get('s4-nurse').innerText()).toBe('请告知接诊医生，也可由您直接报告');
    expect(await screen.get('s4-set-injury').innerText()).toMatch(/^请核查：/);
    await screen.get('s4-report').click();
    await screen.get('s2-confirm').click();
    await screen.headline('stored');
  });

  test('S6: a pathologist without a HIS account reports from the intranet page with a staff number and one sentence', async () => {
    const screen = await open({ width: 360, height: 740 });
    await screen.page.goto(`${hospital.gatewayUrl}/manual`);
    await screen.get('s6-panel').waitFor();
    expect(await screen.focused()).toBe('s6-panel');
    expect(await screen.get('s6-confirm').isDisabled()).toBe(true);
    await screen.get('s6-text').fill('外送标本，10岁，尖锐湿疣');
    await screen.get('s6-staff-id').fill('B77');
    await screen.get('s6-confirm').click();
    await screen.headline('stored');
    const [report] = await hospital.reports();
    expect(await screen.get('s3-number').innerText()).toBe(`编号 ${report?.number}`);
    const [row] = await hospital.police.receiver.list();
    const opened = await hospital.police.receiver.open(row?.deliveryId ?? '', { id: 'duty', name: '值班员' });
    expect(JSON.stringify(opened)).toContain('外送标本，10岁，尖锐湿疣');
    await screen.get('s6-again').click();
    expect(await screen.get('s6-staff-id').inputValue()).toBe('B77');
    expect(await screen.get('s6-text').inputValue()).toBe('');
    expect(screen.complaints).toEqual([]);
  });

  test('S6 from a chart: the current patient is prefilled, a chip alone is enough, a double click is one report', async () => {
    const infant = bruisedInfant({ notes: [], conditions: [{ code: 'J06.900', system: 'icd-10-cn', text: '上呼吸道感染' }] });
    await hospital.send(infant);
    const screen = await open();
    await screen.openChart(infant);
    await screen.get('s6-open').click();
    await screen.get('s6-panel').waitFor();
    expect(await screen.page.locator(`${at('s6-situations')} label`).count()).toBe(10);
    await screen.get('s6-patient').waitFor();
    expect(await screen.get('s6-patient').innerText()).toContain('孔*宝');
    await screen.page.locator(`${at('s6-situations')} label`, { hasText: '说不清，就是不放心' }).click();
    await screen.get('s6-confirm').dblclick();
    await screen.headline('stored');
    expect(await hospital.reports()).toHaveLength(1);
  });
});

describeAtSharedHospital('the widget as a page on small, old and locked-down screens', (each) => {
  test('every control has a name, and the tab key reaches the chips of S2', async () => {
    await each.hospital.send(pregnantGirl());
    const screen = await each.open();
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    const unnamed = await screen.page.locator('zhida-prompt').evaluate((element) => {
      const controls = [...(element.shadowRoot?.querySelectorAll<HTMLElement>('button, input, textarea, summary') ?? [])];
      return controls
        .filter((control) => {
          const label = control.closest('label')?.textContent ?? control.getAttribute('aria-label') ?? control.textContent ?? '';
          return label.trim() === '' && control.closest('fieldset') === null;
        })
        .map((control) => control.outerHTML.slice(0, 80));
    });
    expect(unnamed).toEqual([]);
    await screen.get('s2-verbatim').focus();
    await screen.page.keyboard.press('Tab');
    await screen.page.keyboard.press('ArrowLeft');
    await screen.page.keyboard.press('ArrowLeft');
    expect(await screen.page.locator(`${at('s2-danger')} input:checked`).getAttribute('value')).toBe('yes');
  });

  test.each([
    ['360 px', { width: 360, height: 640 }],
    ['1280 px at 200 %', { width: 640, height: 400 }],
  ])('at %s nothing is cut off sideways, and the press stays within reach on every page', async (_what, size) => {
    await each.hospital.send(pregnantGirl());
    const screen = await each.open(size);
    const fits = async (button: string): Promise<void> => {
      const box = await screen.get(button).boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(size.width);
      const over = await screen.page.evaluate(() => {
        const page = document.querySelector('zhida-prompt')?.shadowRoot?.querySelector('.page');
        return [document.documentElement.scrollWidth - window.innerWidth, (page?.scrollWidth ?? 0) - (page?.clientWidth ?? 0)];
      });
      expect(over).toEqual([0, 0]);
    };
    await screen.get('s1-bar').click();
    await fits('s1-report');
    await screen.get('s1-report').click();
    await fits('s2-confirm');
    const confirm = await screen.get('s2-confirm').boundingBox();
    expect((confirm?.y ?? 0) + (confirm?.height ?? 0)).toBeLessThanOrEqual(size.height);
    await screen.get('s2-confirm').click();
    await screen.headline('stored');
    await fits('s3-answered');
  });

  test('on an engine without globalThis the report is made all the same', async () => {
    await each.hospital.send(pregnantGirl());
    const screen = await each.open({ path: '/?without=globalThis' });
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    await screen.get('s2-confirm').click();
    await screen.headline('stored');
    await screen.get('s3-voucher').waitFor();
    expect(screen.complaints).toEqual([]);
  });

  test('nothing is written to disk and nothing of a credential stands in an address', async () => {
    await each.hospital.send(pregnantGirl());
    const screen = await each.open();
    const addresses: string[] = [];
    screen.page.on('request', (request) => addresses.push(request.url()));
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    await screen.get('s2-draft').click();
    await screen.page.locator(`${at('s2-panel')} .quiet`, { hasText: '草稿已存' }).waitFor();
    await screen.get('s2-confirm').click();
    await screen.headline('stored');
    const kept = await screen.page.evaluate(async () => [
      localStorage.length,
      sessionStorage.length,
      document.cookie,
      (await indexedDB.databases()).length,
      (await caches.keys()).length,
    ]);
    expect(kept).toEqual([0, 0, '', 0, 0]);
    expect(addresses.filter((address) => /token|ticket|eyJ|张|P-/.test(address) && !address.endsWith('/zhida-token'))).toEqual([]);
    const origins = new Set(addresses.map((address) => new URL(address).origin));
    expect(origins).toEqual(new Set([each.hospital.gatewayUrl, each.hospital.his.url].filter((origin) => origins.has(origin))));
  });

  test('S7: a result that comes when the child has left says so, and what to do before the child is called back', async () => {
    const start = new Date(Date.now() - 50 * 3_600_000).toISOString();
    await each.hospital.send(
      pregnantGirl({ disposition: 'home', period: { start, end: new Date(Date.now() - 49 * 3_600_000).toISOString() } }),
    );
    const screen = await each.open();
    await screen.get('s1-bar').click();
    await screen.get('s7-left').waitFor();
    expect((await screen.get('s7-left').innerText()).split('\n')).toEqual([
      '结果回报时患儿已离院',
      '召回前先与公安商定说法，不发短信给家属',
    ]);
  });

  test('a draft comes back in a new page', async () => {
    await each.hospital.send(pregnantGirl());
    const screen = await each.open();
    await screen.get('s1-bar').click();
    await screen.get('s1-report').click();
    await screen.get('s2-observed').fill('先存一下');
    await screen.get('s2-draft').click();
    await screen.page.locator(`${at('s2-panel')} .quiet`, { hasText: '草稿已存' }).waitFor();
    const again = await each.open();
    await again.get('s1-bar').click();
    await again.get('s1-report').click();
    expect(await again.get('s2-observed').inputValue()).toBe('先存一下');
  });
});
