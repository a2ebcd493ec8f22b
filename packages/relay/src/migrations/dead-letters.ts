/** Deliveries that this relay itself cannot bring on their way. */
export const DEAD_LETTERS = `
-- Beside the delivery, which stays open and is tried on: it says that the fault is ours, since when, and which.
create table dead_letters (
  facility    text        not null,
  delivery_id text        not null references deliveries (delivery_id),
  since       timestamptz not null,
  fault       text        not null check (fault in ('not-opened', 'not-sealed', 'not-rendered')),
  last_at     timestamptz not null,
  times       integer     not null default 1 check (times > 0),
  cleared_at  timestamptz,
  primary key (delivery_id, since)
);
create unique index dead_letters_open on dead_letters (delivery_id) where cleared_at is null;
create index dead_letters_of_facility on dead_letters (facility, delivery_id) where cleared_at is null;
`;
