import { isoNow, isZhidaError, ZhidaError } from '@zhida/core';
import type { Officer } from '@zhida/signing';
import { accountOf } from '../access/clinician.js';
import { readTicket } from '../access/press-ticket.js';
import type { GatewayContext } from '../context.js';
import { reportNamedIn } from '../presses/answer.js';
import { type OwnPress, ownPress } from '../presses/own-press.js';
import { press } from '../presses/press.js';
import { withAnswers } from '../prompts/answers-in-report.js';
import { PressConflict } from '../problems.js';
import { prefillReport } from '../prompts/prefill.js';
import { answersIn } from '../prompts/questionnaire.js';
import { questionSetsOf } from '../prompts/questions.js';
import { reportsOf } from '../prompts/reports.js';
import { toldOf } from '../prompts/told.js';
import { pressIdOf, ticketFor } from '../prompts/ticket.js';
import type { RelayClient } from '../relay-client.js';
import { decidedCase } from './decided-case.js';
import { assertSeen, recordReview, standingDecision, type StandingDecision } from './reviews.js';

/** How the reviewer is named to the police, sealed as every reporter is. */
const ROLE = 'protection-officer';

/**
 * Reports what somebody decided not to: filled in as the clinician's page would be, with what was answered, and pressed on the road every
 * press takes, the reviewer as the operator. Pressed twice it is one report. The review is written down after the report is safe.
 *
 * @returns the report's id, or `null` while the gateway holds it.
 * @throws ZhidaError as {@link standingDecision}; `ZD_ERR_NOT_FOUND` where nothing of the visit is kept; `ZD_ERR_CONFLICT` where it is not
 * what was opened any more; `ZD_ERR_MODE_REFUSED` for an exercise outside its window.
 */
export async function reportFromReview(
  context: GatewayContext,
  relay: RelayClient,
  promptId: string,
  { officer, text, stamp }: { readonly officer: Officer; readonly text: string; readonly stamp: string },
): Promise<string | null> {
  const account = accountOf('officer', officer.id);
  const decision = await standingDecision(context.database.db, context, promptId, { lock: false }).catch(async (error: unknown) => {
    const first = await pressedBefore(context, promptId, account);
    return first ?? Promise.reject(error);
  });
  const reviewed = () => noteReported(context, promptId, { officer, text });
  if ('pressId' in decision) return reviewed().then(() => decision.reportId);
  const { body, encounterId, mode } = await filledIn(context, decision, { account, stamp });
  const presser = { account, name: officer.name, role: ROLE, staffId: officer.id };
  const { ticket } = await ticketFor(context, presser, { id: promptId, encounterId, mode });
  const { claims } = await readTicket(context, ticket);
  const outcome = await press(context, relay, { ticket, claims, body, actor: 'operator' }).catch((error: unknown) =>
    // The same form in the same instant, a moment later by the clock: the first is the report.
    error instanceof PressConflict ? error.first : Promise.reject(error),
  );
  await reviewed();
  if ('pressId' in outcome) return outcome.reportId;
  return outcome.kind === 'held' ? null : (reportNamedIn(outcome.answer)?.reportId ?? null);
}

/** The report is on its way: a review that stands already, or that a later decision has overtaken, takes nothing of that back. */
async function noteReported(
  context: GatewayContext,
  promptId: string,
  { officer, text }: { readonly officer: Officer; readonly text: string },
): Promise<void> {
  try {
    await recordReview(context, promptId, { by: officer, verdict: 'disagreed', text, reported: true });
  } catch (error) {
    if (!isZhidaError(error) || error.code !== 'ZD_ERR_CONFLICT') throw error;
  }
}

/** A form that is sent twice finds the report of the first. */
async function pressedBefore(context: GatewayContext, promptId: string, account: string): Promise<OwnPress | undefined> {
  try {
    return await ownPress(context, { account, pressId: undefined }, pressIdOf(promptId, account));
  } catch (error) {
    if (isZhidaError(error) && error.code === 'ZD_ERR_NOT_FOUND') return undefined;
    throw error;
  }
}

async function filledIn(
  context: GatewayContext,
  standing: StandingDecision,
  { account, stamp }: { readonly account: string; readonly stamp: string },
) {
  const { prompt } = standing;
  const decided = await decidedCase(context.database.db, context, standing);
  assertSeen(decided, stamp);
  const { visits, answers } = decided;
  const [main] = visits;
  if (main === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'the visits of this prompt are not kept any more', { at: 'promptId' });
  const reports = (await reportsOf(context, [prompt], account)).get(prompt.id) ?? [];
  const told = (await toldOf(context.database.db, context, [prompt.id])).get(prompt.id) ?? {};
  const filled = prefillReport(context, prompt, main, { visits, reports, told });
  const report = withAnswers(filled, questionSetsOf(visits, 'zh'), answers === undefined ? {} : answersIn(answers));
  const body = new TextEncoder().encode(JSON.stringify({ ...report, createdAt: isoNow(context.clock) }));
  return { body, encounterId: main.snapshot.id, mode: report.mode };
}
