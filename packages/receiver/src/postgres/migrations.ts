import { auditMigration } from '@zhida/audit-log/postgres';
import type { Migration } from '@zhida/database';

/** Brings an agency's database to this version; run them with `migrate` of `@zhida/database`. */
export const receiverMigrations: readonly Migration[] = [
  auditMigration,
  {
    id: 'receiver-0001',
    sql: `
create table inbox_owner (
  singleton boolean primary key default true check (singleton),
  origin text not null
);

create table inbox (
  delivery_id text collate "C" primary key,
  report_id text not null,
  number text not null,
  sequence integer not null,
  kind text not null,
  view text not null,
  mode text not null,
  relay text not null,
  priority text not null check (priority in ('urgent', 'routine')),
  created_at text not null,
  received_at timestamptz not null,
  payload_sha256 text not null check (payload_sha256 ~ '^[0-9a-f]{64}$'),
  wrapped_key text not null,
  sealed_summary bytea not null,
  sealed_payload bytea not null,
  receipts jsonb not null default '[]',
  feedback jsonb not null default '[]',
  conflicts integer not null default 0,
  open boolean not null default true
);
create index inbox_by_urgency on inbox (open, priority, received_at, delivery_id);

create table inbox_conflicts (
  delivery_id text collate "C" not null references inbox (delivery_id),
  payload_sha256 text not null,
  wrapped_key text not null,
  sealed_payload bytea not null,
  received_at timestamptz not null,
  primary key (delivery_id, payload_sha256)
);

create table inbox_trail (
  position bigint generated always as identity primary key,
  entry_id text collate "C" not null unique references audit_entries (id),
  delivery_id text collate "C" not null references inbox (delivery_id)
);
create index inbox_trail_by_delivery on inbox_trail (delivery_id, position);

create table outbox (
  id text collate "C" primary key,
  kind text not null check (kind in ('receipt', 'feedback')),
  delivery_id text collate "C" not null references inbox (delivery_id),
  relay text not null,
  sealed_jws bytea not null,
  attempts integer not null default 0,
  next_due_at timestamptz not null,
  sent_at timestamptz
);
create index outbox_due on outbox (next_due_at) where sent_at is null;
`,
  },
  {
    id: '0002-openings',
    sql: `
alter table outbox drop constraint outbox_kind_check, add check (kind in ('receipt', 'feedback', 'opening'));
`,
  },
  {
    id: 'receiver-0003-attachments',
    additive: true,
    sql: `
create table attachments (
  attachment_id text collate "C" primary key,
  delivery_id   text collate "C" not null references inbox (delivery_id),
  content_type  text not null,
  size          integer not null check (size > 0),
  sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  restricted    boolean not null,
  received_at   text not null,
  receipt_jws   text not null,
  sealed        bytea not null
);
create index attachments_by_delivery on attachments (delivery_id, attachment_id);
`,
  },
];
