import { ZhidaError } from '@zhida/core';
import { roleOfParty } from '@zhida/signing';
import type { EndpointPolicy, RelayOptions } from '../options.js';
import { type Network, parseNetwork } from './addresses.js';
import type { DeliverySettings } from './settings.js';

/** How one endpoint may be reached, resolved. Limits hold for all relay processes over one ledger together. */
export interface EndpointLimits {
  /** Attempts under way at once. */
  readonly concurrency: number;
  /** Attempts that may begin in one second, on average; as many as `concurrency` may begin at once. */
  readonly perSecond: number;
  /** Failures in a row after which the breaker opens. */
  readonly breakerAfter: number;
  /** From one probe to the next while it is open. */
  readonly breakerPauseMs: number;
  /** Networks outside of the public internet that the endpoint may be in. */
  readonly permitted: readonly Network[];
  /** Where packages are laid down instead of being posted. */
  readonly ferryOut: string | undefined;
  /** The relay that packages are handed to. */
  readonly via: string | undefined;
}

export type LimitsOf = (party: string) => EndpointLimits;

/**
 * Reads the endpoint policies once, at construction.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the policy that is out of bounds.
 */
export function resolveLimits({ endpoints = {} }: Pick<RelayOptions, 'endpoints'>, settings: DeliverySettings): LimitsOf {
  const resolved = new Map(Object.entries(endpoints).map(([party, policy]) => [party, limitsOf(party, policy, settings)]));
  const others = limitsOf('', {}, settings);
  return (party) => resolved.get(party) ?? others;
}

function limitsOf(party: string, policy: EndpointPolicy, settings: DeliverySettings): EndpointLimits {
  const at = `endpoints.${party}`;
  const { concurrency = settings.endpointConcurrency, perSecond = settings.endpointPerSecond, privateNetworks = [] } = policy;
  if (!Number.isInteger(concurrency) || concurrency < 1) throw refused(at, 'concurrency is a whole number from 1');
  if (!Number.isFinite(perSecond) || perSecond <= 0) throw refused(at, 'perSecond is a positive number');
  const permitted = privateNetworks.map((text) => {
    const network = parseNetwork(text);
    if (network === undefined) throw refused(at, 'privateNetworks holds networks such as 10.20.0.0/16');
    return network;
  });
  if (policy.via !== undefined && roleOfParty(policy.via) !== 'relay') throw refused(at, 'via is a relay, relay:…');
  const { breakerAfter, breakerPauseMs } = settings;
  return { concurrency, perSecond, breakerAfter, breakerPauseMs, permitted, ferryOut: policy.ferry?.out, via: policy.via };
}

function refused(at: string, why: string): ZhidaError {
  return new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at });
}
