import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './documents.js';

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** What `pnpm NAME` gives to `node`, read from package.json: a test that starts it so runs the script itself and not a likeness of it. */
export function scriptArguments(name: string): string[] {
  const [program, ...words] = scripts[name]?.split(' ') ?? [];
  if (program !== 'node') throw new Error(`pnpm ${name} is no script that node runs`);
  return words;
}
