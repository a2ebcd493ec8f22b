import { auditToken } from '@zhida/audit-log';
import { fingerprint, parseInstant } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import { sql, type Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { promptFor } from '../prompts/upsert.js';
import type { GatewaySchema } from '../schema.js';
import { readEncounter } from './intake.js';
import { type AssessedVisit, storedVisit, storeEncounter } from './store.js';

export interface AssessedInput {
  readonly assessment: Assessment & { readonly inputSha256: string };
  /** The prompt this message changed, or null. */
  readonly promptId: string | null;
}

/** Takes one visit: reads, assesses, and writes visit, prompt and audit entry in one transaction. A repeat changes nothing. */
export async function takeEncounter(context: GatewayContext, input: unknown): Promise<AssessedInput> {
  const { snapshot, issues } = readEncounter(context, input);
  const now = context.clock.now();
  const assessment = context.detector.assess(snapshot, { now });
  const inputSha256 = await fingerprint(snapshot);
  const startedAt = instantOf(snapshot.period?.start, now);
  const visit: AssessedVisit = {
    snapshot,
    assessment,
    inputSha256,
    encounterKey: context.rowKeys.encounter(snapshot.id),
    patientKey: context.rowKeys.patient(snapshot),
    startedAt: new Date(startedAt),
    // A visit cannot have ended in the future, whatever a feed says; an episode would never end either.
    endedAt: new Date(Math.max(startedAt, Math.min(now, instantOf(snapshot.period?.end, startedAt)))),
  };
  const promptId = await context.database.db.transaction().execute((trx) => takeVisit(trx, context, visit));
  if (promptId !== null) context.changes.publish();
  return { assessment: { ...assessment, inputSha256, issues: [...issues, ...assessment.issues] }, promptId };
}

async function takeVisit(trx: Transaction<GatewaySchema>, context: GatewayContext, visit: AssessedVisit): Promise<string | null> {
  await oneAtATime(trx, context, visit);
  const known = await storedVisit(trx, context, visit.encounterKey);
  const subject = { encounterKey: visit.encounterKey, level: visit.assessment.level, packDigest: visit.assessment.rulePack.digest };
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
 * before visits and one of each, so no two messages wait for each other.
 */
async function oneAtATime(trx: Transaction<GatewaySchema>, context: GatewayContext, visit: AssessedVisit): Promise<void> {
  for (const name of [`patient:${visit.patientKey}`, `visit:${visit.encounterKey}`]) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${context.facility.code}:${name}`}, 0))`.execute(trx);
  }
}

/** The same facts under the same pack say the same, and a feed that repeats itself must not move a prompt or fill the log. */
function isRepeat(known: { inputSha256: string; packDigest: string; level: string; purged: boolean }, visit: AssessedVisit): boolean {
  return (
    !known.purged &&
    known.inputSha256 === visit.inputSha256 &&
    known.packDigest === visit.assessment.rulePack.digest &&
    known.level === visit.assessment.level
  );
}

function instantOf(text: string | undefined, instead: number): number {
  return (text === undefined ? undefined : parseInstant(text)) ?? instead;
}
