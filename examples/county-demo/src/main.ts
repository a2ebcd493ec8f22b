import { isZhidaError } from '@zhida/core';
import { exitCodeOf } from '@zhida/cli';
import type { Arrival } from './arrivals.js';
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
  const { stdout } = process;
  const steps = createSteps({ write: (text) => void stdout.write(text), columns: stdout.isTTY ? stdout.columns : undefined });
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
    const arrivals = await unlessInterrupted(county.bringInDay());
    if (options.once) {
      const report = await unlessInterrupted(runJourney(county, arrivals, steps));
      await county.stop();
      const trail = await proveTrail(layout, steps);
      steps.say(summaryOf({ arrivals, ...report, ...trail }));
      return 0;
    }
    steps.say(county.urls());
    throw new Error(await unlessInterrupted(county.anyEnded()));
  } catch (error) {
    if (error !== INTERRUPTED) throw error;
    steps.leave();
    steps.say('\nstopping …');
    await county.stop();
    if (!options.once && county.wasStarted) await proveTrail(layout, steps);
    steps.say('stopped; the next start finds its data again');
    return options.once ? EXIT_INTERRUPTED : 0;
  } finally {
    await county.stop();
    lock.release();
  }
}

interface Summary {
  readonly arrivals: readonly Arrival[];
  readonly number: string;
  readonly stored: number;
  readonly accepted: number;
  readonly treeSize: number;
  readonly root: string;
}

function summaryOf(summary: Summary): string {
  const total = (count: 'messages' | 'setAside' | 'red' | 'orange'): number =>
    summary.arrivals.reduce((sum, arrival) => sum + arrival[count], 0);
  return [
    '',
    `  feeds        ${total('messages')} messages received, ${total('setAside')} set aside`,
    `  encounters   ${summary.arrivals.flatMap(({ visits }) => visits).length} assessed, every one as expected; red ${total('red')}, orange ${total('orange')}`,
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
