import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, compareDates, localDate } from '@zhida/core';
import type { Chart } from './chart.js';
import { chartsOfDay, localTime } from './day.js';

/** The charts of the hospital's present day, as this HIS keeps them. */
export interface ChartStore {
  /** When this hospital day began, RFC 3339. */
  readonly since: string;
  list(): readonly Chart[];
  get(id: string): Chart | undefined;
  /** Puts a chart in place of what it was and keeps it on disk before it returns. */
  put(chart: Chart): void;
}

interface DayFile {
  readonly anchorMs: number;
  readonly saved: readonly Chart[];
}

/** Opens the day in this folder; on another date a new day begins, with sixty visits of its own. What was saved today is found again. */
export function openCharts(directory: string, clock: Clock): ChartStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'day.json');
  const day = readDay(file, clock) ?? { anchorMs: clock.now(), saved: [] };
  const saved = new Map(day.saved.map((chart) => [chart.id, chart]));
  const charts = new Map([...chartsOfDay(day.anchorMs), ...day.saved].map((chart) => [chart.id, chart]));
  const write = (): void => {
    writeFileSync(`${file}.new`, JSON.stringify({ anchorMs: day.anchorMs, saved: [...saved.values()] } satisfies DayFile), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    since: localTime(day.anchorMs),
    list: () => [...charts.values()],
    get: (id) => charts.get(id),
    put(chart) {
      charts.set(chart.id, chart);
      saved.set(chart.id, chart);
      write();
    },
  };
}

function readDay(file: string, clock: Clock): DayFile | undefined {
  try {
    const day = JSON.parse(readFileSync(file, 'utf8')) as DayFile;
    return compareDates(localDate(day.anchorMs), localDate(clock.now())) === 0 ? day : undefined;
  } catch {
    // Absent: the first start.
    return undefined;
  }
}
