import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A line a start child prints. */
export interface Said {
  log?: string;
  running?: { adopted: boolean; pid: number; port: number; directory: string; logFile: string };
  url?: string;
  committed?: number;
  stopped?: boolean;
}

export interface StartChild {
  process: ChildProcess;
  said: Said[];
  errors: () => string;
  ended: Promise<number | null>;
}

const SCRIPT = fileURLToPath(new URL('start-child.ts', import.meta.url));

/** Runs the start child in a process group of its own. */
export function startChild(options: {
  directory: string;
  stateFile: string;
  act: 'idle' | 'write' | 'stop';
  uid?: number;
  gid?: number;
  env?: NodeJS.ProcessEnv;
}): StartChild {
  const { directory, stateFile, act, uid, gid, env } = options;
  const child = spawn(process.execPath, ['--conditions=@zhida/source', '--import', 'tsx', SCRIPT, directory, stateFile, act], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const said: Said[] = [];
  let rest = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    said.push(...lines.map((line) => JSON.parse(line) as Said));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return { process: child, said, errors: () => errors, ended: new Promise((resolve) => child.once('exit', resolve)) };
}
