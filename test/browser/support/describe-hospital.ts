import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { describeWithBrowser, launchChromium } from './chromium.js';
import { type Hospital, openHospital } from './hospital.js';
import { openScreen, type Screen, type ScreenOptions } from './page.js';

/** What each test of such a suite has: a hospital of its own, and screens that are closed after it. */
export interface AtHospital {
  hospital: Hospital;
  readonly open: (options?: ScreenOptions) => Promise<Screen>;
}

/** A suite in one browser, with a fresh hospital for each test. */
export function describeAtHospital(name: string, body: (at: AtHospital) => void): void {
  describeWithBrowser(name, () => {
    let browser: Browser;
    const screens: Screen[] = [];
    const at = {
      open: async (options) => {
        const screen = await openScreen(browser, at.hospital, options);
        screens.push(screen);
        return screen;
      },
    } as AtHospital;

    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser.close());
    beforeEach(async () => {
      at.hospital = await openHospital();
    });
    afterEach(async () => {
      for (const screen of screens.splice(0)) await screen.close();
      await at.hospital.close();
    });
    body(at);
  });
}
