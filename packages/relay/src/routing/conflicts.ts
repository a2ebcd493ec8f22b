import { CONFLICTS, findCode, type Report } from '@zhida/report';
import { roleOfParty } from '@zhida/signing';
import type { RelayProfile } from '../options.js';

/** Stands for words that name nobody a table knows. */
export const UNNAMED = 'unnamed';
const FACILITY = 'facility';
/** The bureau over the hospital appoints its leaders: an interest of the hospital's own people, or of nobody a table names, is too near to it. */
const SUPERIOR = 'health-commission';
const ACCOUNT = /^account:([\x21-\x7e]{1,128})$/;

/**
 * Whose people have an interest of their own in a case, as the ledger keeps it: kinds of recipients, `facility`, parties
 * (`agency:…`), accounts (`account:…`) and {@link UNNAMED}. The words themselves may name a person and stay in the sealed body.
 */
export function conflictsOf(report: Report): string[] {
  const stated = (report.conflictOfInterest ?? []).map((text) => text.trim()).filter((text) => text !== '');
  return [...new Set(stated.map(tokenOf))].sort();
}

function tokenOf(text: string): string {
  if (roleOfParty(text) === 'agency' || ACCOUNT.test(text)) return text;
  return findCode(CONFLICTS, text)?.code ?? UNNAMED;
}

/** From whom inside the hospital a case with these conflicts is hidden: everybody at its desks, or single accounts. */
export function hiddenFrom(conflicts: readonly string[]): string[] {
  return conflicts.flatMap((token) => (token === FACILITY ? [FACILITY] : (ACCOUNT.exec(token)?.slice(1, 2) ?? [])));
}

/** True if a kind of recipient, or the very party, has a conflict; a party's conflict is its whole kind's at that level. */
export function isConflicted(kind: string, conflicts: readonly string[], profile: RelayProfile): boolean {
  if (conflicts.includes(kind)) return true;
  if (kind === SUPERIOR && conflicts.some((token) => token === FACILITY || token === UNNAMED || ACCOUNT.test(token))) return true;
  return profile.recipients.some((recipient) => recipient.kind === kind && conflicts.includes(recipient.party));
}
