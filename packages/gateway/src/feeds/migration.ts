import type { Migration } from '@zhida/database';

export const feedsMigration: Migration = {
  id: '0002-feeds',
  additive: true,
  sql: `
    create table feeds (
      facility text not null,
      name text not null,
      kind text not null,
      wrapped_key bytea,
      sealed_cursor bytea,
      refused bigint not null default 0,
      problem_code text,
      problem_since timestamptz,
      primary key (facility, name)
    );

    create table feed_messages (
      id text primary key,
      seq bigint generated always as identity,
      facility text not null,
      feed text not null,
      message_key text not null,
      format text not null check (format in ('hl7v2', 'fhir', 'encounter', 'his')),
      type text,
      control_id text,
      file_key text,
      record_number integer,
      line_number integer,
      status text not null check (status in ('received', 'processed', 'set-aside', 'refused')),
      problem_code text,
      problem_at text,
      attempts integer not null default 0,
      ack_code text,
      visit_keys text[] not null,
      wrapped_key bytea,
      sealed_message bytea,
      sealed_accept bytea,
      sealed_application bytea,
      received_at timestamptz not null,
      settled_at timestamptz,
      purge_at timestamptz not null,
      unique (facility, feed, message_key),
      check ((wrapped_key is null) = (sealed_message is null)),
      check (status <> 'received' or sealed_message is not null),
      check ((status = 'received') = (settled_at is null))
    );
    create index feed_messages_by_feed on feed_messages (facility, feed, seq desc);
    create index feed_messages_waiting on feed_messages (facility, feed, seq) where status = 'received';
    create index feed_messages_aside on feed_messages (facility, feed, seq) where status in ('set-aside', 'refused');
    create index feed_messages_to_purge on feed_messages (purge_at) where wrapped_key is not null;

    create table feed_files (
      facility text not null,
      feed text not null,
      file_key text not null,
      generation integer not null,
      bytes bigint not null,
      modified_at timestamptz not null,
      content_key text not null,
      read_at timestamptz not null,
      primary key (facility, feed, file_key)
    );

    create sequence folded_visit_order;
    create table folded_visits (
      facility text not null,
      visit_key text not null,
      wrapped_key bytea not null,
      sealed_state bytea not null,
      folded_order bigint not null default nextval('folded_visit_order'),
      purge_at timestamptz not null,
      primary key (facility, visit_key)
    );
    create index folded_visits_to_purge on folded_visits (purge_at);
    create table folded_visit_keys (
      facility text not null,
      key text not null,
      visit_key text not null,
      primary key (facility, key, visit_key),
      foreign key (facility, visit_key) references folded_visits (facility, visit_key) on delete cascade
    );
    create index folded_visit_keys_of_visit on folded_visit_keys (facility, visit_key);
  `,
};

/** A record a FHIR server did not give waits as a message too. */
export const feedRecordsMigration: Migration = {
  id: '0003-feed-records',
  sql: `
    alter table feed_messages drop constraint feed_messages_format_check;
    alter table feed_messages add constraint feed_messages_format_check check (format in ('hl7v2', 'fhir', 'encounter', 'his', 'fhir-record'));
    create index feed_messages_of_source on feed_messages (facility, feed, file_key, seq desc) where file_key is not null;
  `,
};

/**
 * CDA documents of a visit are found by it, so that they are read together. A check that is there already cannot be widened while the version
 * before runs, so their format is `his` and a column beside it says what they are: that version sets one aside, from where it can be replayed.
 */
export const feedDocumentsMigration: Migration = {
  id: '0009-feed-documents',
  additive: true,
  sql: `
    alter table feed_messages add column syntax text;
    create index feed_messages_documents on feed_messages using gin (visit_keys) where syntax = 'cda';
  `,
};

/** Messages about adults, of which nothing was folded, by whom they were about: what comes later may show that it was a child. */
export const passedOverMigration: Migration = {
  id: '0006-passed-over',
  additive: true,
  sql: `
    alter table feed_messages add column passed_over_keys text[];
    create index feed_messages_passed_over on feed_messages using gin (passed_over_keys) where passed_over_keys is not null;
  `,
};

/** When a message came last, so that it is known as a repeat for as long as repeats of it come, and no longer. */
export const lastToldMigration: Migration = {
  id: '0007-last-told',
  additive: true,
  sql: `
    alter table feed_messages add column told_at timestamptz;
    create index feed_messages_emptied on feed_messages (facility, coalesce(told_at, received_at)) where wrapped_key is null;
  `,
};
