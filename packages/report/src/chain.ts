import { ZhidaError, canonicalJson } from '@zhida/core';
import type { ErrorReason, Report, ReportKind, ReportPriority } from './report.js';

/** What a later report of a chain says of its own; everything else about child and facility is taken over. */
export interface NextReport {
  readonly reportId: string;
  readonly kind: Exclude<ReportKind, 'initial'>;
  readonly createdAt: string;
  readonly errorReason?: ErrorReason;
  /** Members that are new or different; they replace those of the previous report as a whole. */
  readonly changes?: Partial<
    Omit<Report, 'schemaVersion' | 'reportId' | 'mode' | 'kind' | 'createdAt' | 'chain' | 'errorReason' | 'number'>
  >;
}

/** Members that say who and where, and so stand in every report of a chain. */
const CARRIED = ['exerciseId', 'eventId', 'profile', 'facility', 'department', 'patient', 'contactPlan'] as const;

/**
 * The next report of a chain: one sequence further, in the same mode, with the same child and facility. Nothing is taken
 * back: a correction and an error-notice name the report they speak of in `chain.replaces`, and that report stays.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an error-notice without a reason: a recipient must know why to stop using a report.
 */
export function nextInChain(previous: Report, next: NextReport): Report {
  if (next.kind === 'error-notice' && next.errorReason === undefined) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'an error-notice needs a reason', { at: 'errorReason' });
  }
  const carried: Partial<Report> = Object.fromEntries(
    CARRIED.flatMap((key) => (previous[key] === undefined ? [] : [[key, previous[key]]])),
  );
  const report: Report = {
    ...carried,
    ...next.changes,
    facility: next.changes?.facility ?? previous.facility,
    schemaVersion: '1',
    reportId: next.reportId,
    mode: previous.mode,
    kind: next.kind,
    createdAt: next.createdAt,
    errorReason: next.errorReason ?? null,
    chain: {
      id: previous.chain?.id ?? previous.reportId,
      sequence: (previous.chain?.sequence ?? 1) + 1,
      replaces: next.kind === 'follow-up' ? null : previous.reportId,
    },
  };
  return { ...report, priority: priorityOf(report, previous) };
}

/**
 * How soon a report must arrive: `urgent` for every initial report and error-notice, and for a follow-up that changes
 * whereabouts or danger; else `routine`. What the report itself says of its priority is not asked.
 *
 * @param previous - the report before it in the chain. Without it, a follow-up that says anything of whereabouts or danger counts as a change.
 */
export function priorityOf(report: Report, previous?: Report): ReportPriority {
  if (report.kind === 'initial' || report.kind === 'error-notice') return 'urgent';
  if (report.kind === 'correction') return 'routine';
  const changed = differs(whereaboutsOf(report), whereaboutsOf(previous)) || differs(dangerOf(report), dangerOf(previous));
  return changed ? 'urgent' : 'routine';
}

type Stated = Readonly<Record<string, unknown>>;

/** True when something is stated now that was not stated before, or stated otherwise; silence is no change. */
function differs(now: Stated, before: Stated): boolean {
  return Object.entries(now).some(([key, value]) => before[key] === undefined || canonicalJson(before[key]) !== canonicalJson(value));
}

function whereaboutsOf(report: Report | undefined): Stated {
  return stated(report?.whereabouts);
}

function dangerOf(report: Report | undefined): Stated {
  const { otherChildrenAtRisk, ...answers } = report?.safety ?? {};
  return { ...stated(answers), ...stated(otherChildrenAtRisk) };
}

function stated(members: object | undefined): Stated {
  return Object.fromEntries(
    Object.entries(members ?? {}).filter(
      ([, value]: [string, unknown]) => value !== undefined && value !== null && value !== '' && value !== 'unknown',
    ),
  );
}
