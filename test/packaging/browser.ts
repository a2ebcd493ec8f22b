import type { Page } from 'playwright-core';
import { executablePath, launchChromium, MISSING } from '../browser/support/launch.js';
import { bundled } from './bundle.js';
import type { Declared } from './declared.js';
import { PAGE_ENTRY } from './surface.js';

const PAGE = 'http://page.example/';
const BUNDLE = `${PAGE}bundle.js`;

/** A pregnant girl of thirteen: the law asks for a report at once. */
const DETECT = `
import { createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
const visit = {
  id: 'V0001',
  class: 'emergency',
  period: { start: '2026-05-08T21:04:00+08:00' },
  patient: { sex: 'female', birthDate: '2013-03-18' },
  notes: [{ section: 'chief-complaint', text: '停经2月' }],
  conditions: [{ code: 'Z32.100', system: 'icd-10-cn', text: '早期妊娠', role: 'main' }],
};
const { level } = createDetector({ pack: nationalRulePack }).assess(visit, { now: Date.parse('2026-05-08T21:10:00+08:00') });
postMessage(level);
`;

const WIDGET = `import * as define from '${PAGE_ENTRY}'; globalThis.exported = Object.keys(define).sort();`;

/**
 * Loads the bundles of `detect` and of the widget in Chromium: a worker there makes an Assessment, and a page knows the element.
 *
 * @returns what is wrong, in words; without Chromium nothing, and says so, unless everything is required to be there
 */
export async function browserProblems({ exports }: Declared, project: string): Promise<string[]> {
  if (executablePath === undefined) {
    if (process.env['CI'] === 'true' || process.env['REQUIRE_SERVICES'] === '1') return [MISSING];
    console.log(`skipped: ${MISSING}: the bundles in a browser`);
    return [];
  }
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(`in the browser: ${message}`));
    await serve(page, await bundled(DETECT, project));
    const level = await page.evaluate(assessedByWorker, BUNDLE);
    if (level !== 'red') problems.push(`@zhida/detect: a worker in the browser says ${level} where red is due`);
    await serve(page, await bundled(WIDGET, project));
    await page.addScriptTag({ url: BUNDLE, type: 'module' });
    problems.push(...(await page.evaluate(widgetProblems, exports.get(PAGE_ENTRY)?.values.join() ?? '')));
    return problems;
  } finally {
    await browser.close();
  }
}

/** An empty page, and beside it the bundle. */
async function serve(page: Page, bundle: Uint8Array): Promise<void> {
  await page.unrouteAll();
  await page.route(`${PAGE}**`, (route) =>
    route.request().url() === BUNDLE
      ? route.fulfill({ contentType: 'text/javascript; charset=utf-8', body: Buffer.from(bundle) })
      : route.fulfill({ contentType: 'text/html; charset=utf-8', body: '<!doctype html><title>page</title>' }),
  );
  await page.goto(PAGE);
}

/** Runs in the page. */
function assessedByWorker(bundle: string): Promise<string> {
  return new Promise((resolve) => {
    const worker = new Worker(bundle, { type: 'module' });
    worker.onmessage = ({ data }) => resolve(String(data));
    worker.onerror = ({ message }) => resolve(`an error (${message})`);
  });
}

/** Runs in the page. */
function widgetProblems(declared: string): string[] {
  const { exported } = globalThis as unknown as { exported?: readonly string[] };
  const element = document.createElement('zhida-prompt') as HTMLElement & { openManual?: unknown };
  document.body.append(element);
  return [
    ...(exported?.join() === declared ? [] : ['@zhida/widget/define: its bundle gives other names than the declarations']),
    ...(customElements.get('zhida-prompt') === undefined ? ['@zhida/widget/define: the element is not defined'] : []),
    ...(typeof element.openManual === 'function' && element.shadowRoot !== null ? [] : ['@zhida/widget/define: the element is not alive']),
  ];
}
