import type { LegalCalendar } from '@zhida/core';
import type { RelayProfile } from '../options.js';
import { createLadder, DEFAULT_CLOCKS, type Ladder, needsAcknowledgement, NO_CALENDAR } from './ladder.js';

/** What the ledger needs to know of escalation when it opens a delivery or raises an alarm. */
export interface EscalationRules {
  readonly ladder: Ladder;
  /** Names of the channels an alarm goes to. */
  readonly channelsFor: (rung: string) => readonly string[];
}

/**
 * The rules of one profile. The first channel is the ordinary one; what is overdue goes to all of them (second
 * channel when nothing is stored in time).
 */
export function escalationRules(
  profile: RelayProfile,
  channels: readonly string[],
  calendar: LegalCalendar = NO_CALENDAR,
): EscalationRules {
  const hours = new Map(profile.recipients.map(({ party, serviceHours }) => [party, serviceHours]));
  const handedOver = new Set(profile.recipients.filter(({ system }) => system === 'no-system').map(({ party }) => party));
  const clocksOf = (kind: string) => profile.clocks?.[kind] ?? profile.clocks?.['default'] ?? DEFAULT_CLOCKS;
  return {
    ladder: createLadder({ clocksOf, hoursOf: (party) => hours.get(party), isHandedOver: (party) => handedOver.has(party), calendar }),
    channelsFor: (rung) => (needsAcknowledgement(rung) ? channels : channels.slice(0, 1)),
  };
}
