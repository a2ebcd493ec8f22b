import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { access, constants } from 'node:fs/promises';
import type { JurisdictionProfile } from '@zhida/packs';
import { createEgress, isPermitted, type Network, parseNetwork } from '@zhida/relay';
import type { KeyDirectory } from '@zhida/signing';
import type { RelaySection } from '../serve/configuration-schema.js';
import { type CheckLine, right, wrong } from './check.js';

export interface EndpointsOptions {
  readonly section: RelaySection;
  readonly profile: JurisdictionProfile;
  readonly keys: KeyDirectory;
  readonly path: (written: string) => string;
  /** Sends each of them one request for its health. */
  readonly probe: boolean;
}

const ANSWERS_MS = 5_000;

/** The parties this relay itself sends to or takes from, so that their trust files have to be there. */
export function partiesNeeded({ section, profile }: Pick<EndpointsOptions, 'section' | 'profile'>): string[] {
  const direct = profile.recipients.filter(({ system }) => system !== 'no-system').map(({ party }) => party);
  const roads = direct.flatMap((party) => section.endpoints?.[party]?.via ?? []);
  return [...new Set([...direct, ...roads])];
}

/** Where each agency is reached: whether its name is known here and its address may be connected to. Nothing is sent without `probe`. */
export async function endpointLines(options: EndpointsOptions): Promise<CheckLine[]> {
  const { section, profile, keys } = options;
  const lines = networkLines(section);
  const pushed = profile.recipients.filter(({ system }) => system === 'push').map(({ party }) => party);
  for (const party of new Set(pushed.map((recipient) => section.endpoints?.[recipient]?.via ?? recipient))) {
    const ferry = section.endpoints?.[party]?.ferry;
    const trusted = keys.trusted.party(party);
    if (ferry !== undefined) lines.push(await ferryLine(party, ferry, options));
    else if (trusted !== undefined) lines.push(await endpointLine(party, trusted.baseUrl, options));
  }
  return lines;
}

/** The relay does not start with a network it cannot read, whoever it is written for. What stands there is not said. */
function networkLines({ endpoints = {} }: RelaySection): CheckLine[] {
  return Object.entries(endpoints).flatMap(([party, { privateNetworks = [] }]) =>
    privateNetworks.flatMap((text, index) =>
      parseNetwork(text) === undefined ? [wrong('networkUnreadable', 'networkUnreadable', { party, number: index + 1 })] : [],
    ),
  );
}

async function ferryLine(party: string, ferry: { out: string; in: string }, { path }: EndpointsOptions): Promise<CheckLine> {
  try {
    await access(path(ferry.out), constants.W_OK);
    await access(path(ferry.in), constants.R_OK);
    return right('ferry', { party });
  } catch {
    return wrong('ferryClosed', 'ferry', { party });
  }
}

async function endpointLine(party: string, baseUrl: string, { section, probe }: EndpointsOptions): Promise<CheckLine> {
  const url = new URL(baseUrl);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const permitted = (section.endpoints?.[party]?.privateNetworks ?? []).flatMap((text): Network[] => {
    const network = parseNetwork(text);
    return network === undefined ? [] : [network];
  });
  const values = { party, host };
  const addresses = isIP(host) === 0 ? await addressesOf(host) : [host];
  if (addresses.length === 0) return wrong('endpointUnknown', 'endpointUnknown', values);
  if (!addresses.some((address) => isPermitted(address, permitted))) return wrong('endpointClosed', 'endpointClosed', values);
  if (!probe) return right('endpoint', values);
  const egress = createEgress();
  try {
    const request = { method: 'GET', url: new URL('/healthz', url).href, headers: {}, body: '', permitted } as const;
    const { status } = await egress.post(request, AbortSignal.timeout(ANSWERS_MS));
    return right('endpointAnswers', { ...values, status });
  } catch {
    return wrong('endpointSilent', 'endpointSilent', values);
  } finally {
    egress.close();
  }
}

async function addressesOf(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}
