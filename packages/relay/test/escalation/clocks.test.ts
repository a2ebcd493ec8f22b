import { nationalCalendar, sampleCountyProfile } from '@zhida/packs';
import { RECIPIENT_KINDS } from '@zhida/report';
import { describe, expect, test } from 'vitest';
import type { LadderSubject } from '../../src/escalation/ladder.js';
import { escalationRules } from '../../src/escalation/rules.js';

const { ladder } = escalationRules(sampleCountyProfile, ['log'], nationalCalendar);
/** The wall clock of the county. */
const at = (text: string): Date => new Date(`${text}:00+08:00`);
const wall = (date: Date): string => new Date(date.getTime() + 8 * 3_600_000).toISOString().slice(0, 16);

/** The first rungs of a delivery, each with its time. */
function rungs(subject: LadderSubject, count: number): string[] {
  const climbed = [ladder.first(subject)];
  while (climbed.length < count) climbed.push(ladder.after(climbed.at(-1)?.next_rung ?? '', subject));
  return climbed.map(({ next_rung: rung, rung_due_at: due }) => `${rung} ${wall(due)}`);
}

const pressed = at('2026-09-30T16:00');
const initial = { reportKind: 'initial', priority: 'urgent', createdAt: pressed } as const;

describe('a report pressed before the National Day holiday', () => {
  test('is filed with the health commission in its working days, the worked Saturday among them; nobody telephones it or asks for outcomes', () => {
    const subject = { ...initial, party: 'agency:health-commission-440299', recipientKind: 'health-commission' };
    expect(rungs(subject, 3)).toEqual(['no-stored 2026-10-08T16:00', 'no-accepted 2026-10-10T16:00', 'chase-30 2026-10-30T16:00']);
    expect(ladder.owesFeedback(subject)).toBe(false);
  });

  test('is with the police around the clock, and their feedback is due on the first working day after three days', () => {
    const subject = { ...initial, party: 'agency:police-440299', recipientKind: 'police' };
    expect(rungs(subject, 4)).toEqual([
      'phone 2026-09-30T16:00',
      'no-stored 2026-09-30T16:10',
      'no-accepted 2026-09-30T16:30',
      // 3 October is a holiday; the period ends with the 8th.
      'no-feedback 2026-10-09T00:00',
    ]);
    expect(ladder.owesFeedback(subject)).toBe(true);
  });

  test('and released by the police at night is handed to a township’s social workers in their hours', () => {
    const subject = { reportKind: 'follow-up', priority: 'routine', createdAt: at('2026-09-30T23:00') } as const;
    expect(rungs({ ...subject, party: 'agency:social-work-440299101', recipientKind: 'social-work-station' }, 2)).toEqual([
      'no-stored 2026-10-08T09:30',
      'no-accepted 2026-10-08T16:30',
    ]);
  });
});

test('every kind of recipient has a clock, and only police and civil affairs owe word of the case', () => {
  expect(RECIPIENT_KINDS.filter((recipientKind) => ladder.owesFeedback({ recipientKind, reportKind: 'initial' }))).toEqual([
    'police',
    'civil-affairs',
  ]);
});
