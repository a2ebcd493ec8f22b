import { attachmentFerry, dropAbandonedHourly } from '../attachments/sweep.js';
import { exchangeSweeper } from '../exchange/exchange.js';
import { silenceSweeper } from '../exchange/silent.js';
import type { RelayOptions } from '../options.js';
import { type FerryDeps, ferryReader } from './ferry-in.js';

/** What is looked at with every sweep beside what is due, each by itself. */
export interface Look {
  readonly what: string;
  readonly look: () => Promise<unknown>;
}

export function roadsOf({ endpoints = {} }: RelayOptions, deps: FerryDeps): Look[] {
  const gates = Object.entries(endpoints).flatMap(([party, { ferry }]) => (ferry === undefined ? [] : [{ party, ...ferry }]));
  const readers = [...new Set(gates.map((gate) => gate.in))].map((directory) => ({
    what: 'the ferry’s directory',
    look: ferryReader(deps, directory, gates),
  }));
  const attachments = gates.map((gate) => ({ what: 'what attachments wait for a gate', look: attachmentFerry(deps, gate) }));
  return [
    ...readers,
    ...attachments,
    { what: 'what uploads were broken off', look: dropAbandonedHourly(deps.ledger) },
    { what: 'days that differ', look: exchangeSweeper(deps.ledger, deps.log) },
    { what: 'agencies that tell no day', look: silenceSweeper(deps.ledger) },
  ];
}
