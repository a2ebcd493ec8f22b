import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithBrowser, launchChromium } from '../browser/support/chromium.js';
import { type Addresses, addressesIn, chooseChart, SIZES, walk } from '../images/walk.js';
import { demoDeployment } from '../support/demo-deployment.js';
import { addressesPrinted, type DemoRun, pressCtrlC, removeRun, startBuiltDemo } from '../support/demo-run.js';

const BASE_PORT = 17_300;
const RUN_MS = 240_000;
const WALK_MS = 120_000;

describe('the demo, left running', () => {
  let directory = '';
  let demo: DemoRun;
  let addresses: Addresses;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'zhida-demo-'));
    demo = await startBuiltDemo(directory, BASE_PORT, ...(await demoDeployment()));
    addresses = addressesIn(await addressesPrinted(demo, RUN_MS));
  }, RUN_MS);
  afterAll(async () => {
    await pressCtrlC(demo);
    removeRun(directory);
  }, RUN_MS);

  describeWithBrowser('as a doctor and an officer see it', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser.close());

    test.each(SIZES)(
      'from the chart in the HIS to 公安已受理, $name wide; another chart opened meanwhile is told to the widget',
      async (size) => {
        const seen: string[] = [];
        await walk(browser, size, addresses, async (page, name) => {
          seen.push(name);
          // Nothing hangs out of a narrow screen.
          expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(size.width);
          if (name !== 's2-confirm' || size.name !== '1280') return;
          await chooseChart(page, '丁浩然');
          await page.getByTestId('s1-bar').click();
          await page.getByTestId('s2-confirm').filter({ hasText: '仍为 张*婷 报告' }).waitFor();
        });
        expect(seen).toEqual([
          'his',
          's1-prompt',
          's2-confirm',
          's3-stored',
          'duty',
          'duty-report',
          'inbox',
          'inbox-report',
          's3-accepted',
        ]);
      },
      WALK_MS,
    );
  });

  test(
    'Ctrl-C stops every process and proves the trail',
    async () => {
      expect(await pressCtrlC(demo)).toBe(0);
      expect(demo.output()).toContain('zhida audit verify');
      await expect(fetch(`http://127.0.0.1:${BASE_PORT + 10}/healthz`)).rejects.toThrow();
    },
    RUN_MS,
  );
});
