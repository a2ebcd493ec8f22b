/**
 * Tables of the audit log. Entries, leaves and checkpoints are insert-only: the database refuses to change, delete or truncate
 * them, also while replication triggers are off. `audit_details` holds sealed openings and may be deleted: that is erasure.
 *
 * `audit_entries.xid` is the transaction that wrote the entry. Transactions do not commit in the order they begin, so the
 * sequencer asks which entries have no leaf, and uses `xid` only to bound where such entries can still turn up. An entry's bytes
 * hold no newline, because the files of the log are one entry a line.
 */
export const auditMigration: { id: string; sql: string } = {
  id: 'audit-log-0001',
  sql: `
create table audit_entries (
  id text collate "C" primary key check (id ~ '^aud_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  bytes bytea not null check (position('\\x0a'::bytea in bytes) = 0),
  xid xid8 not null default pg_current_xact_id()
);
create index audit_entries_by_transaction on audit_entries (xid, id);

create table audit_leaves (
  index bigint primary key check (index >= 0),
  entry_id text collate "C" not null unique,
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32)
);

create table checkpoints (
  size bigint primary key check (size >= 0),
  note text not null,
  at timestamptz not null
);

create table audit_details (
  entry_id text collate "C" primary key references audit_entries (id),
  sealed bytea not null
);

create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table % is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_entries_append_only before update or delete or truncate on audit_entries
  for each statement execute function audit_refuse_change();
create trigger audit_leaves_append_only before update or delete or truncate on audit_leaves
  for each statement execute function audit_refuse_change();
create trigger checkpoints_append_only before update or delete or truncate on checkpoints
  for each statement execute function audit_refuse_change();

alter table audit_entries enable always trigger audit_entries_append_only;
alter table audit_leaves enable always trigger audit_leaves_append_only;
alter table checkpoints enable always trigger checkpoints_append_only;
`,
};
