import { ZhidaError } from '@zhida/core';
import type { TicketClaims } from '@zhida/signing';
import type { Reader } from '../access/reader.js';
import type { GatewayContext } from '../context.js';
import { followTicket, pressIdOf } from '../prompts/ticket.js';
import { maskName } from '../prompts/mask.js';
import { patientChangedSince } from './patient-changed.js';
import { followKindOf, reportPressed } from './chain-body.js';
import type { Press } from './press.js';

/** What only whoever made a report says again: whom it is about, from whom it is kept, and how the hospital is to be met. */
const AUTHORS = ['patient', 'conflictOfInterest', 'facility', 'department', 'contactPlan'] as const;

/** What a page presses after its first report. */
export interface FollowUpPress {
  /** The ticket of the first press, or a colleague's own of the same prompt and visit. */
  readonly ticket: string;
  readonly claims: TicketClaims;
  /** Past its time it is still taken, and the relay flags the report (INV-9). */
  readonly expired: boolean;
  /** Report or press that is followed, as the address says. */
  readonly id: string;
  readonly key: string;
  readonly body: Uint8Array;
}

/**
 * A press of its own in the case of the one whose ticket comes with it, or in that of a colleague's report of the same prompt and visit
 * (补充进去). Its id is made of that press and the page's key: a double click is one report, and nobody can use up a key of another case.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` when the address names another press than the ticket, or none that was made;
 * `ZD_ERR_SCOPE_MISSING` for what only whoever made a report says of it: that it is wrong, or what stands in its {@link AUTHORS}.
 */
export async function followUpOf(context: GatewayContext, { ticket, claims, expired, id, key, body }: FollowUpPress): Promise<Press> {
  const first = await firstPress(context, { account: claims.sub, ...claims }, id);
  // A colleague's key is one of their own: two people may not meet in one press.
  const pressId = first.own ? pressIdOf(first.pressId, key) : pressIdOf(first.pressId, claims.sub, key);
  const said = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
  const kind = followKindOf(said);
  const at = first.own ? undefined : kind === 'follow-up' ? AUTHORS.find((name) => name in said) : 'kind';
  if (at !== undefined) throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'a report is corrected by whoever made it', { at });
  // Whoever is on the page's visit now: it follows the report that was made.
  const own = { ...claims, mode: first.exercise ? 'exercise' : context.mode } as const;
  return {
    ticket: expired ? ticket : await followTicket(context, own, pressId),
    claims: { ...own, pressId, promptId: null },
    body,
    follows: { pressId: first.pressId, key, kind, addsTo: first.own ? null : claims.promptId },
  };
}

interface FirstPress {
  readonly pressId: string;
  readonly exercise: boolean;
  /** Made by whoever asks. */
  readonly own: boolean;
}

type Asking = Omit<Reader, 'expiresAt'>;

/** The first press of a case: an own one by its id or its report's, a colleague's by its number. @throws ZhidaError `ZD_ERR_NOT_FOUND` */
async function firstPress(context: GatewayContext, asking: Asking, id: string): Promise<FirstPress> {
  const { press_id: pressId, exercise, account } = (await findFirst(context, asking, id)) ?? unknownReport();
  return { pressId, exercise, own: account === asking.account };
}

async function findFirst(context: GatewayContext, asking: Asking, id: string) {
  const { account, pressId } = asking;
  const own = await firstPresses(context)
    .where('account', '=', account)
    .where((where) => where.or([where('press_id', '=', id), where('report_id', '=', id)]))
    .$if(pressId !== undefined, (query) => query.where('press_id', '=', pressId ?? ''))
    .executeTakeFirst();
  return own ?? colleaguesPress(context, asking, id);
}

function unknownReport(): never {
  throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report of this account', { at: 'id' });
}

/**
 * A colleague's report by its number, which the prompt names: for the ticket of that very prompt and visit alone, and only while the
 * visit speaks in that prompt and is of the child who was reported.
 */
async function colleaguesPress(context: GatewayContext, { account, promptId, encounterId }: Asking, number: string) {
  if (promptId === null || promptId === undefined || encounterId === undefined) return undefined;
  return pressesOfChild(context, promptId)
    .where('number', '=', number)
    .where('account', '<>', account)
    .where('encounter_key', '=', context.rowKeys.encounter(encounterId))
    .where((press) =>
      press.exists(
        press
          .selectFrom('prompt_encounters')
          .select('prompt_encounters.prompt_id')
          .whereRef('prompt_encounters.prompt_id', '=', 'presses.prompt_id')
          .whereRef('prompt_encounters.encounter_key', '=', 'presses.encounter_key'),
      ),
    )
    .executeTakeFirst();
}

function firstPresses({ database, facility }: GatewayContext) {
  return database.db
    .selectFrom('presses')
    .select(['press_id', 'prompt_id', 'exercise', 'account'])
    .where('facility', '=', facility.code)
    .where('follows', 'is', null);
}

/** Those of a prompt whose visit is still of the child who was reported. */
function pressesOfChild(context: GatewayContext, promptId: string) {
  return firstPresses(context)
    .where('prompt_id', '=', promptId)
    .where((press) => press.not(patientChangedSince(press)));
}

/** What one account has pressed after a first report, as it is told. */
export interface FollowUpListed {
  readonly key: string;
  readonly kind: string;
  readonly at: string;
  readonly number: string | null;
}

export interface CaseSoFar {
  /** Oldest first. */
  readonly followUps: readonly FollowUpListed[];
  /** Whom the first report speaks of, as a screen may name him. */
  readonly reportedName: string;
  /** The visit turned out since to be another patient's: what the prompt shows now is not whom the report speaks of. */
  readonly patientChanged: boolean;
}

/**
 * What this account has said after the report of a case, and in a colleague's report of the same prompt and child: that stays in sight
 * also once they have made one of their own, and once another visit speaks in the prompt.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`
 */
export async function caseOf(context: GatewayContext, reader: Asking, id: string): Promise<CaseSoFar> {
  const first = (await findFirst(context, reader, id)) ?? (await addedTo(context, reader, id)) ?? unknownReport();
  const { press_id: pressId, prompt_id: promptId } = first;
  const rows = await context.database.db
    .selectFrom('presses')
    .select(['follow_key', 'follow_kind', 'pressed_at', 'number'])
    .where('facility', '=', context.facility.code)
    .where('account', '=', reader.account)
    .where((where) =>
      where.or([
        where('follows', '=', pressId),
        where(
          'follows',
          'in',
          pressesOfChild(context, promptId ?? '')
            .clearSelect()
            .select('press_id'),
        ),
      ]),
    )
    .orderBy('pressed_at')
    .execute();
  const followUps = rows.map((row) => ({
    key: row.follow_key ?? '',
    kind: row.follow_kind ?? '',
    at: row.pressed_at.toISOString(),
    number: row.number,
  }));
  return { followUps, ...(await reportedOf(context, pressId)) };
}

/** The colleague's press this account has added to, for the ticket of a prompt in which they have made no report themselves. */
async function addedTo(context: GatewayContext, { account, pressId, promptId }: Asking, id: string) {
  if (pressId !== id || promptId === null || promptId === undefined) return undefined;
  return pressesOfChild(context, promptId)
    .where((press) =>
      press.exists(
        press
          .selectFrom('presses as added')
          .select('added.press_id')
          .whereRef('added.facility', '=', 'presses.facility')
          .whereRef('added.follows', '=', 'presses.press_id')
          .where('added.account', '=', account),
      ),
    )
    .orderBy('pressed_at')
    .executeTakeFirst();
}

async function reportedOf(context: GatewayContext, pressId: string): Promise<Omit<CaseSoFar, 'followUps'>> {
  const first = await context.database.db
    .selectFrom('presses')
    .select(['wrapped_key', 'sealed_body', 'sealed_ticket'])
    .select((press) => patientChangedSince(press).as('patientChanged'))
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', pressId)
    .executeTakeFirstOrThrow();
  const { patient } = reportPressed(context, pressId, first);
  return { reportedName: maskName(patient?.name ?? ''), patientChanged: Boolean(first.patientChanged) };
}
