import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchChromium } from '../browser/support/launch.js';
import { addressesPrinted, pressCtrlC, removeRun, startDemo } from '../support/demo-run.js';
import { addressesIn, type Keep, SIZES, walk } from './walk.js';

const BASE_PORT = 17_600;
const START_MS = 240_000;
const FOLDER = join(import.meta.dirname, '../../docs/images');

/**
 * `pnpm images`: starts the demo, goes through a report as a doctor and an officer do, and keeps what they see in docs/images.
 * Needs Chromium and Chinese fonts. Run again it makes the same pictures of another day.
 */
async function main(): Promise<void> {
  requireChineseFonts();
  mkdirSync(FOLDER, { recursive: true });
  const browser = await launchChromium();
  const directory = mkdtempSync(join(tmpdir(), 'zhida-images-'));
  const demo = startDemo(directory, BASE_PORT);
  try {
    const addresses = addressesIn(await addressesPrinted(demo, START_MS));
    for (const size of SIZES) await walk(browser, size, addresses, keepFor(size.name));
  } finally {
    await browser.close();
    await pressCtrlC(demo);
    removeRun(directory);
  }
}

function keepFor(size: string): Keep {
  return async (page, name) => {
    // A picture of a page that still loads its fonts would differ from run to run.
    await page.evaluate(() => document.fonts.ready);
    const path = join(FOLDER, `${name}-${size}.png`);
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    process.stdout.write(`${path}\n`);
  };
}

function requireChineseFonts(): void {
  const fonts = execFileSync('fc-list', [':lang=zh']).toString();
  if (fonts.trim() === '') throw new Error('no Chinese font is installed: the pictures would show boxes');
}

await main();
