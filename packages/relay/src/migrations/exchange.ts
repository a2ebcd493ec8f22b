/** What an agency said of a day, and whether this ledger says the same. */
export const EXCHANGE = `
create table exchanges (
  party         text        not null,
  day           date        not null,
  agency_count  integer     not null,
  agency_root   text        not null,
  agency_ids    text[]      not null,
  own_count     integer     not null,
  own_root      text        not null,
  agrees        boolean     not null,
  missing_here  text[]      not null,
  missing_there text[]      not null,
  received_at   timestamptz not null,
  checked_at    timestamptz not null,
  jws           text        not null,
  primary key (party, day)
);
create index exchanges_differ on exchanges (party, day) where not agrees;
create index receipts_by_issuer on receipts (issuer, received_at) where kind = 'receipt';
`;
