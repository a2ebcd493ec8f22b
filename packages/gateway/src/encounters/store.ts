import type { EncounterSnapshot } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import { eachReadable } from '../each-readable.js';
import { rulesDigest } from '../rules.js';
import type { EncounterTable, GatewaySchema } from '../schema.js';
import { jsonBytes, textOf } from '../sealing.js';

const DAY_MS = 86_400_000;

/** A visit with what was seen in it and the names of its rows. */
export interface AssessedVisit {
  readonly snapshot: EncounterSnapshot;
  readonly assessment: Assessment;
  readonly inputSha256: string;
  readonly encounterKey: string;
  readonly patientKey: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** The feed took the visit back (A11): what a prompt of it stands on is gone for that reason. */
  readonly cancelled?: boolean;
}

/** What is known of a visit without opening it. */
export interface StoredVisit {
  readonly revision: number;
  readonly inputSha256: string;
  readonly packDigest: string;
  readonly level: string;
  readonly purged: boolean;
}

/** A visit as it was opened again. */
export interface OpenedVisit {
  readonly encounterKey: string;
  readonly revision: number;
  readonly inputSha256: string;
  readonly snapshot: EncounterSnapshot;
  readonly assessment: Assessment;
}

const placeOf = (column: 'snapshot' | 'assessment', encounterKey: string): string => `encounter ${encounterKey} ${column}`;

/** Writes the visit as last told, over whatever an earlier revision said. */
export async function storeEncounter(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  visit: AssessedVisit,
  revision: number,
): Promise<void> {
  const { wrapped, seal } = context.sealing.create();
  const { snapshot, assessment, encounterKey } = visit;
  const now = context.clock.now();
  const row = {
    revision,
    mode: context.mode,
    patient_key: visit.patientKey,
    level: assessment.level,
    rule_ids: assessment.indications.map((indication) => indication.ruleId),
    pack_digest: rulesDigest(assessment.rulePack),
    input_sha256: visit.inputSha256,
    wrapped_key: wrapped,
    sealed_snapshot: seal(jsonBytes(snapshot), placeOf('snapshot', encounterKey)),
    sealed_assessment: seal(jsonBytes(assessment), placeOf('assessment', encounterKey)),
    started_at: visit.startedAt,
    received_at: new Date(now),
    purge_at: new Date(now + context.settings.keepSnapshotDays * DAY_MS),
    purged_at: null,
  };
  await trx
    .insertInto('encounters')
    .values({ facility: context.facility.code, encounter_key: encounterKey, ...row })
    .onConflict((conflict) => conflict.columns(['facility', 'encounter_key']).doUpdateSet(row))
    .execute();
}

export async function storedVisit(
  db: Kysely<GatewaySchema>,
  context: GatewayContext,
  encounterKey: string,
): Promise<StoredVisit | undefined> {
  const row = await db
    .selectFrom('encounters')
    .select(['revision', 'input_sha256', 'pack_digest', 'level', 'purged_at'])
    .where('facility', '=', context.facility.code)
    .where('encounter_key', '=', encounterKey)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { revision, input_sha256: inputSha256, pack_digest: packDigest, level } = row;
  return { revision, inputSha256, packDigest, level, purged: row.purged_at !== null };
}

/**
 * Opens stored visits by key. One that is not (or no longer) kept is left out; one that cannot be opened too, and is told to operators:
 * it must not take those of other children with it.
 */
export async function openVisits(
  db: Kysely<GatewaySchema>,
  context: GatewayContext,
  encounterKeys: readonly string[],
): Promise<Map<string, OpenedVisit>> {
  if (encounterKeys.length === 0) return new Map();
  const rows = await db
    .selectFrom('encounters')
    .select(['encounter_key', 'revision', 'input_sha256', 'wrapped_key', 'sealed_snapshot', 'sealed_assessment'])
    .where('facility', '=', context.facility.code)
    .where('encounter_key', 'in', encounterKeys)
    .execute();
  const visits = await eachReadable(context, 'visits', rows, (row) => openVisit(row, context));
  return new Map(visits.flatMap((visit) => (visit === undefined ? [] : [[visit.encounterKey, visit] as const])));
}

type SealedVisit = Pick<
  Selectable<EncounterTable>,
  'encounter_key' | 'revision' | 'input_sha256' | 'wrapped_key' | 'sealed_snapshot' | 'sealed_assessment'
>;

function openVisit(row: SealedVisit, { sealing }: GatewayContext): OpenedVisit | undefined {
  const { encounter_key: encounterKey, wrapped_key: wrapped, sealed_snapshot: snapshot, sealed_assessment: assessment } = row;
  if (wrapped === null || snapshot === null || assessment === null) return undefined;
  const open = (sealed: Uint8Array, column: 'snapshot' | 'assessment'): unknown =>
    JSON.parse(textOf(sealing.open(wrapped, sealed, placeOf(column, encounterKey))));
  return {
    encounterKey,
    revision: row.revision,
    inputSha256: row.input_sha256,
    snapshot: open(snapshot, 'snapshot') as EncounterSnapshot,
    assessment: open(assessment, 'assessment') as Assessment,
  };
}
