import { type EncounterSnapshot, fingerprint, type Issue, parseInstant, readSnapshot, ZhidaError } from '@zhida/core';
import type { Assessment, Detector } from '@zhida/detect';
import { sql } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../options.js';
import { promptFor } from '../prompts/upsert.js';
import { patientKey } from './patient-key.js';
import { lastRevision, storeEncounter } from './store.js';

export interface AssessedInput {
  readonly assessment: Assessment & { readonly inputSha256: string };
  readonly promptId: string | null;
}

/** Takes one visit: reads, assesses, and stores visit, prompt and audit entry in one transaction. */
export async function takeEncounter(
  context: GatewayContext,
  detector: Detector,
  input: unknown,
  readIssues: readonly Issue[] = [],
): Promise<AssessedInput> {
  const { snapshot: read, issues } = readSnapshot(input);
  if (read === undefined)
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this is no encounter: it needs an id', { at: issues[0]?.at ?? '$' });
  const snapshot = withDefaults(context, read);
  const now = context.clock.now();
  const assessment = detector.assess(snapshot, { now });
  const inputSha256 = await fingerprint(snapshot);
  const startedAt = new Date(parseInstant(snapshot.period?.start ?? '') ?? now);
  const key = patientKey(context.keys.masterKey ?? new Uint8Array(), context.facility.code, snapshot);
  const promptId = await context.database.db.transaction().execute(async (trx) => {
    // One visit or one child at a time: without this, two messages in the same instant would raise two prompts.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${context.facility.code}:${key}`}, 0))`.execute(trx);
    const known = await lastRevision(trx, context.facility.code, snapshot.id);
    const revision = snapshot.revision ?? known + 1;
    await storeEncounter(trx, context, { snapshot, assessment, revision, patientKey: key, inputSha256, startedAt });
    await recordAudit(trx, context, {
      actor: 'feed',
      action: 'encounter.assessed',
      subject: { level: assessment.level, packDigest: assessment.rulePack.digest, inputSha256 },
    });
    return revision < known ? null : promptFor(trx, context, { encounterId: snapshot.id, patientKey: key, assessment, startedAt });
  });
  if (promptId !== null) context.changes.publish(promptId);
  return { assessment: { ...assessment, inputSha256, issues: [...readIssues, ...issues, ...assessment.issues] }, promptId };
}

/** A snapshot without `mode` takes the gateway's; one of another mode is refused (INV-16). */
function withDefaults(context: GatewayContext, snapshot: EncounterSnapshot): EncounterSnapshot {
  const mode = snapshot.mode ?? context.mode;
  if (mode !== context.mode && mode !== 'training')
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'this gateway runs in another mode', { at: 'mode' });
  const { code, name, regionCode } = context.facility;
  if (snapshot.facility?.code !== undefined && snapshot.facility.code !== code) {
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'this gateway speaks for another facility', { at: 'facility.code' });
  }
  return { ...snapshot, mode, facility: { code, name, regionCode } };
}
