import { buildChild, type Child, startChild } from './child.js';
import type { RelayChildOptions, RelayChildReady } from './relay-child.js';

/** A relay in a process of its own. */
export interface RelayProcess {
  readonly child: Child;
  readonly url: string;
}

const SCRIPT = 'relay-child.ts';

export const buildRelayProcess = (): Promise<string[]> => buildChild(SCRIPT);

/** Starts a relay process. @param born told as soon as there is a process, so that it can be ended also if it never listens. */
export async function startRelayProcess(options: RelayChildOptions, born: (child: Child) => void): Promise<RelayProcess> {
  const child = await startChild(SCRIPT, options);
  born(child);
  const { url } = await child.message((message: RelayChildReady) => typeof message.url === 'string', `${options.applicationName} listens`);
  return { child, url };
}
