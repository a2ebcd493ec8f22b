import type { Browser, Page } from 'playwright-core';

/** A workstation's screen, and the narrowest one that pages must be usable on. */
export const SIZES = [
  { name: '1280', width: 1280, height: 800 },
  { name: '360', width: 360, height: 740 },
] as const;
export type Size = (typeof SIZES)[number];

/** One child for each size: a prompt that has been answered is another picture. */
const CHILDREN: Readonly<Record<Size['name'], string>> = { '1280': '张晓婷', '360': '苏雨晴' };

export interface Addresses {
  readonly his: string;
  readonly police: string;
  readonly officer: string;
  readonly code: string;
  /** The duty desk of the hospital, and who signs in there. */
  readonly duty: { readonly url: string; readonly officer: string; readonly code: string };
}

/** The addresses and codes as the demo prints them for a person. */
export function addressesIn(output: string): Addresses {
  const found =
    /demo HIS\s+(http\S+)\s+duty desk\s+(http\S+)\s+officer (\S+), code (\S+)\s+police\s+(http\S+)\s+officer (\S+), code (\S+)/.exec(
      output,
    );
  const [, his, url, dutyOfficer, dutyCode, police, officer, code] = found ?? [];
  if (his === undefined || police === undefined || officer === undefined || code === undefined) {
    throw new Error(`not the addresses a demo prints:\n${output}`);
  }
  return { his, police, officer, code, duty: { url: url ?? '', officer: dutyOfficer ?? '', code: dutyCode ?? '' } };
}

/** What is done with a page at a moment that has a name. */
export type Keep = (page: Page, name: string) => Promise<void>;

/** Goes through one report as a doctor and an officer do, from the chart to 公安已受理; `keep` sees every screen on the way. */
export async function walk(browser: Browser, size: Size, addresses: Addresses, keep: Keep): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: size.width, height: size.height },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  });
  try {
    const doctor = await context.newPage();
    await openChart(doctor, addresses.his, CHILDREN[size.name]);
    await keep(doctor, 'his');
    await report(doctor, keep);
    await watch(await context.newPage(), keep, addresses);
    await accept(await context.newPage(), keep, addresses);
    await doctor.bringToFront();
    await doctor.getByTestId('s3-headline').filter({ hasText: '公安已受理' }).waitFor();
    await keep(doctor, 's3-accepted');
  } finally {
    await context.close();
  }
}

/** Signs in, opens a chart, and takes back a result that is still out. */
async function openChart(page: Page, his: string, child: string): Promise<void> {
  await page.goto(his);
  await page.getByRole('button', { name: '进入工作站' }).click();
  await page.locator('.work[data-ready]').waitFor();
  await chooseChart(page, child);
  const results = page.locator('[data-results]');
  if ((await results.count()) > 0) {
    await results.click();
    await results.waitFor({ state: 'detached' });
  }
  await page.getByTestId('s1-bar').waitFor();
  await page.evaluate(() => window.scrollTo(0, 0));
}

/** Another patient, as the doctor chooses one in the list. */
export async function chooseChart(page: Page, child: string): Promise<void> {
  const back = page.locator('[data-back]');
  if (await back.isVisible()) await back.click();
  await page.locator('.visit', { hasText: child }).click();
  await page.locator(`form[data-name="${child}"]`).waitFor();
}

/** S1, S2, S3: three interactions. */
async function report(page: Page, keep: Keep): Promise<void> {
  await page.getByTestId('s1-bar').click();
  await page.getByTestId('s1-report').waitFor();
  await keep(page, 's1-prompt');
  await page.getByTestId('s1-report').click();
  await page.getByTestId('s2-confirm').waitFor();
  await keep(page, 's2-confirm');
  await page.getByTestId('s2-confirm').click();
  await page.getByTestId('s3-headline').filter({ hasText: '公安系统已签收' }).waitFor();
  await keep(page, 's3-stored');
}

/** S9: what no officer has accepted yet, and whom to call. */
async function watch(page: Page, keep: Keep, { duty }: Addresses): Promise<void> {
  await page.goto(duty.url);
  await signIn(page, duty);
  await page.locator('.row').first().waitFor();
  await keep(page, 'duty');
  await page.locator('.row .button').first().click();
  await page.locator('#call').waitFor();
  await keep(page, 'duty-report');
}

async function signIn(page: Page, { officer, code }: { readonly officer: string; readonly code: string }): Promise<void> {
  await page.getByLabel('工号').fill(officer);
  await page.getByLabel('个人口令').fill(code);
  await page.getByRole('button', { name: '登录' }).click();
}

/** S10: list, report, 受理. */
async function accept(page: Page, keep: Keep, { police, officer, code }: Addresses): Promise<void> {
  await page.goto(police);
  await signIn(page, { officer, code });
  await page.locator('.row').first().waitFor();
  await keep(page, 'inbox');
  await page.locator('.row a').first().click();
  const press = page.getByRole('button', { name: '受理', exact: true });
  await press.waitFor();
  await keep(page, 'inbox-report');
  await press.click();
  await page.locator('.headline[data-stage=accepted]').waitFor();
}
