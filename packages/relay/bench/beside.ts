import { openBench, firstAttempts, press } from './county.js';
import { fillTo } from './fill.js';

/**
 * One relay beside so many open deliveries, a process of its own: `beside.ts OPEN REPORTS`. It says `ready`, and at every message
 * from its parent it measures one round, so that rounds of several such processes can stand next to each other in time.
 */
const [open, reports] = process.argv.slice(2).map(Number) as [number, number];

export interface Round {
  /** From press to both first attempts, the median of its reports. */
  readonly msPerReport: number;
  readonly rssMb: number;
}

async function round(): Promise<Round> {
  const times: number[] = [];
  for (let report = 0; report < reports; report += 1) {
    const began = performance.now();
    await firstAttempts(bench, 1);
    times.push(performance.now() - began);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return { msPerReport: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, rssMb: process.memoryUsage().rss / 2 ** 20 };
}

const bench = await openBench();
// One that was pressed, for the others to be copies of.
for (const headers of await bench.headers(1)) await press(bench, headers);
await fillTo(bench.database, open);
await bench.relay.start();
await firstAttempts(bench, 2 * reports);
process.on('message', (message) => {
  if (message === 'round') void round().then((measured) => process.send?.(measured));
  else void bench.close().then(() => process.disconnect());
});
process.send?.('ready');
