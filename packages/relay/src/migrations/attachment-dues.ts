/** Views that attachments go to, as the triggers say it; a view that is added to them takes another migration. */
export const DUE_VIEWS = ['police', 'procuratorate'] as const;

const VIEWS = DUE_VIEWS.map((view) => `'${view}'`).join(', ');

/** What waits was found by reading all attachments there ever were, every second for each gate. */
export const ATTACHMENT_DUES = `
-- What each agency has still to sign for. Triggers keep it, so that a process of the version before keeps it too.
create table attachment_dues (
  party         text not null,
  attachment_id text not null,
  delivery_id   text not null,
  primary key (party, attachment_id)
);

-- An attachment that comes while its report is handed on to another agency sees that delivery, or is seen by it: whoever comes second
-- waits here for the first to commit. After the insert, so that it then reads what was committed.
create function zhida_attachment_owed() returns trigger language plpgsql as $owed$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.report_id, 0));
  insert into attachment_dues (party, attachment_id, delivery_id)
    select recipient_party, new.attachment_id, delivery_id from deliveries where report_id = new.report_id and view in (${VIEWS})
    on conflict do nothing;
  return null;
end
$owed$;
create trigger attachments_owed after insert on attachments for each row execute function zhida_attachment_owed();

create function zhida_attachments_owed() returns trigger language plpgsql as $owed$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(new.report_id, 0));
  insert into attachment_dues (party, attachment_id, delivery_id)
    select new.recipient_party, attachment_id, new.delivery_id from attachments where report_id = new.report_id
    on conflict do nothing;
  return null;
end
$owed$;
create trigger deliveries_owe_attachments after insert on deliveries for each row when (new.view in (${VIEWS}))
  execute function zhida_attachments_owed();

create function zhida_attachment_signed() returns trigger language plpgsql as $signed$
begin
  delete from attachment_dues where party = new.issuer and attachment_id = new.attachment_id;
  return null;
end
$signed$;
create trigger attachment_receipts_settle after insert on attachment_receipts for each row execute function zhida_attachment_signed();

insert into attachment_dues (party, attachment_id, delivery_id)
  select recipient_party, attachment_id, delivery_id from attachments join deliveries using (report_id)
  where view in (${VIEWS}) and not exists (
    select from attachment_receipts signed where signed.attachment_id = attachments.attachment_id and signed.issuer = recipient_party);
`;
