import { afterServiceMinutes, type LegalCalendar, legalDeadline, type ServiceHours } from '@zhida/core';
import type { ReportKind } from '@zhida/report';
import type { Priority } from '../schema.js';

/** How long a kind of recipient may take before somebody is called. Data of the jurisdiction profile. */
export interface EscalationClocks {
  readonly urgent: StageMinutes;
  readonly routine: StageMinutes;
  /** Days of the legal calendar to the first feedback; `null` for a kind that owes none. */
  readonly feedbackLegalDays: number | null;
  /** Days after the press at which the hospital asks how the case stands; then again every so many days as the last one says. */
  readonly chaseDays: readonly number[];
  /** False for a kind that is told for its files (备案) and sends nobody: its desk is not telephoned. @defaultValue true */
  readonly phoneFirst?: boolean;
}

export interface StageMinutes {
  /** To 已签收, around the clock: a system does not sleep. Where a person hands the report over, in the recipient's service hours. */
  readonly stored: number;
  /** To 已受理, in the recipient's service hours. */
  readonly accepted: number;
}

/** Design 5. A profile overrides it by kind of recipient. */
export const DEFAULT_CLOCKS: EscalationClocks = {
  urgent: { stored: 10, accepted: 30 },
  routine: { stored: 60, accepted: 480 },
  feedbackLegalDays: 3,
  chaseDays: [30, 90],
};

/** Weekends alone, where an installation brings no calendar. */
export const NO_CALENDAR: LegalCalendar = { years: {}, everyYear: [] };

/** The next step of a delivery's ladder and its time, as its row keeps them. */
export interface RungDue {
  readonly next_rung: string;
  readonly rung_due_at: Date;
}

/** What a ladder depends on; everything else is read when a rung is due. */
export interface LadderSubject {
  readonly party: string;
  readonly recipientKind: string;
  readonly reportKind: ReportKind;
  readonly priority: Priority;
  readonly createdAt: Date;
  /** They were on the telephone before the report was made: nobody is asked to call them first. */
  readonly phoned?: boolean;
}

export interface Ladder {
  first(subject: LadderSubject): RungDue;
  /** The rung after this one; there always is one, because nothing gives up (INV-6). */
  after(rung: string, subject: LadderSubject): RungDue;
  /** When this rung is due; that of the first one if the profile does not know it any more. */
  dueAt(rung: string, subject: LadderSubject): Date;
  /** True if this kind owes word of how the case goes on, and not only its acceptance. */
  owesFeedback(subject: Pick<LadderSubject, 'recipientKind' | 'reportKind'>): boolean;
}

export interface LadderOptions {
  readonly clocksOf: (recipientKind: string) => EscalationClocks;
  readonly hoursOf: (party: string) => ServiceHours | undefined;
  /** True for a recipient without a system: a person hands the report over. */
  readonly isHandedOver: (party: string) => boolean;
  readonly calendar: LegalCalendar;
}

const MS_PER_DAY = 86_400_000;
const CHASE = 'chase-';

/**
 * The rungs of a delivery, by the clocks of its recipient: `phone` (at once, urgent only), `no-stored`, `no-accepted`,
 * `no-feedback` (initial reports to a kind that owes it), `chase-30`, `chase-90` and so on without an end.
 */
export function createLadder(options: LadderOptions): Ladder {
  const at = (rung: string, dueMs: number): RungDue => ({ next_rung: rung, rung_due_at: new Date(dueMs) });

  function stages(subject: LadderSubject): RungDue[] {
    const { calendar, hoursOf, clocksOf, isHandedOver } = options;
    const clocks = clocksOf(subject.recipientKind);
    const fromMs = subject.createdAt.getTime();
    const { stored, accepted } = clocks[subject.priority];
    const hours = hoursOf(subject.party);
    const phoned = subject.phoned === true || clocks.phoneFirst === false;
    return [
      ...(subject.priority === 'urgent' && !phoned ? [at('phone', fromMs)] : []),
      at('no-stored', afterServiceMinutes(fromMs, stored, { hours: isHandedOver(subject.party) ? hours : undefined, calendar })),
      at('no-accepted', afterServiceMinutes(fromMs, accepted, { hours, calendar })),
      ...(owesFeedback(subject) ? [at('no-feedback', legalDeadline(fromMs, clocks.feedbackLegalDays ?? 0, calendar).endsAtMs)] : []),
    ];
  }

  function owesFeedback({ recipientKind, reportKind }: Pick<LadderSubject, 'recipientKind' | 'reportKind'>): boolean {
    return reportKind === 'initial' && options.clocksOf(recipientKind).feedbackLegalDays !== null;
  }

  const first = (subject: LadderSubject): RungDue => stages(subject)[0] ?? chaseAfter(0, subject);

  function chaseAfter(days: number, subject: LadderSubject): RungDue {
    const { chaseDays } = options.clocksOf(subject.recipientKind);
    const next = chaseDays.find((candidate) => candidate > days) ?? days + (chaseDays.at(-1) ?? 90);
    return at(`${CHASE}${next}`, subject.createdAt.getTime() + next * MS_PER_DAY);
  }

  return {
    first,
    dueAt(rung, subject) {
      if (rung.startsWith(CHASE)) return new Date(subject.createdAt.getTime() + Number(rung.slice(CHASE.length)) * MS_PER_DAY);
      return (stages(subject).find(({ next_rung: name }) => name === rung) ?? first(subject)).rung_due_at;
    },
    after(rung, subject) {
      if (rung.startsWith(CHASE)) return chaseAfter(Number(rung.slice(CHASE.length)), subject);
      const rungs = stages(subject);
      return rungs[rungs.findIndex(({ next_rung: name }) => name === rung) + 1] ?? chaseAfter(0, subject);
    },
    owesFeedback,
  };
}

const REMINDERS: ReadonlySet<string> = new Set(['phone', 'no-feedback', 'exchange-silent']);

/** True for the rungs that a person of the hospital must acknowledge; the others remind. */
export function needsAcknowledgement(rung: string): boolean {
  return !rung.startsWith(CHASE) && !REMINDERS.has(rung);
}
