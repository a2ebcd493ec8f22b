import type { RelayAnswer } from '../relay-client.js';

/** The report an answer of the relay speaks of. */
export interface ReportNamed {
  readonly reportId: string;
  readonly number: string;
}

const REPORT_ID = /^rpt_[0-9a-z]{26}$/;
const NUMBER = /^[0-9-]{1,40}$/;

/** Reads id and number from a relay's answer; undefined when it names none, as the 200 of some proxy's error page would. */
export function reportNamedIn({ body }: RelayAnswer): ReportNamed | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { reportId, number } = value as { reportId?: unknown; number?: unknown };
  if (typeof reportId !== 'string' || !REPORT_ID.test(reportId) || typeof number !== 'string' || !NUMBER.test(number)) return undefined;
  return { reportId, number };
}
