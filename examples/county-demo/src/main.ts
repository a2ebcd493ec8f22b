import { isZhidaError } from '@zhida/core';
import { exitCodeOf } from '@zhida/cli';
import { County } from './county.js';
import { runJourney } from './journey.js';
import { createLayout } from './layout.js';
import { acquireDemoLock } from './lock.js';
import { HELP, parseOptions } from './options.js';
import { createSteps } from './steps.js';
import { proveTrail } from './trail.js';

const INTERRUPTED = Symbol('interrupted');
/** 128 + SIGINT, as shells say it: a journey that was broken off has verified nothing. */
const EXIT_INTERRUPTED = 130;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const layout = createLayout(options.directory, options.basePort);
  const steps = createSteps((text) => process.stdout.write(text));
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'));
  });
  const lock = await acquireDemoLock(layout.root);
  const county = new County(layout, steps, lock, options);
  // Ctrl-C counts at any moment: what is under way is left, what has been started is stopped.
  const unlessInterrupted = async <T>(work: Promise<T>): Promise<T> => {
    const first = await Promise.race([work, interrupted.then(() => INTERRUPTED)]);
    if (first === INTERRUPTED) throw INTERRUPTED;
    return first as T;
  };
  try {
    await unlessInterrupted(county.start());
    const facts = await unlessInterrupted(county.sendEncounters());
    if (options.once) {
      const report = await unlessInterrupted(runJourney(county, steps));
      await county.stop();
      const trail = await proveTrail(layout, steps);
      steps.say(summaryOf({ ...facts, ...report, ...trail }));
      return 0;
    }
    steps.say(county.urls());
    throw new Error(await unlessInterrupted(county.anyEnded()));
  } catch (error) {
    if (error !== INTERRUPTED) throw error;
    steps.say('\nstopping …');
    await county.stop();
    if (options.once) return EXIT_INTERRUPTED;
    if (county.wasStarted) await proveTrail(layout, steps);
    return 0;
  } finally {
    await county.stop();
    lock.release();
  }
}

interface Summary {
  readonly encounters: number;
  readonly prompts: number;
  readonly number: string;
  readonly stored: number;
  readonly accepted: number;
  readonly treeSize: number;
  readonly root: string;
}

function summaryOf(summary: Summary): string {
  return [
    '',
    `  encounters   ${summary.encounters}, prompts ${summary.prompts}`,
    `  report       ${summary.number}`,
    `  receipts     已签收 stored ${summary.stored}, 已受理 accepted ${summary.accepted}`,
    `  audit tree   size ${summary.treeSize}, root ${summary.root}`,
    '',
    'every step was verified',
  ].join('\n');
}

try {
  process.exitCode = await main();
} catch (error) {
  const line = isZhidaError(error)
    ? `${error.code}${error.at === undefined ? '' : ` (${error.at})`}: ${error.message}`
    : error instanceof Error
      ? error.message
      : String(error);
  process.stderr.write(`demo: ${line}\n`);
  process.exitCode = isZhidaError(error) ? exitCodeOf(error) : 1;
}
