import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The parties of the demo county. Every name, place and number is invented; all of it runs in mode `test`. */
export const PARTIES = {
  his: { party: 'his:440299-demo', role: 'his' },
  gateway: { party: 'gateway:440299-01', role: 'gateway' },
  relay: { party: 'relay:440299-01', role: 'relay' },
  police: { party: 'agency:police-440299', role: 'agency' },
  'civil-affairs': { party: 'agency:civil-affairs-440299', role: 'agency' },
} as const;

export type PartyName = keyof typeof PARTIES;
export type AgencyName = 'police' | 'civil-affairs';

/** Who pins whose keys: each side adds the other's trust file by its fingerprint. */
export const TRUST: readonly (readonly [who: PartyName, trusts: PartyName])[] = [
  ['gateway', 'his'],
  ['gateway', 'relay'],
  ['relay', 'gateway'],
  ['relay', 'police'],
  ['relay', 'civil-affairs'],
  ['police', 'relay'],
  ['civil-affairs', 'relay'],
];

/** Who listens: every party, the gateway's two doors for HL7 v2, and the relay's second process where there is one. */
export type ListenerName = PartyName | 'second-relay' | 'mllp-gb18030' | 'mllp-utf8';

const PORT_OFFSETS: Record<ListenerName, number> = {
  his: 0,
  gateway: 10,
  relay: 11,
  'second-relay': 12,
  'mllp-gb18030': 13,
  'mllp-utf8': 14,
  police: 21,
  'civil-affairs': 22,
};
export const DEFAULT_BASE_PORT = 7400;
export const HOST = '127.0.0.1';

export const EXAMPLE_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
export const CHECKOUT = join(EXAMPLE_ROOT, '..', '..');

/** Where the demo keeps what it writes: one folder, ignored by git. */
export interface Layout {
  readonly root: string;
  readonly basePort: number;
  keys(name: PartyName): string;
  trustFile(name: PartyName): string;
  data(name: PartyName): string;
  /** Where the branch's export leaves its files and the gateway finds them. */
  readonly rows: string;
  log(name: string): string;
  port(name: ListenerName): number;
  url(name: PartyName): string;
}

export function createLayout(root: string, basePort: number): Layout {
  const port = (name: ListenerName): number => basePort + PORT_OFFSETS[name];
  return {
    root,
    basePort,
    keys: (name) => join(root, 'keys', name),
    trustFile: (name) => join(root, 'exchange', `${name}.json`),
    data: (name) => join(root, 'data', name),
    rows: join(root, 'branch-export'),
    log: (name) => join(root, 'logs', `${name}.log`),
    port,
    url: (name) => `http://${HOST}:${port(name)}`,
  };
}
