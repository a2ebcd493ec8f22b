import type { EventKind } from '@zhida/core';
import type { Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import type { AssessedVisit } from '../encounters/store.js';
import type { GatewaySchema } from '../schema.js';
import { addresseesOf } from './addressed.js';
import { changePrompt, lockPrompt, type PromptRow } from './change.js';
import { evidenceActsIn } from './evidence-acts.js';
import { isUnanswered } from './states.js';
import { goneAs, whereaboutsOf } from './whereabouts.js';

/** Nobody is asked where the child has gone or what is kept: somebody has said so, or has pressed or decided. */
export const NOTHING_ASKED = { left_as: null, keep_acts: [] as string[], keep_at: null } as const;

/** As a prompt begins, and begins again as another child's. */
export const NO_MOMENTS = {
  ...NOTHING_ASKED,
  whereabouts: null,
  whereabouts_at: null,
  whereabouts_key: null,
  acts_asked: [] as string[],
} as const;

type Asked = Pick<PromptRow, 'left_as' | 'keep_acts' | 'keep_at' | 'acts_asked'>;
type Told = Pick<PromptRow, 'whereabouts' | 'whereabouts_at' | 'whereabouts_key'>;

const LEAVING: readonly (EventKind | undefined)[] = ['discharge', 'transfer', 'death'];

/**
 * S7: what a visit's newest word asks of a report that is open or a red nobody has answered. Once for each event: when the child leaves,
 * is transferred or dies, where the child has gone; at an order after which evidence would be lost, whether it is kept. It is asked after the
 * visit was taken, in whose transaction it runs, and holds up nothing.
 *
 * @returns whether the prompt has changed.
 */
export async function askAtMoment(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  promptId: string,
  visit: AssessedVisit,
): Promise<boolean> {
  const prompt = visit.cancelled === true ? undefined : await lockPrompt(trx, context, promptId);
  if (prompt === undefined) return false;
  const told = toldBy(context, prompt, visit);
  const left = leftAs(prompt, told, visit);
  const asked: Asked = { left_as: left, ...actsAsked(context, prompt, visit) };
  const isMore = asked.keep_acts.length > prompt.keep_acts.length;
  if (left === prompt.left_as && !isMore) {
    await trx.updateTable('prompts').set(told).where('id', '=', prompt.id).execute();
    return false;
  }
  await changePrompt(trx, context, prompt.id, {
    kind: left === null && !isMore ? 'updated' : 'asked',
    account: null,
    code: isMore ? 'evidence-at-risk' : left === null ? 'child-is-back' : `child-${left}`,
    set: { ...told, ...asked, ...addresseesOf(visit, prompt) },
  });
  return true;
}

/** Where the child is; an older visit than the one that told it last does not say. */
function toldBy(context: GatewayContext, prompt: PromptRow, { snapshot, startedAt, encounterKey }: AssessedVisit): Told {
  const { whereabouts, whereabouts_at: since, whereabouts_key: key } = prompt;
  if (since !== null && startedAt < since && key !== encounterKey) return { whereabouts, whereabouts_at: since, whereabouts_key: key };
  return { whereabouts: whereaboutsOf(context, snapshot).status, whereabouts_at: startedAt, whereabouts_key: encounterKey };
}

/** Of a child who had left before anything was told, a message that is not of the leaving asks nothing. */
function leftAs(prompt: PromptRow, told: Told, { snapshot }: AssessedVisit): PromptRow['left_as'] {
  const gone = goneAs(told.whereabouts ?? 'unknown');
  if (gone === null || told.whereabouts === prompt.whereabouts) return gone === null ? null : prompt.left_as;
  const isMoment = prompt.whereabouts !== null || LEAVING.includes(snapshot.event?.kind);
  return isMoment && (prompt.state === 'reported' || isOpenRed(prompt)) ? gone : prompt.left_as;
}

function actsAsked(context: GatewayContext, prompt: PromptRow, { snapshot, encounterKey }: AssessedVisit): Omit<Asked, 'left_as'> {
  const { keep_acts: acts, keep_at: since, acts_asked: before } = prompt;
  const found = isOpenRed(prompt) ? evidenceActsIn(snapshot) : [];
  const added = found.filter((act) => !before.includes(`${encounterKey} ${act}`));
  if (added.length === 0) return { keep_acts: acts, keep_at: since, acts_asked: before };
  return {
    keep_acts: [...acts, ...added],
    keep_at: since ?? new Date(context.clock.now()),
    acts_asked: [...before, ...added.map((act) => `${encounterKey} ${act}`)],
  };
}

function isOpenRed(prompt: PromptRow): boolean {
  return prompt.level === 'red' && (prompt.state === 'reported' || isUnanswered(prompt));
}
