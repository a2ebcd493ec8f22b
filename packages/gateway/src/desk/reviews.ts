import { ZhidaError } from '@zhida/core';
import type { Officer } from '@zhida/signing';
import type { Kysely, Selectable } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import type { OpenedVisit } from '../encounters/store.js';
import { exercisingSince, sentAs } from '../exercises.js';
import type { LocaleName } from '../locales/locale.js';
import { type PromptRow, recordPromptEvent } from '../prompts/change.js';
import type { QuestionnaireResponse } from '../prompts/questionnaire.js';
import { type PromptReason, reasonsOfVisits } from '../prompts/view.js';
import type { GatewaySchema, PromptEventTable, PromptLevel } from '../schema.js';
import { decidedCase } from './decided-case.js';

const LIMIT = 200;
const DAY_MS = 86_400_000;
/** A reason against a red prompt is reviewed within so long (V1). */
const DUE_MS = DAY_MS;
/** Orange decisions are looked at here and there; older ones are not offered. */
const ORANGE_DAYS = 7;

/** A reason that was given, as the list has it; nothing of the child. */
export interface ToReview {
  readonly promptId: string;
  readonly departments: readonly string[];
  readonly level: PromptLevel;
  readonly exercise: boolean;
  readonly code: string;
  readonly decidedAtMs: number;
  /** When the review is due; `null` for an orange prompt, which needs none. */
  readonly dueAtMs: number | null;
}

/** Reasons nobody has reviewed: the newest against red prompts, of these the longest waiting first, then against orange ones of the last days, newest first. */
export async function decisionsToReview(context: GatewayContext): Promise<{ readonly decisions: ToReview[]; readonly more: boolean }> {
  const since = new Date(context.clock.now() - ORANGE_DAYS * DAY_MS);
  const newest = () =>
    toReview(context)
      .orderBy('decided.at', 'desc')
      .limit(LIMIT + 1);
  const [red, orange] = await Promise.all([
    newest().where('prompts.level', '=', 'red').execute(),
    newest().where('prompts.level', '=', 'orange').where('decided.at', '>=', since).execute(),
  ]);
  const listed = [...red.slice(0, LIMIT).toReversed(), ...orange.slice(0, LIMIT)];
  return { decisions: listed.map(rowOf), more: red.length > LIMIT || orange.length > LIMIT };
}

/** One of them by itself; `undefined` where it waits for no review, or is orange and older than any that are listed. */
export async function decisionToReview(context: GatewayContext, promptId: string): Promise<ToReview | undefined> {
  const row = await toReview(context).where('prompts.id', '=', promptId).executeTakeFirst();
  return row === undefined ? undefined : rowOf(row);
}

function rowOf({ id, code, at, ...row }: Awaited<ReturnType<ReturnType<typeof toReview>['execute']>>[number]): ToReview {
  const decidedAtMs = at.getTime();
  return { ...row, promptId: id, code: code ?? '', decidedAtMs, dueAtMs: row.level === 'red' ? decidedAtMs + DUE_MS : null };
}

/** Of an exercise only while it runs: after its window its rows are no work that waits. */
function toReview(context: GatewayContext) {
  const exercising = exercisingSince(context);
  return context.database.db
    .selectFrom('prompts')
    .innerJoin('prompt_events as decided', (join) => join.onRef('decided.prompt_id', '=', 'prompts.id').on('decided.kind', '=', 'decided'))
    .select(['prompts.id', 'departments', 'level', 'exercise', 'decided.code', 'decided.at'])
    .where('prompts.facility', '=', context.facility.code)
    .where('prompts.state', '=', 'decided')
    .where((where) =>
      exercising === undefined
        ? where('exercise', '=', false)
        : where.or([where('exercise', '=', false), where('decided.at', '>=', exercising)]),
    )
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('prompt_events as later')
            .select('later.id')
            .whereRef('later.prompt_id', '=', 'prompts.id')
            .whereRef('later.id', '>', 'decided.id')
            .where('later.kind', 'in', ['decided', 'reviewed']),
        ),
      ),
    );
}

/** A decision that stands and nobody has reviewed, with its prompt. */
export interface StandingDecision {
  readonly prompt: PromptRow;
  readonly event: Selectable<PromptEventTable>;
}

/**
 * Finds the decision that is to be reviewed. `lock` keeps the prompt until the transaction ends; `answeredSince` finds it also where a report
 * was made of the prompt meanwhile.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`; `ZD_ERR_CONFLICT` where there is none any more: reviewed, reported, or raised again.
 */
export async function standingDecision(
  db: Kysely<GatewaySchema>,
  { facility }: GatewayContext,
  promptId: string,
  { lock, answeredSince = false }: { readonly lock: boolean; readonly answeredSince?: boolean },
): Promise<StandingDecision> {
  const prompt = await db
    .selectFrom('prompts')
    .selectAll()
    .where('facility', '=', facility.code)
    .where('id', '=', promptId)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
  if (prompt === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such prompt', { at: 'promptId' });
  const event = await db
    .selectFrom('prompt_events')
    .selectAll()
    .where('prompt_id', '=', promptId)
    .where('kind', 'in', ['decided', 'reviewed'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (event?.kind !== 'decided' || (prompt.state !== 'decided' && !answeredSince))
    throw new ZhidaError('ZD_ERR_CONFLICT', 'no decision of this prompt waits for a review', { at: 'promptId' });
  return { prompt, event };
}

/** What a reviewer sees: who decided what, when and on what, and about which child. */
export interface OpenedReview {
  readonly promptId: string;
  readonly level: PromptLevel;
  readonly exercise: boolean;
  readonly departments: readonly string[];
  readonly decision: { readonly code: string; readonly text: string; readonly account: string; readonly at: Date };
  readonly answers: QuestionnaireResponse | undefined;
  readonly reasons: readonly PromptReason[];
  readonly ofAnother: boolean;
  readonly changedSince: boolean;
  readonly stamp: string;
  /** `undefined` once nothing of the visit is kept. */
  readonly visit: OpenedVisit | undefined;
  /** Whether a report can be made from here: the visit is kept, and an exercise is in its window. */
  readonly reportable: boolean;
}

/**
 * Opens the case of a decision for a review; who looked, when and why is in the audit log.
 *
 * @throws ZhidaError as {@link standingDecision}; `ZD_ERR_REASON_MISSING`
 */
export async function openReview(
  context: GatewayContext,
  promptId: string,
  { by, reason, locale }: { readonly by: string; readonly reason: string; readonly locale: LocaleName },
): Promise<OpenedReview> {
  if (reason.trim() === '') throw new ZhidaError('ZD_ERR_REASON_MISSING', 'a case is opened with a reason', { at: 'reason' });
  return context.database.db.transaction().execute(async (trx) => {
    const standing = await standingDecision(trx, context, promptId, { lock: false });
    const { prompt, event } = standing;
    const { visits, text, ...stands } = await decidedCase(trx, context, standing);
    const detail = { account: by, reason: reason.trim() };
    await recordAudit(trx, context, { actor: 'operator', action: 'review.opened', subject: { promptId }, detail });
    const [visit] = visits;
    return {
      promptId,
      level: prompt.level,
      exercise: prompt.exercise,
      departments: prompt.departments,
      decision: { code: event.code ?? '', text, account: event.account ?? '', at: event.at },
      reasons: reasonsOfVisits(visits, locale),
      ...stands,
      visit,
      reportable: visit !== undefined && sentAs(context, visit.snapshot.patient).open,
    };
  });
}

export const VERDICTS = ['agreed', 'disagreed'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a reviewer finds; a report of theirs has made the prompt a reported one by then. */
export interface Review {
  readonly by: Officer;
  readonly verdict: Verdict;
  readonly text: string;
  /** The {@link OpenedReview} the verdict is of; none of a report, which was compared before it was made. */
  readonly stamp?: string;
  readonly reported?: boolean;
}

/**
 * Records a review: an event of the prompt, with person and time. It changes nothing the clinician sees, and asks nobody to sign.
 *
 * @throws ZhidaError as {@link standingDecision}; `ZD_ERR_CONFLICT` where the case is not what was opened any more, and for whoever would
 * agree with themselves, by the officer’s account in the HIS, which is their number unless it is known to be another; `ZD_ERR_REASON_MISSING` where somebody disagrees, makes no report and says nothing.
 */
export async function recordReview(
  context: GatewayContext,
  promptId: string,
  { by, verdict, text, stamp, reported = false }: Review,
): Promise<void> {
  if (verdict === 'disagreed' && !reported && text === '')
    throw new ZhidaError('ZD_ERR_REASON_MISSING', 'who disagrees says why', { at: 'text' });
  await context.database.db.transaction().execute(async (trx) => {
    const standing = await standingDecision(trx, context, promptId, { lock: true, answeredSince: reported });
    const { prompt, event } = standing;
    if (!reported) assertSeen(await decidedCase(trx, context, standing), stamp);
    if (event.account === (by.account ?? by.id) && verdict === 'agreed')
      throw new ZhidaError('ZD_ERR_CONFLICT', 'nobody agrees with themselves', { at: 'account' });
    await recordPromptEvent(trx, context, prompt, { kind: 'reviewed', account: by.id, actor: 'operator', code: verdict, text });
  });
}

/** @throws ZhidaError `ZD_ERR_CONFLICT` where the case is another than whoever judges it has opened */
export function assertSeen({ stamp }: { readonly stamp: string }, seen: string | undefined): void {
  if (stamp !== seen) throw new ZhidaError('ZD_ERR_CONFLICT', 'the case has changed since it was opened', { at: 'stamp' });
}
