import type { Transaction } from 'kysely';
import { recordAudit } from './audit.js';
import type { GatewayContext } from './context.js';
import { forgetMessages, purgeFoldedVisits, purgeMessages } from './feeds/purge.js';
import { expirePrompts } from './prompts/expire.js';
import { purgePutAside } from './prompts/put-aside.js';
import type { GatewaySchema } from './schema.js';

const BATCH = 200;
const DAY_MS = 86_400_000;

/** What one sweep erased. */
export interface Purged {
  readonly encounters: number;
  readonly presses: number;
  /** Messages of feeds. */
  readonly messages: number;
  readonly drafts: number;
  /** What people had answered of a prompt's questions; what they decided or pressed on stays with that. */
  readonly answers: number;
  /** What people had told of where a child has gone and of evidence, beside a report. */
  readonly told: number;
}

/** Erases at most so many rows of one kind. @returns how many */
type Purge = (trx: Transaction<GatewaySchema>, context: GatewayContext, batch: number) => Promise<number>;

/**
 * Erases what is past its time: the text of visits that led to no report, messages of feeds, drafts, and the gateway's copy of
 * reports the relay has taken. The key goes with the text, so that a backup of the row cannot be read either. Rule ids, digests,
 * decisions and accounts stay, as long as the chart: they are what a doctor answers with.
 */
export async function purgeExpired(context: GatewayContext): Promise<Purged> {
  const encounters = await inBatches(context, purgeEncounters);
  await inBatches(context, expirePrompts);
  const presses = await inBatches(context, purgePresses);
  const messages = await inBatches(context, purgeMessages);
  await inBatches(context, forgetMessages);
  await inBatches(context, purgeFoldedVisits);
  const drafts = await context.database.db.transaction().execute((trx) => purgePutAside(trx, context, 'drafts'));
  const answers = await context.database.db.transaction().execute((trx) => purgePutAside(trx, context, 'prompt_answers'));
  const told = await context.database.db.transaction().execute((trx) => purgePutAside(trx, context, 'prompt_told'));
  return { encounters, presses, messages, drafts, answers, told };
}

/** One kind a transaction: a message that is being folded locks a visit as it was folded before the visit itself, and would wait in a ring. */
async function inBatches(context: GatewayContext, purge: Purge): Promise<number> {
  let erased = 0;
  for (let last = BATCH; last === BATCH; erased += last) {
    last = await context.database.db.transaction().execute((trx) => purge(trx, context, BATCH));
  }
  return erased;
}

async function purgeEncounters(trx: Transaction<GatewaySchema>, context: GatewayContext, batch: number): Promise<number> {
  const now = new Date(context.clock.now());
  const due = await trx
    .selectFrom('encounters')
    .select(['encounter_key', 'input_sha256', 'pack_digest'])
    .where('facility', '=', context.facility.code)
    .where('purge_at', '<=', now)
    .where('purged_at', 'is', null)
    .where((where) =>
      where.not(
        where.exists(
          // A press is the report, also while the relay has not taken it.
          where
            .selectFrom('prompt_encounters')
            .innerJoin('presses', 'presses.prompt_id', 'prompt_encounters.prompt_id')
            .select('presses.press_id')
            .whereRef('prompt_encounters.encounter_key', '=', 'encounters.encounter_key')
            .whereRef('prompt_encounters.facility', '=', 'encounters.facility'),
        ),
      ),
    )
    .orderBy('purge_at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
  for (const row of due) {
    await trx
      .updateTable('encounters')
      .set({ wrapped_key: null, sealed_snapshot: null, sealed_assessment: null, purged_at: now })
      .where('facility', '=', context.facility.code)
      .where('encounter_key', '=', row.encounter_key)
      .execute();
    await recordAudit(trx, context, {
      actor: 'gateway',
      action: 'encounter.purged',
      subject: { encounterKey: row.encounter_key, inputSha256: row.input_sha256, packDigest: row.pack_digest },
    });
  }
  return due.length;
}

async function purgePresses(trx: Transaction<GatewaySchema>, context: GatewayContext, batch: number): Promise<number> {
  const before = new Date(context.clock.now() - context.settings.keepSnapshotDays * DAY_MS);
  const due = await trx
    .selectFrom('presses')
    .select(['press_id', 'report_id'])
    .where('facility', '=', context.facility.code)
    // A held press is never erased. A conflict is kept as long as a report, for the person who looks into it.
    .where('state', '<>', 'held')
    // Versions before 0007 did not write down when a conflict was told.
    .where((row) => row(row.fn.coalesce('submitted_at', 'pressed_at'), '<=', before))
    .where('wrapped_key', 'is not', null)
    .orderBy('pressed_at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
  for (const { press_id: pressId, report_id: reportId } of due) {
    await trx
      .updateTable('presses')
      .set({ wrapped_key: null, sealed_body: null, sealed_ticket: null })
      .where('facility', '=', context.facility.code)
      .where('press_id', '=', pressId)
      .execute();
    await recordAudit(trx, context, {
      actor: 'gateway',
      action: 'press.purged',
      subject: { pressId, ...(reportId === null ? {} : { reportId }) },
    });
  }
  return due.length;
}
