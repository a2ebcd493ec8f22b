import { waitUntil } from '@zhida/testkit';
import { beforeEach, expect, test } from 'vitest';
import { OFFICER } from './support/agency.js';
import { describeAtHospital, describeAtSharedHospital } from './support/describe-hospital.js';
import type { Hospital } from './support/hospital.js';
import { at, type Screen } from './support/page.js';
import { bruisedInfant, pregnantGirl } from './support/visits.js';

const INJURY = ['delay', 'interaction', 'fit', 'worry'] as const;

const tick = (screen: Screen, question: string, answer: 'normal' | 'abnormal' | 'not-asked'): Promise<void> =>
  screen.page.locator(`${at(`s4-injury.${question}`)} label`, { has: screen.page.locator(`input[value="${answer}"]`) }).click();
const chosen = (screen: Screen, question: string): Promise<string | null> =>
  screen.page.locator(`${at(`s4-injury.${question}`)} input:checked`).getAttribute('value');

describeAtHospital('the orange flow in a real page, through real services', (each) => {
  const { open } = each;
  let hospital: Hospital;
  beforeEach(() => {
    hospital = each.hospital;
  });

  const kept = (count: number): Promise<unknown> =>
    waitUntil(
      async () => {
        const [row] = await hospital.gatewayRows('select coalesce(max(revision), 0) as revision from prompt_answers');
        return Number(row?.['revision']) >= count;
      },
      { what: `${count} answers at the gateway` },
    );

  test('正常 to every question: one key decides it, and the answers stand with the decision, sealed', async () => {
    await hospital.send(bruisedInfant());
    const screen = await open();
    await screen.get('s1-bar').click();
    await screen.get('s4-panel').waitFor();
    expect(await screen.page.locator(`${at('s4-panel')} h2`).innerText()).toBe('按已知情况勾选，不必追问');
    expect(await screen.page.locator(`${at('s4-panel')} [role=radiogroup] > p`).allInnerTexts()).toEqual([
      '就诊有没有不合理拖延？',
      '家属与孩子的互动有没有反常？',
      '伤情与经过、发育能力对得上吗？',
      '还有别的不放心吗（旧伤、原话、多次就诊）？',
    ]);
    expect(await screen.get('s4-injury.fit').locator('label').allInnerTexts()).toEqual(['正常 对得上', '异常 对不上', '没问到']);
    expect(await Promise.all(INJURY.map((question) => chosen(screen, question)))).toEqual(Array(4).fill('not-asked'));
    for (const question of INJURY) {
      expect(await screen.get('s4-not-now').count()).toBe(0);
      await tick(screen, question, 'normal');
    }
    expect(await screen.get('s4-report').getAttribute('class')).toBe('');
    await screen.get('s4-not-now').click();
    await screen.get('s1-state').waitFor();
    expect(await screen.get('notice').innerText()).toBe('已记录，保护专员24小时内复核，不影响您接诊');
    const events = await hospital.gatewayRows(`select code, sealed_answers from prompt_events where kind = 'decided'`);
    expect(events).toEqual([{ code: 'assessed-not-now', sealed_answers: expect.any(Buffer) }]);
    expect(await hospital.reports()).toEqual([]);
    expect(screen.complaints).toEqual([]);
  });

  test('one 异常 makes 报告 the way on: four interactions end at 公安系统已签收, with what was answered in the report', async () => {
    await hospital.send(bruisedInfant());
    const screen = await open();
    await screen.get('s1-bar').click();
    await tick(screen, 'fit', 'abnormal');
    expect(await screen.get('s4-report').getAttribute('class')).toBe('primary');
    expect(await screen.get('s4-not-now').count()).toBe(0);
    await tick(screen, 'interaction', 'abnormal');
    await screen.get('s4-report').click();
    await screen.get('s2-panel').waitFor();
    expect(await screen.get('s2-observed').inputValue()).toMatch(/瘀斑.*；家属与孩子的互动有没有反常？有$/);
    await screen.get('s2-confirm').click();
    expect(await screen.headline('stored')).toMatch(/^公安系统已签收/);
    const [row] = await hospital.police.receiver.list();
    const opened = await hospital.police.receiver.open(row?.deliveryId ?? '', OFFICER);
    expect(JSON.stringify(opened)).toMatch(/"mechanismFits":"no"/);
    expect(await hospital.gatewayRows(`select sealed_answers from prompt_events where kind = 'pressed'`)).toEqual([
      { sealed_answers: expect.any(Buffer) },
    ]);
    expect(await hospital.reports()).toHaveLength(1);
  });

  test('想先请教 shows whom to call, comes back later, and the answers are still there: in this page, in another, after a reload', async () => {
    await hospital.send(bruisedInfant());
    const one = await open();
    await one.get('s1-bar').click();
    await tick(one, 'delay', 'normal');
    await kept(1);
    await one.get('s4-consult').click();
    await one.get('s5-advisers').waitFor();
    expect(await one.get('s5-advisers').innerText()).toMatch(/县人民检察院[\s\S]*0000-1112309[\s\S]*总值班[\s\S]*0000-5550100/);
    await one.get('collapse').click();
    await one.page.locator(at('s1-bar'), { hasText: '再提醒' }).waitFor();
    const two = await open({ context: one.page.context() });
    for (const screen of [one, two]) await screen.get('s1-bar').click();
    await one.get('back').click();
    expect([await chosen(one, 'delay'), await chosen(two, 'delay')]).toEqual(['normal', 'normal']);
    await tick(two, 'worry', 'abnormal');
    await one.page.locator(`${at('s4-report')}.primary`).waitFor();
    await tick(one, 'fit', 'normal');
    await kept(3);
    await one.page.reload();
    await one.get('s1-bar').click();
    await one.get('s4-panel').waitFor();
    expect(await Promise.all(INJURY.map((question) => chosen(one, question)))).toEqual(['normal', 'not-asked', 'normal', 'abnormal']);
  });

  test('a patient switched under it: nothing is answered for another child, and the buttons say whom they are for', async () => {
    const [infant, other] = [bruisedInfant(), bruisedInfant()];
    await hospital.send(infant);
    await hospital.send(other);
    const screen = await open();
    await screen.openChart(infant);
    await screen.get('s1-bar').click();
    for (const question of INJURY) await tick(screen, question, 'normal');
    await kept(4);
    await screen.openChart(other);
    expect(await screen.get('window').count()).toBe(0);
    await screen.get('s1-bar').click();
    expect(await chosen(screen, 'delay')).toBe('not-asked');
    await screen.get('next').click();
    expect(await screen.get('s4-not-now').innerText()).toBe('孔*宝 暂不报告（已核查）');
    expect(await screen.get('s4-report').innerText()).toBe('仍为 孔*宝 报告');
    const rows = await hospital.gatewayRows('select count(distinct prompt_id)::int as prompts from prompt_answers');
    expect(rows).toEqual([{ prompts: 1 }]);
  });
});

describeAtSharedHospital('S4 as a page', (each) => {
  test('by keyboard alone: the first question has the focus, arrows answer, Ctrl+Enter goes on; every group has its name', async () => {
    await each.hospital.send(bruisedInfant());
    const screen = await each.open();
    await screen.get('s1-bar').waitFor();
    const { keyboard } = screen.page;
    await keyboard.press('Control+Shift+H');
    await screen.get('s4-panel').waitFor();
    for (const [turn] of INJURY.entries()) {
      if (turn > 0) await keyboard.press('Tab');
      // 没问到 is chosen, and 正常 is two to the left.
      await keyboard.press('ArrowLeft');
      await keyboard.press('ArrowLeft');
    }
    expect(await Promise.all(INJURY.map((question) => chosen(screen, question)))).toEqual(Array(4).fill('normal'));
    for (const group of await screen.page.getByRole('radiogroup').all())
      expect(
        await group.evaluate(
          (element) => (element.getRootNode() as ShadowRoot).getElementById(element.getAttribute('aria-labelledby') ?? '')?.textContent,
        ),
      ).toMatch(/？$/);
    await screen.page.getByRole('radiogroup', { name: '就诊有没有不合理拖延？' }).waitFor();
    expect(await screen.get('s4-said').innerText()).toBe('全部正常');
    await keyboard.press('Control+Enter');
    await screen.get('s1-state').waitFor();
    expect(await screen.focused()).not.toBeNull();
  });

  test.each([
    ['360 px', { width: 360, height: 740 }],
    ['1280 px', { width: 1280, height: 800 }],
    ['1280 px at 200 %', { width: 640, height: 400 }],
  ])('at %s nothing is cut off sideways and the buttons stay within reach', async (_what, size) => {
    await each.hospital.send(bruisedInfant());
    const screen = await each.open(size);
    await screen.get('s1-bar').click();
    await screen.get('s4-panel').waitFor();
    for (const button of ['s4-report', 's4-consult', 's4-dial']) {
      const box = await screen.get(button).boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(size.width);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(size.height);
    }
    const over = await screen.page.evaluate(() => {
      const page = document.querySelector('zhida-prompt')?.shadowRoot?.querySelector('.page');
      return [document.documentElement.scrollWidth - window.innerWidth, (page?.scrollWidth ?? 0) - (page?.clientWidth ?? 0)];
    });
    expect(over).toEqual([0, 0]);
  });

  test('where the later pages do not load, S1 stands in its place and the report is made all the same', async () => {
    await each.hospital.send(bruisedInfant());
    const screen = await each.open();
    await screen.page.route('**/widget-more.js', (route) => route.abort());
    await screen.report();
    expect(await each.hospital.reports()).toHaveLength(1);
  });

  test('what is to be reported at once asks nothing first', async () => {
    await each.hospital.send(pregnantGirl());
    const screen = await each.open();
    await screen.get('s1-bar').click();
    await screen.get('s1-report').waitFor();
    expect(await screen.get('s4-panel').count()).toBe(0);
  });
});
