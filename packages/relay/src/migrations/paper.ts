/** Blocks of numbers for paper forms, and what became of each number. */
export const PAPER = `
create table paper_serials (
  facility text    primary key,
  last     integer not null
);
create table paper_blocks (
  facility      text        not null,
  first         integer     not null check (first > 0),
  last          integer     not null check (last >= first),
  handed_to     text        not null,
  handed_out_at timestamptz not null,
  handed_out_by text        not null,
  primary key (facility, first)
);
create table paper_numbers (
  facility    text        not null,
  serial      integer     not null,
  -- Entered as this report, or void: a form that was spoilt or never written.
  report_id   text        references reports (report_id) deferrable initially deferred,
  settled_at  timestamptz not null,
  settled_by  text        not null,
  void_reason text,
  primary key (facility, serial),
  check ((report_id is null) = (void_reason is not null))
);
`;
