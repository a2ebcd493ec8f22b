import { pino } from 'pino';
import { runChild } from './child.js';
import { type RelayPart, startRelay } from './relay-part.js';

/** A second relay process over the same ledger, as a hospital adds one for its availability. */
runChild((part: RelayPart) => startRelay(part, pino({ name: 'second-relay', level: 'info' })));
