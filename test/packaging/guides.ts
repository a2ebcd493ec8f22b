import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, waitUntil } from '@zhida/testkit';
import { ROOT } from './published.js';

/** The newcomers' paths: from an empty folder to an Assessment, and to a first verified report. */
export const WALKED = [
  'docs/guides/embed.md',
  'docs/guides/embed.zh-CN.md',
  'docs/guides/agencies.md',
  'docs/guides/agencies.zh-CN.md',
] as const;

/** The port of the guides' service; the machine that walks them may have another one there. */
const PORT = '7421';
const STEP_DEADLINE_MS = 60_000;

/** One thing a reader does: lay a file, type a command, or compare what it said. */
type Step = { readonly kind: 'file' | 'command' | 'expected'; readonly name: string; readonly text: string };

/** What a guide has its reader do between `<!-- walk -->` and `<!-- /walk -->`. */
export function stepsOf(guide: string): Step[] {
  const walked = /<!-- walk -->([\s\S]*?)<!-- \/walk -->/.exec(guide)?.[1] ?? '';
  return [...walked.matchAll(/^```([a-z]+)(?: (\S+))?\n([\s\S]*?)^```/gm)].flatMap(([, language, name = '', text = '']): Step[] => {
    if (name !== '') return [{ kind: 'file', name, text }];
    const lines = text.split('\n').filter(Boolean);
    return lines.map((line) => ({ kind: language === 'sh' ? 'command' : 'expected', name: '', text: line }));
  });
}

/**
 * Walks a guide in an empty folder of the project a stranger has installed the packages in, one step after the other, and nothing else.
 *
 * @returns what did not go as the guide says
 */
export async function walkGuide(guide: string, project: string): Promise<string[]> {
  const folder = join(project, `walk-${guide.replaceAll(/[^a-z]/g, '-')}`);
  mkdirSync(folder);
  const port = String(await freePort());
  const steps = stepsOf(readFileSync(join(ROOT, guide), 'utf8').replaceAll(PORT, port));
  const services: ChildProcess[] = [];
  const problems = steps.some(({ kind }) => kind === 'expected') ? [] : [`${guide}: nothing in it is walked to an end`];
  let said = '';
  try {
    for (const step of steps) {
      if (step.kind === 'file') writeFileSync(join(folder, step.name), step.text);
      else if (step.kind === 'expected') problems.push(...missing(guide, step.text, said));
      else if (/^npx zhida \w+ --config /.test(step.text)) services.push(await startService(step.text, folder));
      else said = await commandOutput(step.text, folder);
    }
  } catch (error) {
    problems.push(`${guide}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    for (const service of services) service.kill('SIGKILL');
  }
  return problems;
}

/** `…` in an expected line stands for what is new each time. */
function missing(guide: string, line: string, said: string): string[] {
  let from = 0;
  for (const piece of line.split('…')) {
    const at = said.indexOf(piece, from);
    if (at < 0) return [`${guide}: not said: ${line}`];
    from = at + piece.length;
  }
  return [];
}

async function commandOutput(line: string, folder: string): Promise<string> {
  const trusted = /trust add (\S+)/.exec(line)?.[1];
  const fingerprint = trusted === undefined ? '' : (await commandOutput(`npx zhida keys fingerprint ${trusted}`, folder)).trim();
  const run = start(line.replace('FINGERPRINT', fingerprint), folder);
  const code = await run.ended;
  if (code !== 0) throw new Error(`${line} ended with ${code}: ${run.output()}`);
  return run.output();
}

async function startService(line: string, folder: string): Promise<ChildProcess> {
  const { child, output } = start(line, folder);
  await waitUntil(() => output().includes('"msg":"ready"'), { what: `${line} is ready`, deadlineMs: STEP_DEADLINE_MS });
  return child;
}

/** `npx zhida` is the installed package's own command, run by plain node. */
function start(line: string, folder: string) {
  const words = line.split(' ');
  const args = words[0] === 'npx' ? ['../node_modules/@zhida/cli/dist/zhida.js', ...words.slice(2)] : words.slice(1);
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return { child, output: () => text, ended: new Promise<number | null>((resolve) => child.once('close', resolve)) };
}
