import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@zhida/testkit';
import { type Browser, chromium, type Page } from 'playwright-core';
import { removeRun, startDemo } from '../support/demo-run.js';

const BASE_PORT = 17_600;
const FOLDER = join(import.meta.dirname, '../../docs/images');
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** A workstation's screen, and the narrowest one that pages must be usable on. */
const SIZES = [
  { name: '1280', width: 1280, height: 800 },
  { name: '360', width: 360, height: 740 },
] as const;
type Size = (typeof SIZES)[number];

/** One children's visit for each size: a prompt that has been answered is another picture. */
const CHILDREN: Record<Size['name'], string> = { '1280': '张晓婷', '360': '苏雨晴' };

interface Addresses {
  readonly his: string;
  readonly police: string;
  readonly officer: string;
  readonly code: string;
}

/**
 * `pnpm images`: starts the demo, goes through a report as a doctor and an officer do, and keeps what they see as docs/images.
 * Needs Chromium (`CHROMIUM` names it) and Chinese fonts. Run again it makes the same pictures of another day.
 */
async function main(): Promise<void> {
  requireTools();
  mkdirSync(FOLDER, { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), 'zhida-images-'));
  const demo = startDemo(directory, BASE_PORT);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    await waitUntil(() => demo.output().includes('Ctrl-C') || demo.child.exitCode !== null, { deadlineMs: 240_000, what: 'the demo' });
    const addresses = addressesIn(demo.output());
    for (const size of SIZES) await takeAll(browser, size, addresses);
  } finally {
    await browser.close();
    process.kill(-(demo.child.pid ?? 0), 'SIGINT');
    await demo.ended;
    removeRun(directory);
  }
}

function requireTools(): void {
  if (!existsSync(CHROMIUM)) throw new Error(`no Chromium at ${CHROMIUM}; say where it is with CHROMIUM=PATH`);
  const fonts = execFileSync('fc-list', [':lang=zh']).toString();
  if (fonts.trim() === '') throw new Error('no Chinese font is installed, so the pictures would show boxes');
}

/** The addresses and codes as the demo prints them for a person. */
function addressesIn(output: string): Addresses {
  const found = /demo HIS\s+(http\S+)[\s\S]*?police\s+(http\S+)\s+officer (\S+), code (\S+)/.exec(output);
  const [, his, police, officer, code] = found ?? [];
  if (his === undefined || police === undefined || officer === undefined || code === undefined) {
    throw new Error(`the demo printed no addresses:\n${output}`);
  }
  return { his, police, officer, code };
}

async function takeAll(browser: Browser, size: Size, addresses: Addresses): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: size.width, height: size.height },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  });
  const keep = async (page: Page, name: string): Promise<void> => {
    // Pictures of pages that still load fonts or data would differ from run to run.
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(FOLDER, `${name}-${size.name}.png`), animations: 'disabled', caret: 'hide' });
  };
  const doctor = await context.newPage();
  await report(doctor, keep, addresses.his, CHILDREN[size.name]);
  const officer = await context.newPage();
  await accept(officer, keep, addresses);
  await doctor.bringToFront();
  await doctor.getByTestId('s3-headline').filter({ hasText: '已受理' }).waitFor();
  await keep(doctor, 's3-accepted');
  await context.close();
}

type Keep = (page: Page, name: string) => Promise<void>;

/** Chart, S1, S2, S3. */
async function report(page: Page, keep: Keep, his: string, child: string): Promise<void> {
  await page.goto(his);
  await page.getByRole('button', { name: '进入工作站' }).click();
  await page.locator('.work[data-ready]').waitFor();
  const back = page.locator('[data-back]');
  if (await back.isVisible()) await back.click();
  await page.locator('.visit', { hasText: child }).click();
  await page.locator(`form[data-name="${child}"]`).waitFor();
  const results = page.locator('[data-results]');
  if ((await results.count()) > 0) {
    await results.click();
    await results.waitFor({ state: 'detached' });
  }
  await page.getByTestId('s1-bar').waitFor();
  await keep(page, 'his');
  await page.getByTestId('s1-bar').click();
  await page.getByTestId('s1-report').waitFor();
  await keep(page, 's1-prompt');
  await page.getByTestId('s1-report').click();
  await page.getByTestId('s2-confirm').waitFor();
  await keep(page, 's2-confirm');
  await page.getByTestId('s2-confirm').click();
  await page.getByTestId('s3-headline').filter({ hasText: '已签收' }).waitFor();
  await keep(page, 's3-stored');
}

/** S10: list, report, 受理. */
async function accept(page: Page, keep: Keep, { police, officer, code }: Addresses): Promise<void> {
  await page.goto(police);
  await page.getByLabel('工号').fill(officer);
  await page.getByLabel('个人口令').fill(code);
  await page.getByRole('button', { name: '登录' }).click();
  await page.locator('.row').first().waitFor();
  await keep(page, 'inbox');
  await page.locator('.row a').first().click();
  await page.getByRole('button', { name: '受理' }).waitFor();
  await keep(page, 'inbox-report');
  await page.getByRole('button', { name: '受理' }).click();
  await page.locator('.headline[data-stage=accepted]').waitFor();
}

await main();
