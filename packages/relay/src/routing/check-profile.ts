import { ZhidaError } from '@zhida/core';
import { isReleaseKind, RECIPIENT_KINDS } from '@zhida/report';
import type { Ladder, LadderSubject } from '../escalation/ladder.js';
import { escalationRules } from '../escalation/rules.js';
import type { ProfileRecipient, RelayOptions } from '../options.js';

/**
 * Finds out when a relay is made what a press would fail for, and what would show a case to somebody who is to wait for the police: a
 * profile is written by hand.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming what is wrong.
 */
export function checkProfile({ profile, escalation }: Pick<RelayOptions, 'profile' | 'escalation'>): void {
  const { recipients } = profile;
  if (recipients.every(({ view }) => isReleaseKind(view)))
    throw refused('profile.recipients', 'a report needs a recipient who does not wait for a release by another');
  const { ladder } = escalationRules(profile, [], escalation?.calendar);
  for (const [index, recipient] of recipients.entries()) {
    const at = `profile.recipients[${index}]`;
    if (recipients.findIndex(({ party }) => party === recipient.party) < index) throw refused(at, 'a party receives a report once');
    checkRecipient(recipient, at);
    if (!hasClocks(recipient, ladder)) throw refused(at, 'the clocks of its kind cannot be read');
  }
}

/** `HH:MM`, and the end of the day. */
const WALL_CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/;

function checkRecipient({ kind, view, name, serviceHours }: ProfileRecipient, at: string): void {
  if (!RECIPIENT_KINDS.includes(view)) throw refused(`${at}.view`, 'a view is that of one of the eight kinds of recipients');
  const waits = RECIPIENT_KINDS.some((known) => isReleaseKind(known) && (known === kind || known === view));
  if (waits && kind !== view)
    throw refused(`${at}.view`, 'whoever waits for a release has the view of its own kind, and nobody else has it');
  if (typeof name?.zh !== 'string' || typeof name.en !== 'string') throw refused(`${at}.name`, 'a recipient has a name in both languages');
  if (serviceHours === undefined) return;
  const { days, from, to } = serviceHours;
  const open = (days === 'working' || days === 'every') && WALL_CLOCK.test(from) && WALL_CLOCK.test(to) && from < to;
  // They would be taken for hours that never open, and nobody would be waited for.
  if (!open) throw refused(`${at}.serviceHours`, 'service hours are days (working or every) and from, before to, as HH:MM');
}

/** Rungs until the first that asks how the case stands. */
const RUNGS = 5;
/** Any instant does. Before 1992 a zone's clock is looked up at every step, and a relay would take longer to be made. */
const CREATED_AT = new Date(Date.UTC(2000, 0, 1));

function hasClocks({ party, kind }: ProfileRecipient, ladder: Ladder): boolean {
  return (['urgent', 'routine'] as const).every((priority) => {
    const subject: LadderSubject = { party, recipientKind: kind, reportKind: 'initial', priority, createdAt: CREATED_AT };
    try {
      let rung = ladder.first(subject);
      for (let step = 0; step < RUNGS && !Number.isNaN(rung.rung_due_at.getTime()); step += 1) rung = ladder.after(rung.next_rung, subject);
      return !Number.isNaN(rung.rung_due_at.getTime());
    } catch {
      return false;
    }
  });
}

function refused(at: string, why: string): ZhidaError {
  return new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at });
}
