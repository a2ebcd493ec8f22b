import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import { raiseAlarm } from '../ledger/escalations.js';
import type { DutyContact } from './channel.js';

/** One shift of a desk. Times are milliseconds since 1970. */
export interface Shift {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly title: string;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
}

/** Hours in which nobody is on duty. */
export interface RosterGap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How far ahead a gap is told, so that somebody can still be found. */
const GAP_HORIZON_MS = 72 * 3_600_000;
/** Shifts shown at most: a desk of one post has a dozen in 72 hours. */
const SHIFTS_MAX = 200;

/** Whoever is on duty now; the shift that began last, where two overlap. */
export async function onDuty(tenant: Tenant, { db }: Pick<LedgerContext, 'db'>, nowMs: number): Promise<DutyContact | undefined> {
  const now = new Date(nowMs);
  const shift = await db
    .selectFrom('roster_shifts')
    .select(['title', 'phone', 'email'])
    .where('facility', '=', tenant)
    .where('starts_at', '<=', now)
    .where('ends_at', '>', now)
    .orderBy('starts_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return shift === undefined ? undefined : { title: shift.title, phone: shift.phone ?? undefined, email: shift.email ?? undefined };
}

/**
 * Puts imported shifts into the roster in the place of what they overlap: swaps are imported again, and the newest file is right.
 * The audit log says how many, never who.
 */
export async function replaceShifts(tenant: Tenant, context: LedgerContext, shifts: readonly Shift[], by: string): Promise<void> {
  const starts = Math.min(...shifts.map(({ startsAtMs }) => startsAtMs));
  const ends = Math.max(...shifts.map(({ endsAtMs }) => endsAtMs));
  await context.db.transaction().execute(async (tx) => {
    await tx
      .deleteFrom('roster_shifts')
      .where('facility', '=', tenant)
      .where('starts_at', '>=', new Date(starts))
      .where('starts_at', '<', new Date(ends))
      .execute();
    await tx
      .insertInto('roster_shifts')
      .values(
        shifts.map(({ startsAtMs, endsAtMs, title, phone, email }) => ({
          facility: tenant,
          starts_at: new Date(startsAtMs),
          ends_at: new Date(endsAtMs),
          title,
          phone: phone ?? null,
          email: email ?? null,
        })),
      )
      .onConflict((on) => on.doNothing())
      .execute();
    await audit(tx, context, {
      actor: by,
      action: 'roster.imported',
      subject: {
        facility: tenant,
        shifts: String(shifts.length),
        from: new Date(starts).toISOString(),
        to: new Date(ends).toISOString(),
      },
    });
  });
}

/** The shifts that touch the next 72 hours, in their order; the one on duty now is the first of them. */
export async function shiftsAhead(tenant: Tenant, { db, clock }: Pick<LedgerContext, 'db' | 'clock'>): Promise<Shift[]> {
  const nowMs = clock.now();
  const rows = await db
    .selectFrom('roster_shifts')
    .select(['starts_at', 'ends_at', 'title', 'phone'])
    .where('facility', '=', tenant)
    .where('ends_at', '>', new Date(nowMs))
    .where('starts_at', '<', new Date(nowMs + GAP_HORIZON_MS))
    .orderBy('starts_at')
    .limit(SHIFTS_MAX)
    .execute();
  return rows.map((row) => ({
    startsAtMs: row.starts_at.getTime(),
    endsAtMs: row.ends_at.getTime(),
    title: row.title,
    phone: row.phone ?? undefined,
  }));
}

/** Whether this facility has ever imported a roster: one that has run out is a gap, none at all is a choice. */
export async function keepsRoster(tenant: Tenant, { db }: Pick<LedgerContext, 'db'>): Promise<boolean> {
  return (await db.selectFrom('roster_shifts').select('title').where('facility', '=', tenant).limit(1).executeTakeFirst()) !== undefined;
}

/** How many shifts have not ended yet. */
export async function shiftsToCome(tenant: Tenant, { db, clock }: Pick<LedgerContext, 'db' | 'clock'>): Promise<number> {
  const { count } = await db
    .selectFrom('roster_shifts')
    .select((of) => of.fn.countAll<string>().as('count'))
    .where('facility', '=', tenant)
    .where('ends_at', '>', new Date(clock.now()))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The gaps between now and 72 hours from now. A facility that has never imported a roster has one long gap. */
export async function rosterGaps(tenant: Tenant, { db, clock }: Pick<LedgerContext, 'db' | 'clock'>): Promise<RosterGap[]> {
  const nowMs = clock.now();
  const untilMs = nowMs + GAP_HORIZON_MS;
  const rows = await db
    .selectFrom('roster_shifts')
    .select(['starts_at', 'ends_at'])
    .where('facility', '=', tenant)
    .where('ends_at', '>', new Date(nowMs))
    .where('starts_at', '<', new Date(untilMs))
    .orderBy('starts_at')
    .execute();
  const gaps: RosterGap[] = [];
  let coveredToMs = nowMs;
  for (const { starts_at: starts, ends_at: ends } of rows) {
    if (starts.getTime() > coveredToMs) gaps.push({ fromMs: coveredToMs, toMs: starts.getTime() });
    coveredToMs = Math.max(coveredToMs, ends.getTime());
  }
  if (coveredToMs < untilMs) gaps.push({ fromMs: coveredToMs, toMs: untilMs });
  return gaps;
}

/**
 * Raises an alarm for every gap of the next 72 hours, once per gap. A facility that keeps no roster here works with its fixed
 * number and is not reminded of it every day.
 */
export async function raiseRosterGaps(tenant: Tenant, context: LedgerContext): Promise<number> {
  if (!(await keepsRoster(tenant, context))) return 0;
  let raised = 0;
  for (const { fromMs } of await rosterGaps(tenant, context)) {
    // A gap that has begun moves with the clock; its hour makes it one gap.
    const from = new Date(Math.floor(fromMs / 3_600_000) * 3_600_000).toISOString();
    const known = await context.db
      .selectFrom('escalations')
      .select('escalation_id')
      .where('facility', '=', tenant)
      .where('subject', '=', `roster-gap/${from}`)
      .executeTakeFirst();
    if (known !== undefined) continue;
    const isNew = await context.db.transaction().execute((tx) =>
      raiseAlarm(tenant, tx, context, {
        subject: `roster-gap/${from}`,
        rung: 'roster-gap',
        deliveryId: null,
        reportId: null,
        dueAt: dateNow(context.clock),
        state: null,
        about: { from: new Date(fromMs).toISOString() },
        tell: true,
      }),
    );
    if (isNew) raised += 1;
  }
  return raised;
}
