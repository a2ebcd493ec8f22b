import { auditToken } from '@zhida/audit-log';
import { fingerprint, type Issue, parseInstant } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import { sql, type Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { promptFor } from '../prompts/upsert.js';
import { rulesDigest } from '../rules.js';
import type { GatewaySchema } from '../schema.js';
import { readEncounter } from './intake.js';
import { type AssessedVisit, openVisits, storedVisit, storeEncounter } from './store.js';

export interface AssessedInput {
  readonly assessment: Assessment & { readonly inputSha256: string };
  /** The prompt this message changed, or null. */
  readonly promptId: string | null;
}

/** Takes one visit: reads, assesses, and writes visit, prompt and audit entry in one transaction. A repeat changes nothing. */
export async function takeEncounter(context: GatewayContext, input: unknown): Promise<AssessedInput> {
  const { visit, issues } = await assessVisit(context, input);
  const [promptId = null] = await context.database.db.transaction().execute((trx) => takeVisits(trx, context, [visit]));
  if (promptId !== null) context.changes.publish();
  return { assessment: { ...visit.assessment, inputSha256: visit.inputSha256, issues: [...issues, ...visit.assessment.issues] }, promptId };
}

/** Reads and assesses one visit, and writes nothing. @throws ZhidaError as {@link readEncounter} */
export async function assessVisit(
  context: GatewayContext,
  input: unknown,
): Promise<{ readonly visit: AssessedVisit; readonly issues: readonly Issue[] }> {
  const { snapshot, issues } = readEncounter(context, input);
  const now = context.clock.now();
  const assessment = context.detector.assess(snapshot, { now });
  // A visit cannot have begun or ended in the future, whatever a feed says; an episode would never end either.
  const startedAt = Math.min(now, instantOf(snapshot.period?.start, now));
  const visit: AssessedVisit = {
    snapshot,
    assessment,
    inputSha256: await fingerprint(snapshot),
    encounterKey: context.rowKeys.encounter(snapshot.id),
    patientKey: context.rowKeys.patient(snapshot),
    startedAt: new Date(startedAt),
    endedAt: new Date(Math.max(startedAt, Math.min(now, instantOf(snapshot.period?.end, startedAt)))),
  };
  return { visit, issues };
}

/** Takes visits back that a bundle says are deleted. @returns what it says of visits nobody knows. */
export async function takeBackAll(context: GatewayContext, encounterIds: readonly string[]): Promise<Issue[]> {
  const issues: Issue[] = [];
  for (const id of encounterIds)
    if (!(await takeBackEncounter(context, id)))
      issues.push({ code: 'REFERENCE_UNRESOLVED', severity: 'information', at: 'entry.request.url' });
  return issues;
}

/**
 * Takes a visit back that its source says is deleted: it keeps its head, and a prompt of it has nothing to stand on any more (U33).
 *
 * @returns false for a visit of which nothing is kept.
 */
async function takeBackEncounter(context: GatewayContext, encounterId: string): Promise<boolean> {
  const key = context.rowKeys.encounter(encounterId);
  for (;;) {
    const taken = await context.database.db.transaction().execute(async (trx) => takeBack(trx, context, key));
    if (taken === 'unknown') return false;
    // Somebody told something else of it meanwhile; that is taken back.
    if (taken === 'changed') continue;
    if (taken.promptId !== null) context.changes.publish();
    return true;
  }
}

type TakenBack = 'unknown' | 'changed' | { readonly promptId: string | null };

/** Whose visit it is has to be known before it can be locked, and may be another's once it is. */
async function takeBack(trx: Transaction<GatewaySchema>, context: GatewayContext, key: string): Promise<TakenBack> {
  const known = (await openVisits(trx, context, [key])).get(key);
  if (known === undefined) return 'unknown';
  const { id, patient, period, department, visitNumber, location, class: visitClass } = known.snapshot;
  const head = Object.fromEntries(
    Object.entries({ id, patient, period, department, visitNumber, location, class: visitClass }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const { visit } = await assessVisit(context, head);
  await oneAtATime(trx, context, [visit]);
  const now = await storedVisit(trx, context, key);
  if (now === undefined || now.purged) return 'unknown';
  if (now.revision !== known.revision || now.inputSha256 !== known.inputSha256) return 'changed';
  const [promptId = null] = await takeVisits(trx, context, [{ ...visit, cancelled: true }]);
  return { promptId };
}

/** Writes visits with their prompts and audit entries, in the caller's transaction. Gives the prompt each one changed, or null. */
export async function takeVisits(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  visits: readonly AssessedVisit[],
): Promise<(string | null)[]> {
  await oneAtATime(trx, context, visits);
  const promptIds: (string | null)[] = [];
  for (const visit of visits) promptIds.push(await takeVisit(trx, context, visit));
  return promptIds;
}

async function takeVisit(trx: Transaction<GatewaySchema>, context: GatewayContext, visit: AssessedVisit): Promise<string | null> {
  const known = await storedVisit(trx, context, visit.encounterKey);
  const subject = { encounterKey: visit.encounterKey, level: visit.assessment.level, packDigest: rulesDigest(visit.assessment.rulePack) };
  if (known !== undefined && known.revision > (visit.snapshot.revision ?? known.revision)) {
    await recordAudit(trx, context, {
      actor: 'feed',
      action: 'encounter.outdated',
      subject: { ...subject, inputSha256: visit.inputSha256 },
    });
    return null;
  }
  if (known !== undefined && isRepeat(known, visit)) return null;
  const revision = visit.snapshot.revision ?? (known?.revision ?? 0) + 1;
  await storeEncounter(trx, context, visit, revision);
  await recordAudit(trx, context, {
    actor: 'feed',
    action: 'encounter.assessed',
    subject: { ...subject, revision: auditToken(String(revision)), inputSha256: visit.inputSha256 },
    detail: { encounterId: visit.snapshot.id, ruleIds: visit.assessment.indications.map((indication) => indication.ruleId) },
  });
  return promptFor(trx, context, visit);
}

/**
 * One message of a child or a visit at a time: two of the same instant would otherwise raise two prompts. Patients are locked
 * before visits and each kind in one order, so no two messages wait for each other.
 */
async function oneAtATime(trx: Transaction<GatewaySchema>, context: GatewayContext, visits: readonly AssessedVisit[]): Promise<void> {
  const patients = visits.map(({ patientKey }) => `patient:${patientKey}`).toSorted();
  const encounters = visits.map(({ encounterKey }) => `visit:${encounterKey}`).toSorted();
  for (const name of [...patients, ...encounters]) await lockName(trx, context, name);
}

/** Holds a name of this facility until the transaction ends. */
export async function lockName(trx: Transaction<GatewaySchema>, { facility }: GatewayContext, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${facility.code}:${name}`}, 0))`.execute(trx);
}

/** The same facts under the same pack say the same, and a feed that repeats itself must not move a prompt or fill the log. */
function isRepeat(known: { inputSha256: string; packDigest: string; level: string; purged: boolean }, visit: AssessedVisit): boolean {
  return (
    !known.purged &&
    known.inputSha256 === visit.inputSha256 &&
    known.packDigest === rulesDigest(visit.assessment.rulePack) &&
    known.level === visit.assessment.level
  );
}

function instantOf(text: string | undefined, instead: number): number {
  return (text === undefined ? undefined : parseInstant(text)) ?? instead;
}
