import type { Logger } from 'pino';
import { attachmentSweeper } from '../attachments/sweep.js';
import { exchangeSweeper } from '../exchange/exchange.js';
import type { LedgerContext } from '../ledger/context.js';
import type { RelayOptions } from '../options.js';
import { ferryReader } from './ferry-in.js';

/** What is looked at with every sweep beside what is due. */
export function roadsOf(
  { endpoints = {} }: RelayOptions,
  ledger: LedgerContext,
  log: Logger,
): { what: string; look: () => Promise<unknown> }[] {
  const gates = Object.entries(endpoints).flatMap(([party, { ferry }]) => (ferry === undefined ? [] : [{ party, ...ferry }]));
  const readers = [...new Set(gates.map((gate) => gate.in))].map((directory) => ({
    what: 'the ferry’s directory',
    look: ferryReader(ledger, directory, gates, log),
  }));
  return [
    ...readers,
    { what: 'what attachments wait', look: attachmentSweeper(ledger, gates, log) },
    { what: 'days that differ', look: exchangeSweeper(ledger, log) },
  ];
}
