import { type Clauses, type Token, skipSpaces } from './clauses.js';
import { opensPassive } from './passive.js';

/** How far behind a relative the verb that makes him the teller may stand. */
export const REPORT_REACH = 6;
const TOWARD_REACH = 3;
const TELLER_REACH = 3;
/** 与男友, 被继父, 由母亲陪同: behind these a person is not the subject. */
const NOT_SUBJECT_AFTER = '与和跟被由对给同随向让像替为因遭挨受';
const POSSESSORS = '他她我其';
const SUBJECT_LEAD_MAX = 4;
/** "Her best friend", "the older brother", "heard that a classmate": words that may stand before a relative who is the subject. */
const ENGLISH_LEAD =
  /^(?:(?:(?:has|had|after|since)\s+)?(?:heard|hearing|read|reading|learnt|learned)\s+(?:that|of|about|how)\s+)?(?:(?:the|her|his|my|our|their|an?|one|another|other|same|best|good|close|school|older|younger|elder|eldest|big|little|twin|half|step|late|biological|foster)\s+|(?:pt|patient|child)['’]s\s+)*$/i;

/** A relative is the subject when it opens its clause and is not the one who speaks, comes along or is spoken to. */
export function isSubject({ text, tokens, clauses }: Clauses, token: Token, index: number): boolean {
  const clause = clauses[token.clause];
  if (clause === undefined || !leadsToSubject(text.slice(skipSpaces(text, clause.start), token.start))) return false;
  // 被他爸爸: whose relative it is stands between.
  const before = POSSESSORS.includes(text.charAt(token.start - 1) || '，') ? token.start - 2 : token.start - 1;
  if (NOT_SUBJECT_AFTER.includes(text.charAt(before) || '，')) return false;
  // 妹妹被同学打了: whatever verb follows a passive was done to the relative.
  if (opensPassive(text, token.end)) return true;
  return !tellsOrGoesAlong(tokens, token, index);
}

/** 母亲诉, 母亲带: what stands soon behind the relative is the telling or the coming along, not something of the relative's own. */
function tellsOrGoesAlong(tokens: readonly Token[], token: Token, index: number): boolean {
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.start - token.end > REPORT_REACH || next.clause !== token.clause) return false;
    if (next.kind === 'report' || (next.kind === 'toward' && next.start - token.end <= TOWARD_REACH)) return true;
    // 姐姐流产住院: what stands right behind the relative is the relative's.
    if (next.kind === 'concept' && next.start === token.end) return false;
  }
  return false;
}

function leadsToSubject(lead: string): boolean {
  return lead.length <= SUBJECT_LEAD_MAX || ENGLISH_LEAD.test(lead);
}

/** 爷爷发现…, 老师反映…: who tells is not who did it, unless he admits it (父亲承认…). */
export function isTeller({ tokens }: Clauses, token: Token, index: number): boolean {
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.clause !== token.clause || next.start - token.end > TELLER_REACH) return false;
    if (next.kind === 'admit' && next.start >= token.end) return false;
    if (next.kind === 'report' && next.start >= token.end) return true;
  }
  return false;
}

/** 母亲的受虐史, "mother's abuse": the relative stands directly before the mention and owns it. */
export function isOwned({ text }: Clauses, relative: Token, token: Token): boolean {
  const between = text.slice(relative.end, token.start).trim();
  return between === '的' || between === "'s" || between === '’s' || between === '有';
}
