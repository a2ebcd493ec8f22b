/** What this relay carries for others: it stores and forwards, and opens nothing. */
export const FORWARDS = `
create table forwards (
  origin      text        not null,
  delivery_id text        not null,
  recipient   text        not null,
  -- Gone once the agency has signed.
  envelope    text,
  taken_at    timestamptz not null,
  next_due_at timestamptz not null,
  attempts    integer     not null default 0,
  lease_until timestamptz,
  last_detail text,
  receipt     text,
  primary key (origin, delivery_id),
  check ((envelope is null) = (receipt is not null))
);
create index forwards_due on forwards (next_due_at) where receipt is null;

-- Signed by agencies, on their way back to the relay they are addressed to.
create table forwarded_statements (
  statement_id bigint      generated always as identity primary key,
  relay        text        not null,
  issuer       text        not null,
  kind         text        not null,
  jws_sha256   text        not null,
  jws          text,
  taken_at     timestamptz not null,
  next_due_at  timestamptz not null,
  attempts     integer     not null default 0,
  lease_until  timestamptz,
  sent_at      timestamptz,
  unique (relay, jws_sha256),
  check ((jws is null) = (sent_at is not null))
);
create index forwarded_statements_due on forwarded_statements (next_due_at) where sent_at is null;
`;
