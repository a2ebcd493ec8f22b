import { isRecord, type Issue, type Json } from '@zhida/core';
import type { Report, ReportIssue } from '../report.js';
import { reportNode } from '../schema/node.js';
import { checkContent } from './check-content.js';
import { type ReportDefaults, fillMinimum } from './fill-minimum.js';
import { type ReadingLog, createReadingLog } from './reading-log.js';
import { readNode } from './read-node.js';

/** What a reading of a report gives. */
export interface ReportReading {
  readonly report: Report;
  /** What this reading could not use or had to fill in; `report.issues` has these too, after those that came with the report. */
  readonly issues: Issue[];
  /** Path → value as it came, for everything that has no place in the report. It travels sealed. */
  readonly unread?: Json;
}

/**
 * Reads a report from whatever was sent. It never throws and refuses nothing (INV-9): a value of the wrong type and a
 * member nobody knows are kept verbatim under `unread`, the minimum is filled with `unknown` and 不详, and each such
 * place is listed in `issues` without its value.
 *
 * Reading its own result again changes nothing.
 */
export function readReport(input: unknown, defaults: ReportDefaults = {}): ReportReading {
  const log = createReadingLog();
  let known: Partial<Report> = {};
  try {
    known = readMembers(input, log);
  } catch {
    // Only a value that never was JSON gets here: a getter or a proxy that throws.
    log.note('RESOURCE_UNREADABLE', 'error', '$');
  }
  const report = fillMinimum(known, defaults, log);
  checkContent(report, log);
  const { issues, unread } = log;
  const complete = withIssues(report, issues);
  return Object.keys(unread).length === 0 ? { report: complete, issues } : { report: complete, issues, unread };
}

/** The known members of a report-like value and nothing else: what the views are cut from. */
export function knownMembers(report: Report): Readonly<Record<string, Json>> {
  return readMembers(report, createReadingLog()) as Record<string, Json>;
}

function readMembers(input: unknown, log: ReadingLog): Partial<Report> {
  if (isRecord(input)) {
    return readNode(reportNode, input, '', log) as Partial<Report>;
  }
  if (input !== undefined && input !== null) log.keep('$', input);
  log.note('FIELD_WRONG_TYPE', 'error', '$');
  return {};
}

function withIssues(report: Report, found: readonly Issue[]): Report {
  const issues: ReportIssue[] = [...(report.issues ?? [])];
  const listed = new Set(issues.map(({ code, at }) => `${code} ${at}`));
  for (const issue of found) {
    if (!listed.has(`${issue.code} ${issue.at}`)) issues.push(issue);
  }
  return issues.length === 0 ? report : { ...report, issues };
}
