import { auditMigration } from '@zhida/audit-log/postgres';
import type { Migration } from '@zhida/database';
import { ATTACHMENT_DUES } from './migrations/attachment-dues.js';
import { ATTACHMENTS } from './migrations/attachments.js';
import { CALLED } from './migrations/called.js';
import { DEAD_LETTERS } from './migrations/dead-letters.js';
import { ESCALATION } from './migrations/escalation.js';
import { EXCHANGE } from './migrations/exchange.js';
import { EXERCISES } from './migrations/exercises.js';
import { FORWARDS } from './migrations/forwards.js';
import { OPEN_DELIVERIES } from './migrations/open-deliveries.js';
import { PAPER } from './migrations/paper.js';
import { ROUTING } from './migrations/routing.js';
import { TRUST } from './migrations/trust.js';

const LEDGER = `
create table reports (
  facility        text        not null,
  report_id       text        primary key,
  number          text        not null unique,
  chain_id        text        not null,
  sequence        integer     not null check (sequence > 0),
  kind            text        not null check (kind in ('initial', 'follow-up', 'correction', 'error-notice')),
  mode            text        not null check (mode in ('production', 'exercise', 'test')),
  priority        text        not null check (priority in ('urgent', 'routine')),
  press_id        text        not null,
  body_sha256     text        not null,
  body_sealed     bytea       not null,
  reporter_sealed bytea,
  answer          bytea       not null,
  auth_degraded   boolean     not null,
  version         integer     not null check (version > 0),
  received_at     timestamptz not null,
  unique (facility, press_id),
  unique (facility, chain_id, sequence)
);

-- The deliveries are the outbox: what is open here is what is still owed to an agency.
create table deliveries (
  facility        text        not null,
  delivery_id     text        primary key,
  report_id       text        not null references reports (report_id),
  recipient_party text        not null,
  recipient_kind  text        not null,
  recipient_name  jsonb       not null,
  view            text        not null,
  priority        text        not null check (priority in ('urgent', 'routine')),
  state           text        not null default 'open' check (state in ('open', 'attested', 'stored', 'accepted')),
  payload_sealed  bytea,
  payload_sha256  text,
  next_due_at     timestamptz not null,
  rung            integer     not null default 0,
  fence           integer     not null default 0,
  lease_until     timestamptz,
  hold_reason     text,
  held_by         text,
  held_since      timestamptz,
  last_outcome    text        check (last_outcome in ('receipted', 'refused', 'unknown')),
  stored_at       timestamptz,
  accepted_at     timestamptz,
  agency_number   text,
  created_at      timestamptz not null,
  unique (report_id, recipient_party),
  check ((payload_sealed is null) = (payload_sha256 is null)),
  check (payload_sealed is not null or hold_reason is not null or state <> 'open'),
  check ((hold_reason is null) = (held_since is null))
);
create index deliveries_due on deliveries (facility, priority desc, (rung > 0), next_due_at) where state = 'open' and hold_reason is null;
create index deliveries_held on deliveries (facility, recipient_party) where state = 'open' and hold_reason is not null;
create index deliveries_by_facility on deliveries (facility, state, created_at);

create function zhida_delivery_guard() returns trigger language plpgsql as $guard$
declare
  ranks constant text[] := array['open', 'attested', 'stored', 'accepted'];
begin
  if array_position(ranks, new.state) < array_position(ranks, old.state) then
    raise exception 'the state of a delivery only rises' using errcode = 'check_violation';
  end if;
  if old.payload_sha256 is not null
    and (new.payload_sha256 is distinct from old.payload_sha256 or new.payload_sealed is distinct from old.payload_sealed) then
    raise exception 'the payload of a delivery never changes' using errcode = 'check_violation';
  end if;
  return new;
end
$guard$;
create trigger deliveries_guard before update on deliveries for each row execute function zhida_delivery_guard();

create function zhida_never_deleted() returns trigger language plpgsql as $guard$
begin
  raise exception 'rows of % are never deleted', tg_table_name using errcode = 'check_violation';
end
$guard$;
create trigger reports_kept before delete on reports for each row execute function zhida_never_deleted();
create trigger deliveries_kept before delete on deliveries for each row execute function zhida_never_deleted();

-- A row without an outcome is an attempt whose process died or is still waiting.
create table attempts (
  facility    text        not null,
  delivery_id text        not null references deliveries (delivery_id),
  fence       integer     not null,
  started_at  timestamptz not null,
  finished_at timestamptz,
  outcome     text        check (outcome in ('receipted', 'refused', 'unknown')),
  status      integer,
  detail      text,
  lease_lost  boolean,
  primary key (delivery_id, fence),
  check ((outcome is null) = (finished_at is null))
);

create table receipts (
  facility       text        not null,
  row_id         bigint      generated always as identity primary key,
  kind           text        not null check (kind in ('receipt', 'conflict')),
  issuer         text        not null,
  receipt_id     text        not null,
  delivery_id    text        not null references deliveries (delivery_id),
  report_id      text        not null,
  stage          text        not null check (stage in ('stored', 'accepted', 'misdirected', 'stopped-using')),
  payload_sha256 text        not null,
  agency_number  text,
  transferred_to text,
  stated_at      text        not null,
  received_at    timestamptz not null,
  via            text        not null check (via in ('answer', 'posted')),
  jws            text        not null,
  jws_sha256     text        not null
);
create unique index receipts_once on receipts (issuer, receipt_id) where kind = 'receipt';
create unique index receipt_conflicts_once on receipts (issuer, jws_sha256) where kind = 'conflict';
create index receipts_by_delivery on receipts (delivery_id);

create table feedback (
  facility        text        not null,
  issuer          text        not null,
  feedback_id     text        not null,
  report_id       text        not null references reports (report_id),
  code            text        not null,
  document_number text,
  transferred_to  text,
  stated_at       text        not null,
  received_at     timestamptz not null,
  jws_sealed      bytea       not null,
  jws_sha256      text        not null,
  primary key (issuer, feedback_id)
);
create index feedback_by_report on feedback (report_id);

-- What the status line said after each change: the stream sends rows, so nothing is lost between two connections.
create table report_events (
  facility  text        not null,
  report_id text        not null references reports (report_id),
  version   integer     not null,
  at        timestamptz not null,
  status    jsonb       not null,
  primary key (report_id, version)
);

create table number_serials (
  facility text    not null,
  day      date    not null,
  last     integer not null,
  primary key (facility, day)
);

-- Erasing a person means destroying these keys; no other row changes.
create table data_keys (
  facility   text        not null,
  report_id  text        not null references reports (report_id) deferrable initially deferred,
  purpose    text        not null check (purpose in ('report', 'reporter')),
  wrapped    bytea       not null,
  created_at timestamptz not null,
  primary key (report_id, purpose)
);

create table parties (
  facility   text        not null,
  party      text        not null,
  role       text        not null,
  mode       text        not null,
  base_url   text,
  first_seen timestamptz not null,
  primary key (facility, party)
);
create table party_keys (
  facility   text        not null,
  party      text        not null,
  kid        text        not null,
  use        text        not null,
  first_seen timestamptz not null,
  primary key (facility, party, use, kid)
);

create table endpoints (
  facility        text        not null,
  party           text        not null,
  disabled_since  timestamptz,
  disabled_by     text,
  disabled_reason text,
  primary key (facility, party),
  check ((disabled_since is null) = (disabled_by is null))
);
`;

const ENDPOINT_GATES = `
-- What all processes together do at one endpoint. probe_at is set while its breaker is open: deliveries wait, one is tried.
create table endpoint_gates (
  party     text        primary key,
  failures  integer     not null default 0 check (failures >= 0),
  probe_at  timestamptz,
  opened_at timestamptz,
  check ((probe_at is null) = (opened_at is null))
);
-- One row for each attempt the endpoint may have under way; free_at spaces the beginnings.
create table endpoint_slots (
  party       text        not null references endpoint_gates (party),
  slot        integer     not null check (slot >= 0),
  delivery_id text,
  fence       integer,
  lease_until timestamptz,
  free_at     timestamptz not null default '-infinity',
  primary key (party, slot)
);

drop index deliveries_due;
create index deliveries_due on deliveries (facility, recipient_party, priority desc, (rung > 0), next_due_at)
  where state = 'open' and hold_reason is null;
`;

const CALLS = `
-- Telephone calls about a report: logged beside it, never instead of a receipt.
create table calls (
  facility    text        not null,
  call_id     text        primary key,
  report_id   text        not null references reports (report_id),
  outcome     text        not null check (outcome in ('answered', 'no-answer', 'transferred')),
  made_at     timestamptz not null,
  recorded_at timestamptz not null,
  sealed      bytea       not null
);
create index calls_of_report on calls (facility, report_id, made_at);
`;

const RECEIPTS_BY_DAY = `
-- The index before began with the issuer, as the one that finds a receipt by its id does: a server without statistics, as after
-- a crash, took the wrong one and read every receipt of the agency for each that came.
create index receipts_by_day on receipts (received_at, issuer) where kind = 'receipt';
drop index receipts_by_issuer;
`;

/** The relay's tables, oldest first; the audit log's own come before them because every ledger change appends to it. */
export const relayMigrations: readonly Migration[] = [
  auditMigration,
  { id: 'relay-0001-ledger', sql: LEDGER },
  { id: 'relay-0002-endpoint-gates', sql: ENDPOINT_GATES, additive: true },
  { id: 'relay-0003-calls', sql: CALLS, additive: true },
  { id: 'relay-0004-escalation', sql: ESCALATION },
  { id: 'relay-0005-routing', sql: ROUTING, additive: true },
  { id: 'relay-0006-attachments', sql: ATTACHMENTS, additive: true },
  { id: 'relay-0007-paper', sql: PAPER, additive: true },
  { id: 'relay-0008-dead-letters', sql: DEAD_LETTERS, additive: true },
  { id: 'relay-0009-exchange', sql: EXCHANGE, additive: true },
  { id: 'relay-0010-forwards', sql: FORWARDS, additive: true },
  { id: 'relay-0011-trust', sql: TRUST, additive: true },
  { id: 'relay-0012-receipts-by-day', sql: RECEIPTS_BY_DAY, additive: true },
  { id: 'relay-0013-attachment-dues', sql: ATTACHMENT_DUES, additive: true },
  { id: 'relay-0014-open-deliveries', sql: OPEN_DELIVERIES, additive: true },
  { id: 'relay-0015-called', sql: CALLED, additive: true },
  { id: 'relay-0016-exercises', sql: EXERCISES, additive: true },
];
