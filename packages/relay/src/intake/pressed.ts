import type { Issue, Json, Mode } from '@zhida/core';
import { readReport, type RecipientKind, type Report } from '@zhida/report';
import type { Tenant } from '../ledger/context.js';
import type { Priority } from '../schema.js';
import type { ChainPlace } from './chain.js';
import type { ReadBody } from './read-body.js';

/** A report as read, with what the credential adds to it. */
export interface PressedReport {
  readonly report: Report;
  /** What the reader could not read, kept word for word; a restricted group of the police. */
  readonly unread: Json | undefined;
  /** From the press ticket; it goes into its own sealed group and nowhere else (INV-10). */
  readonly reporterIdentity: Json | undefined;
  readonly authDegraded: boolean;
  /** Kinds that the police have released the case to. */
  readonly releasedTo?: readonly RecipientKind[];
}

/** What the relay knows of a press beside its body. */
export interface PressFacts {
  readonly reportId: string;
  readonly mode: Mode;
  /** RFC 3339; stands in for a report's own time where that is missing. */
  readonly receivedAt: string;
  readonly reporterIdentity: Json | undefined;
  readonly authDegraded: boolean;
}

/** Reads a report's body into what the views are cut from. It never refuses: what cannot be used is an issue (INV-9). */
export function pressedFrom(tenant: Tenant, body: ReadBody, facts: PressFacts): { pressed: PressedReport; issues: Issue[] } {
  const { reportId, mode, receivedAt, reporterIdentity, authDegraded } = facts;
  const reading = readReport({ ...body.value, reportId, mode }, { createdAt: receivedAt, facility: { code: tenant } });
  const found = [...body.issues, ...pendingAttachments(reading.report)];
  const report = { ...reading.report, issues: [...found, ...(reading.report.issues ?? [])] };
  return { pressed: { report, unread: reading.unread, reporterIdentity, authDegraded }, issues: [...found, ...reading.issues] };
}

/** What a report names comes after it: whoever reads the report is told to expect it. */
function pendingAttachments({ attachments = [] }: Report): Issue[] {
  return attachments.map((_, index) => ({ code: 'ATTACHMENT_PENDING', severity: 'information', at: `attachments[${index}]` }));
}

/** The report with what the ledger gave it: number, priority and place in its chain. */
export function withPlace(
  pressed: PressedReport,
  given: { readonly number: string; readonly priority: Priority; readonly place: ChainPlace },
): PressedReport {
  const { report } = pressed;
  const { number, priority, place } = given;
  return { ...pressed, report: { ...report, number, priority, chain: { ...report.chain, id: place.chainId, sequence: place.sequence } } };
}
