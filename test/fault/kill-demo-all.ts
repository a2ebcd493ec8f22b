import { instants, killAndRestart, measureWholeRun } from './kill-demo.js';

/** `pnpm test:kill`: twenty seeded instants between start and exit of `demo --once`; prints each, exits 1 when one restart did not complete. */
const seed = Number(process.argv[2] ?? 20261122);
const BASE_PORT = 17_500;

const whole = await measureWholeRun(BASE_PORT);
console.log(`seed ${seed}; an undisturbed run takes ${Math.round(whole.ms)} ms and ends with ${whole.code}`);
let failures = whole.code === 0 ? 0 : 1;
let insideInitdb = 0;
for (const [index, instant] of instants(seed, 20).entries()) {
  const result = await killAndRestart(instant, BASE_PORT, whole.ms);
  const good = result.restartCode === 0 && result.output.includes('every step was verified');
  if (!good) failures += 1;
  if (result.insideInitdb) insideInitdb += 1;
  const where = typeof instant.at === 'number' ? `${Math.round(instant.at * 100)} %` : `${instant.at} + ${instant.delayMs} ms`;
  console.log(
    `${String(index + 1).padStart(2)}  ${where.padEnd(16)} ${instant.whom.padEnd(5)} killed after ${Math.round(result.killedAfterMs)} ms, restart ${Math.round(result.restartMs)} ms: ${good ? 'completed' : `FAILED (${result.restartCode})`}`,
  );
  if (!good) console.log(result.output);
}
console.log(`${insideInitdb} of them were killed inside initdb`);
// Fewer than three would prove too little.
if (insideInitdb < 3) failures += 1;
console.log(failures === 0 ? 'all 20 restarts completed without a hand' : `${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
