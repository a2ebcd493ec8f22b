import { frozenClock } from '@zhida/testkit';
import { expect, test } from 'vitest';
import { createQueueReport } from '../../src/delivery/queue-report.js';
import { createLogger } from '../../src/logger.js';

function reported() {
  const clock = frozenClock('2026-11-22T20:30:00+08:00');
  const lines: { level: number; msg: string; unsaid?: number; count?: number }[] = [];
  const log = createLogger({ destination: { write: (line) => lines.push(JSON.parse(line) as { level: number; msg: string }) } });
  return { clock, lines, report: createQueueReport(log, clock) };
}

test('an hour of failing wake-ups is a line a minute, and one at its end', () => {
  const { clock, lines, report } = reported();
  for (let second = 0; second < 3_600; second += 1) {
    report.away(3);
    clock.advance(1_000);
  }
  report.takes();
  report.takes();
  expect(lines).toHaveLength(61);
  expect(lines[0]).toMatchObject({ level: 40, msg: 'the queue is away; the sweep delivers in this process', count: 3, unsaid: 0 });
  expect(lines[1]).toMatchObject({ unsaid: 59 });
  expect(lines.at(-1)).toMatchObject({ level: 30, msg: 'the queue takes wake-ups again' });
});

test('a queue that comes and goes does not fill the log, and a clock that is put back does not silence it', () => {
  const { clock, lines, report } = reported();
  for (let times = 0; times < 50; times += 1) {
    report.away(1);
    report.takes();
    report.complains({ error: 'Error', code: 'ECONNREFUSED' });
  }
  expect(lines.map(({ msg }) => msg)).toEqual([
    'the queue is away; the sweep delivers in this process',
    'the queue takes wake-ups again',
    'the queue complains; the sweep delivers without it',
  ]);
  clock.advance(-3_600_000);
  report.away(1);
  expect(lines.at(-1)).toMatchObject({ msg: 'the queue is away; the sweep delivers in this process', unsaid: 49 });
});
