import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '@zhida/testkit';
import { type StartChild, startChild } from './support/child.js';
import { clear, closedFolder, killAllIn, passableFolder, processesIn } from './support/folder.js';

/** Where a kill falls, each followed by a seeded wait of at most `spreadMs`, a little longer than the phase takes. */
const PHASES = {
  'before anything': { spreadMs: 350, reached: (): boolean => true },
  'inside initdb': { spreadMs: 450, reached: (root: string): boolean => existsSync(join(placeOf(root), 'initdb.json')) },
  'while the server starts': { spreadMs: 120, reached: (root: string): boolean => existsSync(join(placeOf(root), 'data')) },
  'while the database is made': {
    spreadMs: 80,
    reached: (_root: string, child: StartChild): boolean => child.said.some((line) => line.running),
  },
  'while rows are written': {
    spreadMs: 150,
    reached: (_root: string, child: StartChild): boolean => child.said.some((line) => line.committed),
  },
} as const;
type Phase = keyof typeof PHASES;

/** Our process; its whole group (Ctrl-C's neighbours); or every process of the folder too, as when a container or the power goes. */
const VICTIMS = ['process', 'group', 'everything'] as const;
type Victim = (typeof VICTIMS)[number];

const CASES: { seed: number; kills: [Phase, Victim][] }[] = [
  {
    seed: 1,
    kills: [
      ['inside initdb', 'process'],
      ['while the server starts', 'process'],
    ],
  },
  {
    seed: 2,
    kills: [
      ['inside initdb', 'group'],
      ['inside initdb', 'everything'],
    ],
  },
  {
    seed: 3,
    kills: [
      ['inside initdb', 'everything'],
      ['while the database is made', 'group'],
    ],
  },
  {
    seed: 4,
    kills: [
      ['before anything', 'process'],
      ['while the server starts', 'everything'],
    ],
  },
  {
    seed: 5,
    kills: [
      ['while the server starts', 'group'],
      ['before anything', 'group'],
    ],
  },
  {
    seed: 6,
    kills: [
      ['while the database is made', 'process'],
      ['while rows are written', 'everything'],
    ],
  },
  {
    seed: 7,
    kills: [
      ['inside initdb', 'process'],
      ['inside initdb', 'group'],
      ['inside initdb', 'process'],
    ],
  },
  {
    seed: 8,
    kills: [
      ['while rows are written', 'group'],
      ['while rows are written', 'process'],
    ],
  },
];

const RESTART_DEADLINE_MS = 30_000;
const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) clear(placeOf(root), dirname(root) === tmpdir() ? root : dirname(root));
});

/** Park–Miller: the same instants in every run, whatever the machine. */
function seeded(seed: number): () => number {
  let state = (seed * 2_147_483) % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Where the database lies, as the state file names it. */
function placeOf(root: string): string {
  try {
    return (JSON.parse(readFileSync(join(root, 'database.json'), 'utf8')) as { place: string }).place;
  } catch {
    return join(root, 'postgres');
  }
}

async function killDuring(root: string, [phase, victim]: [Phase, Victim], random: () => number): Promise<number[]> {
  const child = startChild({ directory: join(root, 'postgres'), stateFile: join(root, 'database.json'), act: 'write' });
  const { reached, spreadMs } = PHASES[phase];
  const waitMs = random() * spreadMs;
  await waitUntil(() => reached(root, child) || child.process.exitCode !== null, { what: phase, deadlineMs: RESTART_DEADLINE_MS });
  await delay(waitMs);
  const pid = child.process.pid ?? 0;
  process.kill(victim === 'process' ? pid : -pid, 'SIGKILL');
  if (victim === 'everything') killAllIn(placeOf(root));
  await child.ended;
  expect(child.errors()).toBe('');
  return child.said.flatMap((line) => line.committed ?? []);
}

describe('a start that was killed', () => {
  it.each(CASES)('starts again without a hand: seed $seed, $kills', async ({ seed, kills }) => {
    // Every second one lies where the account of the server cannot reach, so that root moves it under a system directory.
    const root = seed % 2 === 0 ? passableFolder() : closedFolder();
    roots.push(root);
    const random = seeded(seed);
    const committed: number[] = [];
    for (const kill of kills) committed.push(...(await killDuring(root, kill, random)));

    const last = startChild({ directory: join(root, 'postgres'), stateFile: join(root, 'database.json'), act: 'idle' });
    const url = await waitUntil(() => last.said.find((line) => line.url !== undefined)?.url, {
      what: 'the restart runs',
      deadlineMs: RESTART_DEADLINE_MS,
    });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    if (committed.length > 0) {
      const { rows } = await client.query<{ id: string }>('select id from press where id = any($1) order by id', [committed]);
      // What was answered as committed is there after every kill.
      expect(rows.map((row) => Number(row.id))).toEqual(committed);
    }
    await client.end();
    expect(last.errors()).toBe('');
    expect(readdirSync(placeOf(root)).filter((name) => name.startsWith('data') || name.startsWith('initdb'))).toEqual(['data']);

    const masters = processesIn(placeOf(root)).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0-D\0'));
    expect(masters).toHaveLength(1);
    last.process.kill('SIGKILL');
  });
});
