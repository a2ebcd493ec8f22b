/** Conflicts of interest of a case, and openings of restricted groups that agencies tell of. */
export const ROUTING = `
-- Kinds, parties, accounts; never the words themselves.
alter table reports add column conflicts text[] not null default '{}';

create table openings (
  facility      text        not null,
  issuer        text        not null,
  opening_id    text        not null,
  delivery_id   text        not null references deliveries (delivery_id),
  report_id     text        not null references reports (report_id),
  field_group   text        not null,
  stated_at     text        not null,
  received_at   timestamptz not null,
  jws_sealed    bytea       not null,
  jws_sha256    text        not null,
  primary key (issuer, opening_id)
);
create index openings_by_report on openings (report_id);
`;
