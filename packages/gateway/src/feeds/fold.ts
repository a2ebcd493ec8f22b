import { type Issue, ZhidaError } from '@zhida/core';
import {
  applyMessage,
  type Hl7Message,
  type Hl7Options,
  type MessageHeader,
  readMessage,
  type VisitChange,
  type VisitState,
} from '@zhida/hl7v2';
import { sql, type Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import { assessVisit, lockName, takeVisits } from '../encounters/assess.js';
import type { AssessedVisit } from '../encounters/store.js';
import type { GatewaySchema } from '../schema.js';
import type { Hl7FeedOptions } from './config.js';
import { foldedKey, foldedVisits, keepFoldedVisit } from './folded-visits.js';
import { type MessageProblem, placeOf } from './inbox.js';

/** What a message did: the visits it changed, and whether a prompt moved. */
export interface Folded {
  readonly visitKeys: readonly string[];
  readonly prompted: boolean;
  /** Set where nothing was folded, because it is about somebody who is certainly an adult. */
  readonly passedOverKeys?: string[];
  /** Why a merge or a move had no effect: it stands beside the message for operators. */
  readonly notDone?: MessageProblem;
}

/** A feed's messages are this facility's, whatever MSH-4 calls it: so the messages of all its systems meet. */
export function hl7Options({ facility }: GatewayContext, given: Hl7FeedOptions = {}): Hl7Options {
  const { code, name, regionCode } = facility;
  return { ...given, facility: { code, name, regionCode }, adults: 'skim' };
}

/** INV-16: P is production, T test, D training; what this gateway does not know it does not take for its own. */
export function isOtherMode({ mode: own }: GatewayContext, { mode, processingId }: Pick<MessageHeader, 'mode' | 'processingId'>): boolean {
  return processingId !== '' && mode !== own;
}

/**
 * Folds one message into the visits it is about and assesses each, all in the caller's transaction: either the message has had
 * all its effect, or none.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` for what is no message, `ZD_ERR_MODE_REFUSED` for one of another mode.
 */
export async function foldMessage(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  bytes: Uint8Array,
  options: Hl7Options,
): Promise<Folded> {
  const { message, issues } = readMessage(bytes, options);
  if (message === undefined) {
    const broken = issues.find(({ severity }) => severity === 'error');
    const code = broken?.code === 'FIELD_TOO_LONG' ? 'ZD_ERR_INPUT_TOO_LARGE' : 'ZD_ERR_INPUT_UNREADABLE';
    throw new ZhidaError(code, 'this is no HL7 v2 message', { at: broken?.at ?? 'MSH' });
  }
  if (isOtherMode(context, message.header)) {
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'this gateway runs in another mode', { at: 'MSH-11' });
  }
  return fold(trx, context, message, options);
}

async function fold(trx: Transaction<GatewaySchema>, context: GatewayContext, message: Hl7Message, options: Hl7Options): Promise<Folded> {
  const keys = message.keys.map((key) => foldedKey(context, key)).toSorted();
  for (const key of keys) await lockName(trx, context, `folded:${key}`);
  const known = await foldedVisits(trx, context, keys);
  // Somebody who is certainly an adult and of whom nothing was ever said that could be a child's.
  if (message.skimmed && known.length === 0) return { visitKeys: [], prompted: false, passedOverKeys: keys };
  const earlier = message.skimmed ? [] : await passedOver(trx, context, keys, options);
  const visits: AssessedVisit[] = [];
  const { changes, issues } = changesOf(known, [...earlier, message]);
  for (const { state, snapshot, closes } of changes) {
    const revision = await risingRevision(trx, context, state);
    await keepFoldedVisit(trx, context, { ...state, revision });
    const { visit } = await assessVisit(context, { ...snapshot, revision });
    visits.push(closes === undefined ? visit : { ...visit, cancelled: true });
  }
  const promptIds = await takeVisits(trx, context, visits);
  const problem = issues.find(({ code, at }) => NOT_DONE.has(code) && SEGMENT_FIELD.test(at));
  return {
    visitKeys: visits.map(({ encounterKey }) => encounterKey),
    prompted: promptIds.some((id) => id !== null),
    ...(problem === undefined ? {} : { notDone: { code: problem.code, at: problem.at } }),
  };
}

type Effect = ReturnType<typeof applyMessage>;

/** What a merge or a move says of a number that is not there, or that nobody knows. */
const NOT_DONE: ReadonlySet<string> = new Set<Issue['code']>(['FIELD_MISSING', 'REFERENCE_UNRESOLVED']);
const SEGMENT_FIELD = /^[A-Z][A-Z0-9]{2}-\d/;

/** What messages in a row do to visits: of each its last change, in the order of those; and what the last of them could not do. */
function changesOf(known: readonly VisitState[], messages: readonly Hl7Message[]): Effect {
  const visits = new Map(known.map((state) => [state.keys[0], state]));
  const changes = new Map<string | undefined, VisitChange>();
  let issues: readonly Issue[] = [];
  for (const message of messages) {
    const effect = applyMessage([...visits.values()], message);
    issues = effect.issues;
    for (const change of effect.changes) {
      const [name] = change.state.keys;
      for (const map of [visits, changes]) map.delete(name);
      visits.set(name, change.state);
      changes.set(name, change);
    }
  }
  return { changes: [...changes.values()], issues };
}

/**
 * Messages about this patient that were passed over because they named an adult. A message that names no adult makes them
 * count: a birth date was typed wrong, or a system sends none, and what was said before is part of the visit either way.
 */
async function passedOver(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  keys: readonly string[],
  options: Hl7Options,
): Promise<Hl7Message[]> {
  if (keys.length === 0) return [];
  const rows = await trx
    .updateTable('feed_messages')
    .set({ passed_over_keys: null })
    .where('facility', '=', context.facility.code)
    .where('passed_over_keys', '&&', sql<string[]>`${keys}::text[]`)
    .returning(['id', 'seq', 'wrapped_key', 'sealed_message'])
    .execute();
  return rows
    .toSorted((left, right) => left.seq - right.seq)
    .flatMap(({ id, wrapped_key: wrapped, sealed_message: sealed }) => {
      if (wrapped === null || sealed === null) return [];
      const { message } = readMessage(context.sealing.open(wrapped, sealed, placeOf(id, 'message')), { ...options, adults: 'read' });
      return message ?? [];
    });
}

/** A visit whose folded state was erased begins to count again; what is stored of it has counted on. */
export async function risingRevision(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { id, revision }: Pick<VisitState, 'id' | 'revision'>,
): Promise<number> {
  const stored = await trx
    .selectFrom('encounters')
    .select('revision')
    .where('facility', '=', context.facility.code)
    .where('encounter_key', '=', context.rowKeys.encounter(id))
    .executeTakeFirst();
  return Math.max(revision, (stored?.revision ?? 0) + 1);
}
