/** Attestations, the ladder of each delivery, alarms and their notices, and who is on duty. */
export const ESCALATION = `
-- What a delivery waits for next: one due time for its whole ladder.
alter table deliveries
  add column attested_at timestamptz,
  add column next_rung   text,
  add column rung_due_at timestamptz,
  add check ((next_rung is null) = (rung_due_at is null));
create index deliveries_rungs on deliveries (facility, rung_due_at) where rung_due_at is not null;
create index deliveries_by_party on deliveries (recipient_party, created_at);

-- An attested delivery has no receipt yet, so it is sent on.
drop index deliveries_due;
create index deliveries_due on deliveries (facility, recipient_party, priority desc, (rung > 0), next_due_at)
  where state in ('open', 'attested') and hold_reason is null;
drop index deliveries_held;
create index deliveries_held on deliveries (facility, recipient_party) where state in ('open', 'attested') and hold_reason is not null;

-- Whom inside the hospital a case is hidden from: 'facility', or single accounts.
alter table reports add column hidden_from text[] not null default '{}';

-- An attestation stands among the receipts, sealed, because it names the officer who took the report.
alter table receipts
  drop constraint receipts_kind_check,
  drop constraint receipts_stage_check,
  drop constraint receipts_via_check,
  alter column payload_sha256 drop not null,
  alter column jws drop not null,
  add column jws_sealed bytea,
  add check (kind in ('receipt', 'conflict', 'attestation')),
  add check (stage in ('stored', 'accepted', 'misdirected', 'stopped-using', 'attested')),
  add check (via in ('answer', 'posted', 'operator')),
  add check ((kind = 'attestation') = (stage = 'attested')),
  add check ((jws is null) = (jws_sealed is not null)),
  add check ((kind = 'attestation') = (jws_sealed is not null));
create unique index attestations_once on receipts (delivery_id) where kind = 'attestation';

create table escalations (
  facility        text        not null,
  escalation_id   text        primary key,
  -- The delivery and its rung, or the hours nobody is on duty: one alarm for one thing.
  subject         text        not null,
  rung            text        not null,
  delivery_id     text        references deliveries (delivery_id),
  report_id       text        references reports (report_id),
  due_at          timestamptz not null,
  -- Not set on a rung that was silenced before its time.
  raised_at       timestamptz,
  state           text,
  about           jsonb       not null default '{}',
  acknowledged_at timestamptz,
  acknowledged_by text,
  silenced_at     timestamptz,
  silenced_by     text,
  silence_sealed  bytea,
  unique (facility, subject),
  check (raised_at is not null or silenced_at is not null),
  check ((acknowledged_at is null) = (acknowledged_by is null)),
  check ((silenced_at is null) = (silenced_by is null))
);
create index escalations_by_delivery on escalations (delivery_id);
create index escalations_open on escalations (facility, escalation_id) where acknowledged_at is null and silenced_at is null;

-- The outbox of alarms: who is told by which channel. It names a channel, never a person.
create table notices (
  facility      text        not null,
  notice_id     bigint      generated always as identity primary key,
  escalation_id text        not null references escalations (escalation_id),
  channel       text        not null,
  next_due_at   timestamptz,
  attempts      integer     not null default 0,
  lease_until   timestamptz,
  sent          integer     not null default 0,
  outcome       text        check (outcome in ('sent', 'no-address', 'overtaken')),
  unique (escalation_id, channel),
  check (next_due_at is not null or outcome is not null)
);
create index notices_due on notices (facility, next_due_at) where next_due_at is not null;

-- Who is on duty. An import replaces what it overlaps.
create table roster_shifts (
  facility   text        not null,
  starts_at  timestamptz not null,
  ends_at    timestamptz not null,
  title      text        not null,
  phone      text,
  email      text,
  primary key (facility, starts_at, title),
  check (ends_at > starts_at)
);
`;
