import { expect } from 'vitest';
import type { EndpointPolicy, ProfileRecipient } from '../../src/index.js';
import { aReport, type Fixture, LOOPBACK, profile } from './fixture.js';

/** The county of the tests. */
const COUNTY = '440299';

/** The recipients that every fixture has, each of the county. */
export const countyRecipients: readonly ProfileRecipient[] = profile.recipients.map((recipient) => ({ ...recipient, regionCode: COUNTY }));

/** One level above the police of the county. */
export const cityPolice: ProfileRecipient = {
  party: 'agency:police-4402',
  kind: 'police',
  view: 'police',
  name: { zh: '市公安局', en: 'City police' },
  system: 'push',
  priority: 1,
  regionCode: '4402',
};

/** An agency of the county that a fixture has not by itself; the procuratorate hears of conflicts of interest alone. */
export function countyAgency(kind: ProfileRecipient['view'], priority: number): ProfileRecipient {
  return {
    party: `agency:${kind}-${COUNTY}`,
    kind,
    view: kind,
    name: { zh: kind, en: kind },
    system: 'push',
    priority,
    regionCode: COUNTY,
    ...(kind === 'procuratorate' ? { when: 'conflict' } : {}),
  };
}

/** All of them on this machine. */
export function onLoopback(recipients: readonly ProfileRecipient[]): Record<string, EndpointPolicy> {
  return Object.fromEntries(recipients.map(({ party }) => [party, LOOPBACK]));
}

/** Presses, and waits until whoever is sent to has answered. */
export async function pressAndDrain(fixture: Fixture, overrides: Record<string, unknown> = {}): Promise<string> {
  const answer = await fixture.press(aReport(overrides));
  expect(answer.statusCode).toBe(202);
  await fixture.relay.drain();
  return answer.json<{ reportId: string }>().reportId;
}
