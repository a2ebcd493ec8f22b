/** Attachments come apart from their report, and their bytes lie in sealed parts. */
export const ATTACHMENTS = `
-- Written as the bytes come in; a part whose upload no attachment names is of an upload that broke off.
create table attachment_parts (
  facility   text        not null,
  upload_id  text        not null,
  position   integer     not null check (position >= 0),
  sealed     bytea       not null,
  stored_at  timestamptz not null,
  primary key (upload_id, position)
);

create table attachments (
  facility      text        not null,
  attachment_id text        primary key,
  report_id     text        not null references reports (report_id),
  upload_id     text        not null unique,
  content_type  text        not null,
  size_bytes    integer     not null check (size_bytes > 0),
  parts         integer     not null check (parts > 0),
  sha256        text        not null,
  received_at   timestamptz not null
);
create index attachments_by_report on attachments (report_id);
create trigger attachments_kept before delete on attachments for each row execute function zhida_never_deleted();

-- An agency's word that it holds an attachment whole.
create table attachment_receipts (
  facility      text        not null,
  issuer        text        not null,
  receipt_id    text        not null,
  attachment_id text        not null references attachments (attachment_id),
  stated_at     text        not null,
  received_at   timestamptz not null,
  jws           text        not null,
  primary key (issuer, attachment_id),
  unique (issuer, receipt_id)
);
`;
