import { ATTACHMENT_VIEWS } from '../attachments/access.js';

/** Each is something that may never be; the query gives the ids of the cases, and `audited` is the log's own word. */
export interface LedgerCheck {
  readonly what: string;
  readonly ids: string;
}

const AUDITED = (action: string, subject: string): string => `select subject->>'${subject}' from audited where action = '${action}'`;

/**
 * What must hold of a ledger at any instant. All of it is asked in one statement, so of one snapshot: a relay at work beside
 * it makes no difference that is none.
 */
export const LEDGER_CHECKS: readonly LedgerCheck[] = [
  {
    what: 'a report that is owed to nobody',
    ids: 'select report_id from reports r where not exists (select from deliveries d where d.report_id = r.report_id)',
  },
  {
    what: 'a report without its first event',
    ids: 'select report_id from reports r where not exists (select from report_events e where e.report_id = r.report_id and e.version = 1)',
  },
  {
    what: 'a report whose last event is not its version',
    ids: `select report_id from reports r
      where version <> (select max(version) from report_events e where e.report_id = r.report_id)`,
  },
  {
    what: 'a report the log does not know, or knows twice',
    ids: `select report_id from reports r left join (${AUDITED('report.accepted', 'reportId')}) as log (id) on log.id = report_id
      group by report_id having count(log.id) <> 1`,
  },
  {
    what: 'a report of the log that is not in the ledger',
    ids: `${AUDITED('report.accepted', 'reportId')} except select report_id from reports`,
  },
  {
    what: 'a number given to no report',
    ids: `select facility from number_serials group by facility
      having sum(last) <> (select count(*) from reports r where r.facility = number_serials.facility)`,
  },
  {
    what: 'a delivery the log does not know, or knows twice',
    ids: `select delivery_id from deliveries d left join (${AUDITED('delivery.opened', 'deliveryId')}) as log (id) on log.id = delivery_id
      group by delivery_id having count(log.id) <> 1`,
  },
  {
    what: 'a delivery of the log that is not in the ledger',
    ids: `${AUDITED('delivery.opened', 'deliveryId')} except select delivery_id from deliveries`,
  },
  {
    what: 'an open delivery that nothing will send and nobody is said to hold',
    ids: `select delivery_id from deliveries where state = 'open' and payload_sealed is null and hold_reason is null`,
  },
  {
    what: 'a delivery shown further than its proof',
    ids: `select delivery_id from deliveries d where
      (state in ('stored', 'accepted') and not exists (select from receipts r where r.delivery_id = d.delivery_id and r.kind = 'receipt'))
      or (state = 'accepted' and not exists (select from receipts r where r.delivery_id = d.delivery_id and r.kind = 'receipt'
        and r.stage in ('accepted', 'stopped-using')))
      or (state = 'attested' and not exists (select from receipts r where r.delivery_id = d.delivery_id and r.kind = 'attestation'))`,
  },
  {
    what: 'a receipt that moved nothing',
    ids: `select receipt_id from receipts r join deliveries d using (delivery_id) where r.kind = 'receipt' and d.state in ('open', 'attested')`,
  },
  {
    what: 'a receipt the log does not know',
    ids: `select receipt_id from receipts where kind = 'receipt' except ${AUDITED('receipt.recorded', 'receiptId')}`,
  },
  {
    what: 'a receipt of the log that is not in the ledger',
    ids: `${AUDITED('receipt.recorded', 'receiptId')} except select receipt_id from receipts`,
  },
  {
    what: 'an attestation the log does not know',
    ids: `select receipt_id from receipts where kind = 'attestation' except ${AUDITED('delivery.attested', 'attestationId')}`,
  },
  {
    what: 'an attestation of the log that is not in the ledger',
    ids: `${AUDITED('delivery.attested', 'attestationId')} except select receipt_id from receipts`,
  },
  {
    what: 'a feedback the log does not know',
    ids: `select feedback_id from feedback except ${AUDITED('feedback.recorded', 'feedbackId')}`,
  },
  {
    what: 'a feedback of the log that is not in the ledger',
    ids: `${AUDITED('feedback.recorded', 'feedbackId')} except select feedback_id from feedback`,
  },
  {
    what: 'a call the log does not know',
    ids: `select call_id from calls except ${AUDITED('call.recorded', 'callId')}`,
  },
  {
    what: 'a call of the log that is not in the ledger',
    ids: `${AUDITED('call.recorded', 'callId')} except select call_id from calls`,
  },
  {
    what: 'an attachment the log does not know',
    ids: `select attachment_id from attachments except ${AUDITED('attachment.stored', 'attachmentId')}`,
  },
  {
    what: 'an attachment of the log that is not in the ledger',
    ids: `${AUDITED('attachment.stored', 'attachmentId')} except select attachment_id from attachments`,
  },
  {
    what: 'an attachment that is not whole',
    ids: `select attachment_id from attachments a
      where parts <> (select count(*) from attachment_parts p where p.upload_id = a.upload_id)`,
  },
  {
    what: 'a receipt for an attachment the log does not know',
    ids: `select receipt_id from attachment_receipts except ${AUDITED('attachment.received', 'receiptId')}`,
  },
  {
    what: 'a receipt for an attachment of the log that is not in the ledger',
    ids: `${AUDITED('attachment.received', 'receiptId')} except select receipt_id from attachment_receipts`,
  },
  {
    what: 'an attachment an agency has not signed for and is not told of',
    ids: `select attachment_id || ' ' || recipient_party from attachments join deliveries using (report_id)
      where view in (${ATTACHMENT_VIEWS.map((view) => `'${view}'`).join(', ')})
        and not exists (select from attachment_receipts signed
          where signed.attachment_id = attachments.attachment_id and signed.issuer = recipient_party)
        and not exists (select from attachment_dues due where due.attachment_id = attachments.attachment_id and due.party = recipient_party)`,
  },
  {
    what: 'a paper form that was passed over',
    ids: `select b.facility || ' ' || serial from paper_blocks b, generate_series(b.first, b.last) as serial
      where serial < (select max(n.serial) from paper_numbers n
          where n.facility = b.facility and n.report_id is not null and n.serial between b.first and b.last)
        and not exists (select from paper_numbers n where n.facility = b.facility and n.serial = serial.serial)`,
  },
  {
    what: 'a day an agency says something else of',
    ids: `select party || ' ' || day from exchanges where not agrees`,
  },
  {
    what: 'something taken to be forwarded the log does not know',
    ids: `select delivery_id from forwards except ${AUDITED('forward.taken', 'deliveryId')}`,
  },
  {
    what: 'an ended attempt the log does not know',
    ids: `select delivery_id || ' ' || fence from attempts where outcome in ('refused', 'unknown')
      except select subject->>'deliveryId' || ' ' || (subject->>'fence') from audited where action = 'delivery.attempted'`,
  },
  {
    what: 'a report handed on to an agency that is owed nothing',
    ids: `select receipt_id from receipts r where kind = 'receipt' and stage = 'misdirected' and transferred_to like 'agency:%'
      and not exists (select from deliveries d where d.report_id = r.report_id and d.recipient_party = r.transferred_to)`,
  },
];
