import { sha256Hex, type TicketClaims } from '@zhida/signing';
import type { Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { refuseUnplanned } from '../exercises.js';
import { PressConflict } from '../problems.js';
import { answersGiven } from '../prompts/answers.js';
import { changePrompt, lockPrompt, recordPromptEvent } from '../prompts/change.js';
import { dropDraft } from '../prompts/drafts.js';
import { NOTHING_ASKED } from '../prompts/moments.js';
import { settleByReport } from '../prompts/settle.js';
import type { GatewaySchema } from '../schema.js';
import type { Press } from './press.js';
import { sealPress } from './sealed-press.js';

/** A press that is in the gateway's table, with the relay's answer when there is one. */
export interface CommittedPress {
  readonly answer: Uint8Array | null;
}

/** The outbox leaves the first seconds to the request that pressed. */
const OUTBOX_HEAD_START_MS = 1_000;

/** Writes the press, its prompt's new state and the audit entries in one transaction; a repeat with the same body finds the first. */
export async function commitPress(context: GatewayContext, pressed: Press): Promise<CommittedPress> {
  const bodySha256 = sha256Hex(pressed.body);
  const committed = await context.database.db.transaction().execute(async (trx) => {
    if (!(await insertPress(trx, context, pressed, bodySha256))) {
      const again = await pressAgain(trx, context, pressed, bodySha256);
      if (!again) return repeatOf(trx, context, pressed.claims.pressId, bodySha256);
    }
    const { promptId, sub: account, mode } = pressed.claims;
    // Not of a repeat, which may come after the window. What follows a press is judged by the relay, which knows its child.
    if (mode === 'exercise' && pressed.follows === undefined) refuseUnplanned(context, pressed.body);
    if (promptId !== null) {
      await markReported(trx, context, promptId, pressed);
      await dropDraft(trx, context, { promptId, account });
    }
    if (pressed.follows?.addsTo) await markAdded(trx, context, pressed.follows.addsTo, account);
    if (pressed.follows !== undefined) await settleByReport(trx, context, pressed.follows.pressId, { account, body: pressed.body });
    await recordAudit(trx, context, {
      actor: pressed.actor ?? 'clinician',
      action: 'press.committed',
      subject: { pressId: pressed.claims.pressId, bodySha256, ...followSubject(pressed) },
      detail: { account: pressed.claims.sub, promptId: pressed.claims.promptId },
    });
    return { answer: null };
  });
  context.changes.publish();
  return committed;
}

function followSubject({ follows }: Press): Readonly<Record<string, string>> {
  return follows === undefined ? {} : { follows: follows.pressId, kind: follows.kind };
}

async function insertPress(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { claims, ticket, body, follows }: Press,
  bodySha256: string,
): Promise<boolean> {
  const now = context.clock.now();
  const inserted = await trx
    .insertInto('presses')
    .values({
      press_id: claims.pressId,
      facility: context.facility.code,
      prompt_id: claims.promptId,
      account: claims.sub,
      encounter_key: claims.promptId === null || isKeptFromSome(body) ? null : context.rowKeys.encounter(claims.encounterId),
      exercise: claims.mode === 'exercise',
      body_sha256: bodySha256,
      ...sealPress(context, claims.pressId, { ticket, body }),
      state: 'held',
      report_id: null,
      number: null,
      answer: null,
      attempts: 0,
      last_problem: null,
      next_due_at: new Date(now + context.settings.relayAnswerMs + OUTBOX_HEAD_START_MS),
      pressed_at: new Date(now),
      submitted_at: null,
      refused_at: null,
      follows: follows?.pressId ?? null,
      follow_key: follows?.key ?? null,
      follow_kind: follows?.kind ?? null,
    })
    .onConflict((conflict) => conflict.columns(['facility', 'press_id']).doNothing())
    .returning('press_id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** A report that names a conflict of interest is kept from people of the house: no colleague finds it by its visit. */
function isKeptFromSome(body: Uint8Array): boolean {
  const { conflictOfInterest } = JSON.parse(new TextDecoder().decode(body)) as { readonly conflictOfInterest?: unknown };
  return Array.isArray(conflictOfInterest) && conflictOfInterest.length > 0;
}

/**
 * A press the relay refuses is pressed again, with the words of now: what was refused has been sent to nobody, and one report is
 * to come of it. Should the relay have taken the earlier words after all, it names that report, and it stands.
 */
async function pressAgain(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { claims, ticket, body }: Press,
  bodySha256: string,
): Promise<boolean> {
  const again = await trx
    .updateTable('presses')
    .set({
      body_sha256: bodySha256,
      ...sealPress(context, claims.pressId, { ticket, body }),
      refused_at: null,
      next_due_at: new Date(context.clock.now() + context.settings.relayAnswerMs + OUTBOX_HEAD_START_MS),
    })
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', claims.pressId)
    .where('account', '=', claims.sub)
    .where('state', '=', 'held')
    .where('refused_at', 'is not', null)
    .returning('press_id')
    .executeTakeFirst();
  return again !== undefined;
}

async function repeatOf(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  pressId: TicketClaims['pressId'],
  bodySha256: string,
): Promise<CommittedPress> {
  const first = await trx
    .selectFrom('presses')
    .select(['body_sha256', 'state', 'report_id', 'number', 'answer'])
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', pressId)
    .executeTakeFirstOrThrow();
  if (first.body_sha256 !== bodySha256 || first.state === 'conflict') {
    throw new PressConflict({ pressId, reportId: first.report_id, number: first.number });
  }
  return { answer: first.answer };
}

/** A colleague has added to the report of a prompt: their duty is recorded beside that of whoever made it. */
async function markAdded(trx: Transaction<GatewaySchema>, context: GatewayContext, promptId: string, account: string): Promise<void> {
  const prompt = await lockPrompt(trx, context, promptId);
  if (prompt !== undefined) await recordPromptEvent(trx, context, prompt, { kind: 'added', account });
}

/** A prompt whose row is gone does not stop its report. */
async function markReported(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  promptId: string,
  { claims: { sub: account }, actor }: Press,
): Promise<void> {
  const prompt = await lockPrompt(trx, context, promptId);
  if (prompt === undefined) return;
  const answers = await answersGiven(trx, context, { promptId, account });
  await changePrompt(trx, context, prompt.id, {
    kind: 'pressed',
    account,
    actor,
    answers,
    set: { state: 'reported', due_at: null, ...NOTHING_ASKED },
  });
}
