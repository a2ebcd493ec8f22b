import { createHash } from 'node:crypto';
import { ZhidaError } from '@zhida/core';
import type { TicketClaims } from '@zhida/signing';
import type { Reader } from '../access/reader.js';
import type { GatewayContext } from '../context.js';
import { followTicket } from '../prompts/ticket.js';
import { maskName } from '../prompts/mask.js';
import { PATIENT_CHANGED } from '../prompts/upsert.js';
import { followKindOf, reportPressed } from './chain-body.js';
import type { Press } from './press.js';

/** What a page presses after its first report. */
export interface FollowUpPress {
  /** The ticket of the first press. */
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
 * A press of its own in the case of the one whose ticket comes with it. Its id is made of that press and the page's key: a double
 * click is one report, and nobody can use up a key of another case.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` when the address names another press than the ticket, or none that was made.
 */
export async function followUpOf(context: GatewayContext, { ticket, claims, expired, id, key, body }: FollowUpPress): Promise<Press> {
  const first = await firstPress(context, { account: claims.sub, pressId: claims.pressId }, id);
  const pressId = `prs_${createHash('sha256').update(`${first.pressId}\n${key}`).digest('hex').slice(0, 32)}`;
  const kind = followKindOf(JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>);
  // Whoever is on the page's visit now: it follows the report that was made.
  const own = { ...claims, mode: first.exercise ? 'exercise' : context.mode } as const;
  return {
    ticket: expired ? ticket : await followTicket(context, own, pressId),
    claims: { ...own, pressId, promptId: null },
    body,
    follows: { pressId: first.pressId, key, kind },
  };
}

interface FirstPress {
  readonly pressId: string;
  readonly exercise: boolean;
}

/** The first press of a case, by its own id or its report's. @throws ZhidaError `ZD_ERR_NOT_FOUND` */
async function firstPress(
  context: GatewayContext,
  { account, pressId }: Pick<Reader, 'account' | 'pressId'>,
  id: string,
): Promise<FirstPress> {
  const first = await context.database.db
    .selectFrom('presses')
    .select(['press_id', 'exercise'])
    .where('facility', '=', context.facility.code)
    .where('account', '=', account)
    .where('follows', 'is', null)
    .where((where) => where.or([where('press_id', '=', id), where('report_id', '=', id)]))
    .$if(pressId !== undefined, (query) => query.where('press_id', '=', pressId ?? ''))
    .executeTakeFirst();
  if (first === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report of this account', { at: 'id' });
  return { pressId: first.press_id, exercise: first.exercise };
}

/** What was pressed after a first report, as its own account is told. */
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

/** @throws ZhidaError `ZD_ERR_NOT_FOUND` */
export async function caseOf(context: GatewayContext, reader: Pick<Reader, 'account' | 'pressId'>, id: string): Promise<CaseSoFar> {
  const { pressId } = await firstPress(context, reader, id);
  const rows = await context.database.db
    .selectFrom('presses')
    .select(['follow_key', 'follow_kind', 'pressed_at', 'number'])
    .where('facility', '=', context.facility.code)
    .where('follows', '=', pressId)
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

async function reportedOf(context: GatewayContext, pressId: string): Promise<Omit<CaseSoFar, 'followUps'>> {
  const first = await context.database.db
    .selectFrom('presses')
    .select(['wrapped_key', 'sealed_body', 'sealed_ticket'])
    .select((press) =>
      press
        .exists(
          press
            .selectFrom('prompt_events')
            .select('prompt_events.id')
            .whereRef('prompt_events.prompt_id', '=', 'presses.prompt_id')
            .where('prompt_events.code', '=', PATIENT_CHANGED)
            .whereRef('prompt_events.at', '>', 'presses.pressed_at'),
        )
        .as('patientChanged'),
    )
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', pressId)
    .executeTakeFirstOrThrow();
  const { patient } = reportPressed(context, pressId, first);
  return { reportedName: maskName(patient?.name ?? ''), patientChanged: Boolean(first.patientChanged) };
}
