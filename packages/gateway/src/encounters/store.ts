import type { EncounterSnapshot } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import type { Kysely, Transaction } from 'kysely';
import type { GatewayContext } from '../options.js';
import type { GatewaySchema } from '../schema.js';

const SNAPSHOT = 'encounter-snapshot';
const ASSESSMENT = 'encounter-assessment';
const DAY_MS = 86_400_000;

export interface AssessedEncounter {
  readonly snapshot: EncounterSnapshot;
  readonly assessment: Assessment;
}

export interface EncounterToStore extends AssessedEncounter {
  readonly revision: number;
  readonly patientKey: string;
  readonly inputSha256: string;
  readonly startedAt: Date;
}

/** Writes the visit as last told. An older revision that arrives late is not written over a newer one. */
export async function storeEncounter(trx: Transaction<GatewaySchema>, context: GatewayContext, encounter: EncounterToStore): Promise<void> {
  const { wrapped, seal } = context.sealing.create();
  const now = context.clock.now();
  const row = {
    revision: encounter.revision,
    mode: context.mode,
    patient_key: encounter.patientKey,
    level: encounter.assessment.level,
    rule_ids: encounter.assessment.indications.map((indication) => indication.ruleId),
    pack_digest: encounter.assessment.rulePack.digest,
    input_sha256: encounter.inputSha256,
    wrapped_key: wrapped,
    sealed_snapshot: seal(JSON.stringify(encounter.snapshot), SNAPSHOT),
    sealed_assessment: seal(JSON.stringify(encounter.assessment), ASSESSMENT),
    started_at: encounter.startedAt,
    received_at: new Date(now),
    purge_at: new Date(now + context.settings.keepSnapshotDays * DAY_MS),
  };
  await trx
    .insertInto('encounters')
    .values({ facility: context.facility.code, encounter_id: encounter.snapshot.id, ...row })
    .onConflict((conflict) =>
      conflict.columns(['facility', 'encounter_id']).doUpdateSet(row).where('encounters.revision', '<=', encounter.revision),
    )
    .execute();
}

/** The newest revision known of a visit, or 0. The row is locked, so that two messages of one visit are taken one after the other. */
export async function lastRevision(trx: Transaction<GatewaySchema>, facility: string, encounterId: string): Promise<number> {
  const row = await trx
    .selectFrom('encounters')
    .select('revision')
    .where('facility', '=', facility)
    .where('encounter_id', '=', encounterId)
    .forUpdate()
    .executeTakeFirst();
  return row?.revision ?? 0;
}

/** Opens a stored visit, or undefined when it is not (or no longer) kept. */
export async function loadEncounter(
  db: Kysely<GatewaySchema>,
  context: GatewayContext,
  encounterId: string,
): Promise<(AssessedEncounter & { revision: number; inputSha256: string }) | undefined> {
  const row = await db
    .selectFrom('encounters')
    .select(['revision', 'input_sha256', 'wrapped_key', 'sealed_snapshot', 'sealed_assessment'])
    .where('facility', '=', context.facility.code)
    .where('encounter_id', '=', encounterId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    revision: row.revision,
    inputSha256: row.input_sha256,
    snapshot: JSON.parse(context.sealing.open(row.wrapped_key, row.sealed_snapshot, SNAPSHOT)) as EncounterSnapshot,
    assessment: JSON.parse(context.sealing.open(row.wrapped_key, row.sealed_assessment, ASSESSMENT)) as Assessment,
  };
}
