import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { snippet } from './his.js';
import type { Hospital } from './hospital.js';
import type { InventedVisit } from './visits.js';

export const at = (id: string): string => `[data-testid="${id}"]`;

/** A clinician's screen: one page of the HIS with the widget in it. */
export interface Screen {
  readonly page: Page;
  /** What the page complained of. */
  readonly complaints: readonly string[];
  get(id: string): Locator;
  /** The HIS opens a chart, as it does when a patient is called. */
  openChart(visit: InventedVisit | undefined): Promise<void>;
  /** The person looks at another tab, or comes back to this one: headless tabs never tell. */
  setHidden(hidden: boolean): Promise<void>;
  /** Test id of what has the focus in the widget. */
  focused(): Promise<string | null | undefined>;
  /** Opens the prompt, goes on from S1, confirms S2, and waits until the police system has the report. */
  report(): Promise<void>;
  /** Waits for the headline of this key. */
  headline(key: string, deadlineMs?: number): Promise<string>;
  close(): Promise<void>;
}

export interface ScreenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly path?: string;
  readonly context?: BrowserContext;
}

export async function openScreen(browser: Browser, hospital: Hospital, options: ScreenOptions = {}): Promise<Screen> {
  const { width = 1280, height = 800, path = '/' } = options;
  const context = options.context ?? (await browser.newContext({ viewport: { width, height }, locale: 'zh-CN' }));
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(`${hospital.his.url}${path}`);
  return screenOf(page, complaints, () => (options.context === undefined ? context.close() : page.close()));
}

/** What a page complains of from now on. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

function screenOf(page: Page, complaints: readonly string[], close: () => Promise<void>): Screen {
  const get = (id: string): Locator => page.locator(at(id));
  const screen: Screen = {
    page,
    complaints,
    get,
    async openChart(visit) {
      const { patient, id } = visit ?? { patient: { id: '' }, id: '' };
      await page.evaluate(snippet('js').replace('P0013', patient.id).replace('V0013', id).replace('const widget', 'window.widget'));
    },
    setHidden: (hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden),
    focused: () => page.evaluate(() => document.querySelector('zhida-prompt')?.shadowRoot?.activeElement?.getAttribute('data-testid')),
    async report() {
      for (const id of ['s1-bar', 's1-report', 's2-confirm']) await get(id).click();
      await screen.headline('stored');
    },
    async headline(key, deadlineMs = 15_000) {
      const headline = page.locator(`${at('s3-headline')}[data-headline="${key}"]`);
      await headline.waitFor({ timeout: deadlineMs });
      return headline.innerText();
    },
    close,
  };
  return screen;
}
