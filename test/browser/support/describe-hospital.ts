import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { describeWithBrowser, launchChromium } from './chromium.js';
import { type Hospital, openHospital } from './hospital.js';
import { openScreen, type Screen, type ScreenOptions } from './page.js';

/** What each test of such a suite has: a hospital without a prompt, and screens that are closed after it. */
export interface AtHospital {
  hospital: Hospital;
  readonly browser: Browser;
  readonly open: (options?: ScreenOptions) => Promise<Screen>;
}

/** A suite in one browser, with a fresh hospital for each test. */
export function describeAtHospital(name: string, body: (at: AtHospital) => void): void {
  describeInBrowser(name, body, false);
}

/**
 * A suite in one browser and one hospital, which opens in seconds: for tests that do not look at what the others have sent to the relay
 * and the agencies. From its gateway the prompts of the test before are gone.
 */
export function describeAtSharedHospital(name: string, body: (at: AtHospital) => void): void {
  describeInBrowser(name, body, true);
}

function describeInBrowser(name: string, body: (at: AtHospital) => void, isShared: boolean): void {
  describeWithBrowser(name, () => {
    let browser: Browser;
    const screens: Screen[] = [];
    const at = {
      get browser() {
        return browser;
      },
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
    (isShared ? beforeAll : beforeEach)(async () => {
      at.hospital = await openHospital();
    });
    (isShared ? afterAll : afterEach)(() => at.hospital.close());
    // Hooks after a test run from the last to the first.
    afterEach(async () => {
      for (const screen of screens.splice(0)) await screen.close();
      if (isShared) await at.hospital.gatewayRows('truncate prompts cascade');
    });
    body(at);
  });
}
