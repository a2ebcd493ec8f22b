import { join } from 'node:path';
import { ZhidaError } from '@zhida/core';
import { zhida } from './command.js';
import type { Layout } from './layout.js';
import type { Steps } from './steps.js';

export interface Trail {
  readonly treeSize: number;
  readonly root: string;
}

/** Proves the relay's trail from its files alone, with relay and database stopped. */
export async function proveTrail(layout: Layout, steps: Steps): Promise<Trail> {
  return steps.run(
    'zhida audit verify, with relay and database stopped',
    async () => {
      const { code, stdout, stderr } = await zhida(
        'audit',
        'verify',
        join(layout.data('relay'), 'audit'),
        '--trust',
        layout.trustFile('relay'),
        '--json',
      );
      if (code !== 0) throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', `the trail does not prove itself: ${stderr.trim()}`, { at: 'audit' });
      const { size, rootHash } = JSON.parse(stdout) as { size: number; rootHash: string };
      return { treeSize: size, root: rootHash };
    },
    ({ treeSize, root }) => `${treeSize} entries, root ${root.slice(0, 16)}…`,
  );
}
