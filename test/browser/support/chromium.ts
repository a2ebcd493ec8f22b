import { describeWith } from '@zhida/testkit';
import { executablePath, MISSING } from './launch.js';

export { launchChromium } from './launch.js';

/** A suite that needs a browser, as `describeWith` runs it. */
export function describeWithBrowser(name: string, body: () => void): void {
  describeWith({ there: executablePath !== undefined, name: 'a browser', missing: MISSING }, name, body);
}
