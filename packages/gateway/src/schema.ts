import type { Migration } from '@zhida/database';
import type { ColumnType, Generated } from 'kysely';

type Bytes = ColumnType<Buffer, Uint8Array, Uint8Array>;
type Instant = ColumnType<Date, string | Date, string | Date>;
type InstantOrNull = ColumnType<Date | null, string | Date | null, string | Date | null>;

/** A visit as last told: the snapshot and its assessment are sealed; what stands in the clear names nobody. */
export interface EncounterTable {
  facility: string;
  encounter_id: string;
  revision: number;
  mode: string;
  patient_key: string;
  level: string;
  rule_ids: string[];
  pack_digest: string;
  input_sha256: string;
  wrapped_key: Bytes;
  sealed_snapshot: Bytes;
  sealed_assessment: Bytes;
  started_at: Instant;
  received_at: Instant;
  purge_at: Instant;
}

export type PromptState = 'shown' | 'opened' | 'deferred' | 'reported' | 'decided' | 'expired' | 'closed';

/** One prompt per child and episode (design 4.2: an episode is the visits of one patient in one facility with gaps of at most 72 h). */
export interface PromptTable {
  id: string;
  facility: string;
  encounter_id: string;
  patient_key: string;
  version: number;
  state: PromptState;
  level: string;
  statutory: boolean;
  rule_ids: string[];
  occurrence: number;
  deferrals: number;
  due_at: InstantOrNull;
  episode_last_at: Instant;
  created_at: Instant;
  updated_at: Instant;
}

/** Everything that happened to a prompt, a press among it. */
export interface PromptEventTable {
  id: Generated<string>;
  prompt_id: string;
  version: number;
  kind: string;
  account: string | null;
  code: string | null;
  wrapped_key: ColumnType<Buffer | null, Uint8Array | null, never>;
  sealed_text: ColumnType<Buffer | null, Uint8Array | null, never>;
  at: Instant;
}

/** A press is committed here before the relay is asked; it stays until the relay answered 202 (design §3, topology). */
export interface PressTable {
  press_id: string;
  facility: string;
  prompt_id: string | null;
  account: string;
  body_sha256: string;
  wrapped_key: Bytes;
  sealed_body: Bytes;
  sealed_ticket: Bytes;
  state: 'held' | 'submitted';
  report_id: string | null;
  answer: ColumnType<unknown, string | null, string | null>;
  attempts: number;
  last_problem: string | null;
  next_due_at: Instant;
  pressed_at: Instant;
  submitted_at: InstantOrNull;
}

export interface GatewaySchema {
  encounters: EncounterTable;
  prompts: PromptTable;
  prompt_events: PromptEventTable;
  presses: PressTable;
}

export const gatewayMigrations: readonly Migration[] = [
  {
    id: '0001-encounters-prompts-presses',
    sql: `
      create table encounters (
        facility text not null,
        encounter_id text not null,
        revision integer not null,
        mode text not null,
        patient_key text not null,
        level text not null check (level in ('red', 'orange', 'yellow', 'none')),
        rule_ids text[] not null,
        pack_digest text not null,
        input_sha256 text not null,
        wrapped_key bytea not null,
        sealed_snapshot bytea not null,
        sealed_assessment bytea not null,
        started_at timestamptz not null,
        received_at timestamptz not null,
        purge_at timestamptz not null,
        primary key (facility, encounter_id)
      );
      create table prompts (
        id text primary key,
        facility text not null,
        encounter_id text not null,
        patient_key text not null,
        version integer not null,
        state text not null check (state in ('shown', 'opened', 'deferred', 'reported', 'decided', 'expired', 'closed')),
        level text not null check (level in ('red', 'orange')),
        statutory boolean not null,
        rule_ids text[] not null,
        occurrence integer not null,
        deferrals integer not null,
        due_at timestamptz,
        episode_last_at timestamptz not null,
        created_at timestamptz not null,
        updated_at timestamptz not null
      );
      create index prompts_of_patient on prompts (facility, patient_key, episode_last_at desc);
      create index prompts_by_change on prompts (facility, updated_at desc);
      create table prompt_events (
        id bigint generated always as identity primary key,
        prompt_id text not null references prompts (id),
        version integer not null,
        kind text not null,
        account text,
        code text,
        wrapped_key bytea,
        sealed_text bytea,
        at timestamptz not null,
        unique (prompt_id, version)
      );
      create table presses (
        press_id text not null,
        facility text not null,
        prompt_id text references prompts (id),
        account text not null,
        body_sha256 text not null,
        wrapped_key bytea not null,
        sealed_body bytea not null,
        sealed_ticket bytea not null,
        state text not null check (state in ('held', 'submitted')),
        report_id text,
        answer jsonb,
        attempts integer not null default 0,
        last_problem text,
        next_due_at timestamptz not null,
        pressed_at timestamptz not null,
        submitted_at timestamptz,
        primary key (facility, press_id)
      );
      create index presses_due on presses (next_due_at) where state = 'held';
      create unique index presses_of_report on presses (facility, report_id) where report_id is not null;
    `,
  },
];
