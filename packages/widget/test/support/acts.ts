import { type Asked, type Bench, makeBench } from './gateway.js';
import { aPrompt } from './prompts.js';

export const PROMPTS = '/v1/prompts/events';
/** What the gateway answers once the relay has a report. */
export const TAKEN = { status: 202, body: { reportId: `rpt_${'0'.repeat(26)}`, number: '440232-261122-030007-5' } };

/** A bench whose machine follows the prompts. */
export async function startBench(): Promise<Bench> {
  const bench = makeBench();
  bench.machine.start();
  await bench.settle();
  return bench;
}

/** What a person does on the bench of a test, and what the gateway was asked by it. */
export interface Acts {
  /** Requests to this path. */
  readonly told: (path: string) => readonly Asked[];
  readonly presses: () => readonly Asked[];
  readonly shown: () => ReturnType<Bench['machine']['shownCase']>;
  readonly openPrompt: (overrides?: object) => Promise<void>;
  readonly pressReport: () => Promise<void>;
}

/** @param current gives the bench of the test that runs */
export function actsOn(current: () => Bench): Acts {
  return {
    told: (path) => current().asked.filter((asked) => asked.path === path),
    presses: () => current().asked.filter(({ method, path }) => method === 'POST' && path === '/v1/reports'),
    shown: () => current().machine.shownCase(),
    async openPrompt(overrides = {}) {
      const bench = current();
      await bench.tell(PROMPTS, aPrompt(overrides));
      bench.machine.open();
      await bench.settle();
    },
    async pressReport() {
      const bench = current();
      bench.machine.go('confirm');
      bench.machine.confirm();
      await bench.settle();
    },
  };
}
