import { auditMigration } from '@zhida/audit-log/postgres';
import type { Migration } from '@zhida/database';
import { feedDocumentsMigration, feedRecordsMigration, feedsMigration, lastToldMigration, passedOverMigration } from './feeds/migration.js';

const encountersPromptsPresses: Migration = {
  id: '0001-encounters-prompts-presses',
  sql: `
    create table encounters (
      facility text not null,
      encounter_key text not null,
      revision bigint not null,
      mode text not null,
      patient_key text not null,
      level text not null check (level in ('red', 'orange', 'yellow', 'none')),
      rule_ids text[] not null,
      pack_digest text not null,
      input_sha256 text not null,
      wrapped_key bytea,
      sealed_snapshot bytea,
      sealed_assessment bytea,
      started_at timestamptz not null,
      received_at timestamptz not null,
      purge_at timestamptz not null,
      purged_at timestamptz,
      primary key (facility, encounter_key),
      check ((wrapped_key is null) = (purged_at is not null))
    );
    create index encounters_to_purge on encounters (purge_at) where purged_at is null;

    create table prompts (
      id text primary key,
      facility text not null,
      encounter_key text not null,
      patient_key text not null,
      version integer not null,
      state text not null check (state in ('shown', 'opened', 'deferred', 'reported', 'decided', 'expired', 'closed')),
      level text not null check (level in ('red', 'orange')),
      statutory boolean not null,
      rule_ids text[] not null,
      pack_digest text not null,
      evidence_sha256 text not null,
      staff_ids text[] not null,
      departments text[] not null,
      occurrence integer not null,
      deferrals integer not null,
      due_at timestamptz,
      episode_first_at timestamptz not null,
      episode_last_at timestamptz not null,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create index prompts_of_patient on prompts (facility, patient_key, episode_last_at desc);
    create index prompts_by_change on prompts (facility, updated_at desc);
    create index prompts_unanswered on prompts (facility, created_at desc) where state in ('shown', 'opened', 'deferred');
    create index prompts_due on prompts (due_at) where state = 'deferred';

    create table prompt_encounters (
      prompt_id text not null references prompts (id),
      facility text not null,
      encounter_key text not null,
      level text not null check (level in ('red', 'orange', 'none')),
      statutory boolean not null,
      rule_ids text[] not null,
      pack_digest text not null,
      evidence_sha256 text not null,
      updated_at timestamptz not null,
      primary key (prompt_id, encounter_key)
    );
    create index prompt_encounters_by_encounter on prompt_encounters (facility, encounter_key);

    create table prompt_events (
      id bigint generated always as identity primary key,
      prompt_id text not null references prompts (id),
      version integer not null,
      kind text not null,
      account text,
      code text,
      rule_ids text[] not null,
      pack_digest text not null,
      evidence_sha256 text not null,
      wrapped_key bytea,
      sealed_text bytea,
      at timestamptz not null
    );
    create index prompt_events_of_prompt on prompt_events (prompt_id, version);
    create unique index prompt_events_seen_once on prompt_events (prompt_id, account) where kind = 'seen';

    -- A press names its prompt without a foreign key: a report must be taken even when the prompt's row was lost.
    create table presses (
      press_id text not null,
      facility text not null,
      prompt_id text,
      account text not null,
      body_sha256 text not null,
      wrapped_key bytea,
      sealed_body bytea,
      sealed_ticket bytea,
      state text not null check (state in ('held', 'submitted', 'conflict')),
      report_id text,
      number text,
      answer bytea,
      attempts integer not null default 0,
      last_problem text,
      next_due_at timestamptz not null,
      pressed_at timestamptz not null,
      submitted_at timestamptz,
      primary key (facility, press_id),
      check (state <> 'held' or (wrapped_key is not null and sealed_body is not null and sealed_ticket is not null)),
      check ((state = 'held') = (report_id is null))
    );
    create index presses_due on presses (next_due_at) where state = 'held';
    create index presses_of_prompt on presses (facility, prompt_id);
    create index presses_of_report on presses (facility, report_id) where report_id is not null;
  `,
};

const drafts: Migration = {
  id: '0004-drafts',
  additive: true,
  sql: `
    create table drafts (
      facility text not null,
      prompt_id text not null references prompts (id),
      account text not null,
      wrapped_key bytea not null,
      sealed_form bytea not null,
      saved_at timestamptz not null,
      primary key (facility, prompt_id, account)
    );
    create index drafts_by_age on drafts (facility, saved_at);
  `,
};

const correctedPrompts: Migration = {
  id: '0005-corrected-prompts',
  additive: true,
  sql: 'alter table prompts add column corrected_at timestamptz',
};

const refusedPresses: Migration = {
  id: '0008-refused-presses',
  additive: true,
  sql: `
    alter table presses add column refused_at timestamptz;
    create index presses_refused on presses (facility, prompt_id) where state = 'held' and refused_at is not null;
  `,
};

/** A follow-up, correction or error notice is a press of its own that names the press it follows; its child is that one's. */
const followUps: Migration = {
  id: '0010-follow-ups',
  additive: true,
  sql: `
    alter table presses
      add column follows text,
      add column follow_key text,
      add column follow_kind text;
    create index presses_following on presses (facility, follows) where follows is not null;
  `,
};

const deskHandovers: Migration = {
  id: '0011-desk-handovers',
  additive: true,
  sql: `
    create table desk_handovers (
      handover_id text primary key,
      facility text not null,
      handed_over_by text not null,
      handed_over_at timestamptz not null,
      open_rows text[] not null,
      confirmed_by text,
      confirmed_at timestamptz,
      check ((confirmed_by is null) = (confirmed_at is null))
    );
    create index desk_handovers_by_time on desk_handovers (facility, handed_over_at desc);
  `,
};

const promptAnswers: Migration = {
  id: '0012-prompt-answers',
  additive: true,
  sql: `
    create table prompt_answers (
      facility text not null,
      prompt_id text not null references prompts (id),
      account text not null,
      revision integer not null,
      wrapped_key bytea not null,
      sealed_response bytea not null,
      saved_at timestamptz not null,
      primary key (facility, prompt_id, account)
    );
    create index prompt_answers_by_age on prompt_answers (facility, saved_at);
    alter table prompt_events add column sealed_answers bytea;
  `,
};

const exercises: Migration = {
  id: '0013-exercises',
  additive: true,
  sql: `
    alter table presses add column exercise boolean not null default false;
    alter table prompts add column exercise boolean not null default false;
  `,
};

const addedTo: Migration = {
  id: '0014-added-to',
  additive: true,
  sql: `
    alter table presses add column encounter_key text;
    create index presses_by_follow_key on presses (facility, follow_key) where follow_key is not null;
  `,
};

const moments: Migration = {
  id: '0015-moments',
  additive: true,
  sql: `
    alter table prompts
      add column whereabouts text,
      add column whereabouts_at timestamptz,
      add column left_as text,
      add column keep_acts text[] not null default '{}',
      add column keep_at timestamptz,
      add column acts_asked text[] not null default '{}';
    create table prompt_told (
      facility text not null,
      prompt_id text not null references prompts (id),
      account text not null,
      wrapped_key bytea not null,
      sealed_told bytea not null,
      saved_at timestamptz not null,
      primary key (facility, prompt_id, account)
    );
    create index prompt_told_by_age on prompt_told (facility, saved_at);
  `,
};

/** What of a handover is of an exercise has a column of its own. Rows of before keep the word in front of their numbers: no release wrote any. */
const handoversOfExercises: Migration = {
  id: '0016-handovers-of-exercises',
  additive: true,
  sql: `
    alter table desk_handovers add column exercise_rows text[] not null default '{}';
    create index prompts_decided on prompts (facility, level) where state = 'decided';
  `,
};

const toldByVisit: Migration = {
  id: '0017-told-by-visit',
  additive: true,
  sql: 'alter table prompts add column whereabouts_key text',
};

/** The gateway's tables, with the audit log's in front. Namespace `gateway`. */
export const gatewayMigrations: readonly Migration[] = [
  auditMigration,
  encountersPromptsPresses,
  feedsMigration,
  feedRecordsMigration,
  drafts,
  correctedPrompts,
  passedOverMigration,
  lastToldMigration,
  refusedPresses,
  feedDocumentsMigration,
  followUps,
  deskHandovers,
  promptAnswers,
  exercises,
  addedTo,
  moments,
  handoversOfExercises,
  toldByVisit,
];
