import { dirname, extname, join } from 'node:path';
import { CHECKOUT } from './layout.js';

/** The demo and the programs it starts: the source of each. */
export const PROGRAMS = {
  main: join(CHECKOUT, 'examples/county-demo/src/main.ts'),
  agency: join(CHECKOUT, 'examples/county-demo/src/agency.ts'),
  hospital: join(CHECKOUT, 'examples/county-demo/src/hospital.ts'),
  his: join(CHECKOUT, 'examples/county-demo/src/his.ts'),
  'second-relay': join(CHECKOUT, 'examples/county-demo/src/second-relay.ts'),
  commands: join(CHECKOUT, 'examples/county-demo/src/commands.ts'),
  zhida: join(CHECKOUT, 'packages/cli/src/zhida.ts'),
} as const;
export type ProgramName = keyof typeof PROGRAMS;

/** What `node` is given to run one of them: its source, or, where the demo itself runs built, what was built beside it. */
export function programArguments(name: ProgramName): string[] {
  const running = import.meta.filename;
  if (extname(running) !== '.ts') return [join(dirname(running), `${name}${extname(running)}`)];
  return ['--conditions=@zhida/source', '--import', 'tsx', PROGRAMS[name]];
}
