import { createId } from '@zhida/core';
import type { Kysely, Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import type { AssessedVisit } from '../encounters/store.js';
import { sentAs } from '../exercises.js';
import type { GatewaySchema } from '../schema.js';
import { addresseesOf } from './addressed.js';
import { changePrompt, type PromptChange, type PromptRow, recordPromptEvent } from './change.js';
import type { DecisionCode } from './decision-codes.js';
import { askAtMoment, NO_MOMENTS } from './moments.js';
import { dropPutAside } from './put-aside.js';
import { combine, hasRisen, type Reasons, reasonsOf } from './reasons.js';
import { ANSWERED, ENDED } from './states.js';

const HOUR_MS = 3_600_000;
/** Why a prompt changed: a visit of it is another patient's now. */
export const PATIENT_CHANGED = 'patient-changed';

/** A visit, and whether its patient is one of an exercise's record. A prompt is of such a patient or of a real child, and never turns. */
interface AskedVisit extends AssessedVisit {
  readonly exercise: boolean;
}

/**
 * One prompt per child and episode: opens it, raises it again when there is something new to say, closes it when the evidence
 * was corrected away before anyone answered. Returns the id of the prompt that changed, or null.
 */
export async function promptFor(trx: Transaction<GatewaySchema>, context: GatewayContext, told: AssessedVisit): Promise<string | null> {
  const reasons = reasonsOf(told.assessment);
  const { mode, open } = sentAs(context, told.snapshot.patient);
  const visit: AskedVisit = { ...told, exercise: mode === 'exercise' };
  const current = (await promptOfVisit(trx, context, visit)) ?? (await promptOfEpisode(trx, context, visit));
  if (current === undefined) {
    const silent = reasons.level === 'none' || !open;
    if (silent) return null;
    const id = await openPrompt(trx, context, visit, { ...reasons, level: reasons.level });
    await askAtMoment(trx, context, id, visit);
    return id;
  }
  await putReasons(trx, context, current.id, visit.encounterKey, reasons);
  await widenEpisode(trx, current, visit);
  // Outside its window an exercise asks nobody: what was answered in it, or ended with it, stays so.
  if (!open && reasons.level !== 'none' && [...ANSWERED, ...ENDED].includes(current.state)) return null;
  const changed = await adjust(trx, context, current, visit, reasons);
  const asked = await askAtMoment(trx, context, current.id, visit);
  return changed ?? (asked ? current.id : null);
}

/**
 * The prompt this visit already speaks in. A visit that now belongs to another patient takes its prompt along when it is the
 * prompt's only one (two records of one child were merged) and that child has none yet; otherwise it leaves, its reasons with it. From an
 * exercise it always leaves: what was asked and reported of its patient was asked and reported of no child.
 */
async function promptOfVisit(trx: Transaction<GatewaySchema>, context: GatewayContext, visit: AskedVisit): Promise<PromptRow | undefined> {
  const found = await trx
    .selectFrom('prompts')
    .innerJoin('prompt_encounters', 'prompt_encounters.prompt_id', 'prompts.id')
    .selectAll('prompts')
    .where('prompt_encounters.facility', '=', context.facility.code)
    .where('prompt_encounters.encounter_key', '=', visit.encounterKey)
    .orderBy('prompts.created_at', 'desc')
    .limit(1)
    .forUpdate('prompts')
    .executeTakeFirst();
  const isTurned = found?.exercise !== visit.exercise;
  if (found === undefined || (found.patient_key === visit.patientKey && !isTurned)) return found;
  const others = await trx
    .selectFrom('prompt_encounters')
    .select('encounter_key')
    .where('prompt_id', '=', found.id)
    .where('encounter_key', '<>', visit.encounterKey)
    .orderBy((row) => row('level', '<>', 'none'), 'desc')
    .orderBy('updated_at', 'desc')
    .executeTakeFirst();
  const answered = ANSWERED.includes(found.state);
  const mergesInto = answered ? undefined : await promptOfEpisode(trx, context, visit);
  if (!isTurned && others === undefined && mergesInto === undefined) return takeAlong(trx, context, found, visit.patientKey);
  await trx.deleteFrom('prompt_encounters').where('prompt_id', '=', found.id).where('encounter_key', '=', visit.encounterKey).execute();
  // The one that spoke for it is another child's now, who must not be shown in this one's place.
  const spoke = others !== undefined && found.encounter_key === visit.encounterKey;
  const left = spoke ? await patientChanged(trx, context, found, { encounter_key: others.encounter_key }) : found;
  await adjust(trx, context, left, undefined, undefined);
  return undefined;
}

/** Decisions that say who the patient is: they fall with a patient who was somebody else. */
const ABOUT_THE_PATIENT: readonly string[] = ['wrong-patient', 'over-18'] satisfies DecisionCode[];

/** A prompt with its only visit at the patient whom that visit turned out to be of. */
async function takeAlong(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  prompt: PromptRow,
  patientKey: string,
): Promise<PromptRow> {
  const decision = await trx
    .selectFrom('prompt_events')
    .select('code')
    .where('prompt_id', '=', prompt.id)
    .where('kind', '=', 'decided')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  const falls = prompt.state === 'decided' && ABOUT_THE_PATIENT.includes(decision?.code ?? '');
  return patientChanged(trx, context, prompt, { patient_key: patientKey, ...(falls ? raisedOf(prompt) : {}) });
}

/** What was written and answered meant the child before: none of it is shown, or reported, of this one. */
async function patientChanged(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { id }: PromptRow,
  set: PromptChange['set'],
): Promise<PromptRow> {
  await dropPutAside(trx, context, 'drafts', id);
  await dropPutAside(trx, context, 'prompt_answers', id);
  await dropPutAside(trx, context, 'prompt_told', id);
  return changePrompt(trx, context, id, {
    kind: set.state === undefined ? 'updated' : 'raised',
    account: null,
    code: PATIENT_CHANGED,
    set: { ...NO_MOMENTS, ...set },
  });
}

async function promptOfEpisode(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  visit: AskedVisit,
): Promise<PromptRow | undefined> {
  const gapMs = context.settings.episodeGapHours * HOUR_MS;
  return trx
    .selectFrom('prompts')
    .selectAll()
    .where('facility', '=', context.facility.code)
    .where('patient_key', '=', visit.patientKey)
    .where('exercise', '=', visit.exercise)
    .where('episode_last_at', '>=', new Date(visit.startedAt.getTime() - gapMs))
    .where('episode_first_at', '<=', new Date(visit.endedAt.getTime() + gapMs))
    .orderBy('episode_last_at', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
}

async function openPrompt(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  visit: AskedVisit,
  reasons: Reasons & { readonly level: PromptRow['level'] },
): Promise<string> {
  const now = new Date(context.clock.now());
  const prompt = await trx
    .insertInto('prompts')
    .values({
      id: createId('prm', context.clock),
      facility: context.facility.code,
      encounter_key: visit.encounterKey,
      patient_key: visit.patientKey,
      version: 1,
      state: 'shown',
      level: reasons.level,
      ...columnsOf(combine([reasons])),
      ...addresseesOf(visit, { staff_ids: [], departments: [] }),
      exercise: visit.exercise,
      occurrence: 1,
      deferrals: 0,
      due_at: null,
      corrected_at: null,
      ...NO_MOMENTS,
      episode_first_at: visit.startedAt,
      episode_last_at: visit.endedAt,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await putReasons(trx, context, prompt.id, visit.encounterKey, reasons);
  await recordPromptEvent(trx, context, prompt, { kind: 'shown', account: null });
  return prompt.id;
}

/** A visit that never had a reason leaves no row; one that had keeps an empty one, so that it still finds its prompt. */
async function putReasons(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  promptId: string,
  encounterKey: string,
  reasons: Reasons,
): Promise<void> {
  const row = { level: reasons.level, ...columnsOf(reasons), updated_at: new Date(context.clock.now()) };
  const key = { prompt_id: promptId, facility: context.facility.code, encounter_key: encounterKey };
  if (reasons.level === 'none') {
    await trx
      .updateTable('prompt_encounters')
      .set(row)
      .where('prompt_id', '=', promptId)
      .where('encounter_key', '=', encounterKey)
      .execute();
    return;
  }
  await trx
    .insertInto('prompt_encounters')
    .values({ ...key, ...row })
    .onConflict((conflict) => conflict.columns(['prompt_id', 'encounter_key']).doUpdateSet(row))
    .execute();
}

async function widenEpisode(trx: Transaction<GatewaySchema>, current: PromptRow, visit: AssessedVisit): Promise<void> {
  const first = new Date(Math.min(current.episode_first_at.getTime(), visit.startedAt.getTime()));
  const last = new Date(Math.max(current.episode_last_at.getTime(), visit.endedAt.getTime()));
  await trx.updateTable('prompts').set({ episode_first_at: first, episode_last_at: last }).where('id', '=', current.id).execute();
}

/** Brings a prompt to what its visits now say together. `visit` is the one that spoke last, if one did. */
async function adjust(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  current: PromptRow,
  visit: AssessedVisit | undefined,
  own: Reasons | undefined,
): Promise<string | null> {
  const all = await allReasons(trx, current.id);
  const now = combine(all);
  const answered = ANSWERED.includes(current.state);
  if (now.level === 'none') return takeBack(trx, context, current, visit);
  const hasMore = hasRisen({ level: current.level, ruleIds: current.rule_ids }, now);
  // Orange interrupts once in an episode: what comes after it is listed, and only red asks again.
  const risen = ENDED.includes(current.state) || (hasMore && now.level === 'red');
  // An answered prompt speaks again only when there is something new to say.
  if (!risen && !hasMore && current.corrected_at === null && (answered || isSame(current, now))) return null;
  await changePrompt(trx, context, current.id, {
    kind: risen ? 'raised' : 'updated',
    account: null,
    set: {
      ...(visit === undefined || own === undefined || own.level === 'none'
        ? { encounter_key: speakerOf(all) ?? current.encounter_key }
        : { encounter_key: visit.encounterKey, ...addresseesOf(visit, current) }),
      level: now.level,
      ...columnsOf(now),
      corrected_at: null,
      ...(risen ? raisedOf(current) : {}),
    },
  });
  return current.id;
}

function isSame(current: PromptRow, now: Reasons): boolean {
  return now.level === current.level && now.evidenceSha256 === current.evidence_sha256 && now.packDigest === current.pack_digest;
}

/** A report that was made stays made; the screen shows that there is more. */
function raisedOf({ occurrence, state }: PromptRow) {
  return { occurrence: occurrence + 1, due_at: null, state: state === 'reported' ? state : ('shown' as const) };
}

function speakerOf(all: readonly (Reasons & { readonly encounterKey: string })[]): string | undefined {
  return all.find(({ level }) => level !== 'none')?.encounterKey;
}

/** What the visits of a prompt say now, whether or not the prompt itself has moved. */
export async function evidenceNow(db: Kysely<GatewaySchema>, promptId: string): Promise<string> {
  return combine(await allReasons(db, promptId)).evidenceSha256;
}

async function allReasons(db: Kysely<GatewaySchema>, promptId: string): Promise<(Reasons & { readonly encounterKey: string })[]> {
  const rows = await db
    .selectFrom('prompt_encounters')
    .selectAll()
    .where('prompt_id', '=', promptId)
    .orderBy('updated_at', 'desc')
    .execute();
  return rows.map((row) => ({
    encounterKey: row.encounter_key,
    level: row.level,
    statutory: row.statutory,
    ruleIds: row.rule_ids,
    packDigest: row.pack_digest,
    evidenceSha256: row.evidence_sha256,
  }));
}

/**
 * Nothing is left of what the prompt stood on: it closes with the reason. A report that was made stays made; it is noted, so
 * that the screen can offer a correction (U33).
 */
async function takeBack(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  current: PromptRow,
  visit: AssessedVisit | undefined,
): Promise<string | null> {
  const isReported = current.state === 'reported' && current.corrected_at === null;
  if (!isReported && [...ANSWERED, ...ENDED].includes(current.state)) return null;
  await changePrompt(trx, context, current.id, {
    kind: isReported ? 'corrected' : 'closed',
    account: null,
    code: codeOf(visit),
    set: isReported ? { corrected_at: new Date(context.clock.now()) } : { state: 'closed', due_at: null },
  });
  return current.id;
}

/** Why nothing is left: the visits went to another patient, were cancelled, or their facts corrected. */
function codeOf(visit: AssessedVisit | undefined): string {
  if (visit === undefined) return PATIENT_CHANGED;
  return visit.cancelled === true ? 'visit-cancelled' : 'result-corrected';
}

function columnsOf(reasons: Reasons) {
  return {
    statutory: reasons.statutory,
    rule_ids: [...reasons.ruleIds],
    pack_digest: reasons.packDigest,
    evidence_sha256: reasons.evidenceSha256,
  };
}
