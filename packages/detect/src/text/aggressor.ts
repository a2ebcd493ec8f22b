import { type Clauses, type Token, skipSpaces } from './clauses.js';
import { opensPassive } from './passive.js';

/** What may stand between a deed and the one it is done to: 打伤 | 了两名低年级 | 同学, 殴 | 打 | 弟弟. */
const BETWEEN =
  /^(?:[打伤踢骂了过着]{0,3}(?:[一二两三几多数]?[名个位])?(?:其|他|她|自己)?(?:的|班上|班里|同班)?| (?:(?:an?|the|her|his|their|another|two|three|some|several|little) )*)$/i;
const TAKES_OBJECT = /[打伤踢踹掐咬抽扇揍骂殴推负凌待侵亵砸捅刺手a-z]$/i;
/** 患儿打人, 动手打别人. */
const ON_PEOPLE = /^打?(?:别|他)?人(?=$|[，。；,;、）)]|后|时|被|致|成性)/;
/** 把同学打伤, 将弟弟也打了. */
const BY_BA = /[把将][^，。；被遭挨]{1,6}?$/;
const IS_DONE_TO = /[被遭挨受]|让人|[^把将]给|\b(?:was|were|is|been|being|gets?|got|by)\b/i;
/** 殴打同学的父亲, 殴打弟弟和患儿: not the other child, or not that one alone. */
const GOES_ON = /^(?:的|[和与及、](?:患儿|患者|孩子|她|他|我|自己|本人)| and (?:her|him|me|pt|patient)\b)/;
const OBJECT_REACH = 8;
const SUBJECT_LEAD_MAX = 4;
const ELDERS = /[父母爸妈爷奶公婆叔舅姑姨]|老师|家长|家属|监护|mother|father|mu?m|mom|dad|parent|grand|aunt|uncle|teacher/i;

/**
 * 患儿殴打弟弟, 在校打伤同学, 把同学打伤: a deed whose subject is the patient, or nobody where it is done to another child, was done to
 * somebody else. `relative` is whom the sentence is about: 父亲酗酒，常殴打弟弟 tells of him.
 */
export function isDoneToAnother(clauses: Clauses, token: Token, index: number, relative: Token | undefined): boolean {
  const { text } = clauses;
  const clause = clauses.clauses[token.clause];
  if (relative !== undefined && relative.clause !== token.clause) return false;
  if (clause === undefined || opensPassive(text, token.start) || !TAKES_OBJECT.test(text.slice(token.start, token.end))) return false;
  const lead = text.slice(skipSpaces(text, clause.start), token.start);
  if (IS_DONE_TO.test(lead)) return false;
  const subject = subjectOf(clauses, token, index, clause.start);
  if (subject === 'another') return false;
  if (subject === 'patient' && BY_BA.test(lead) && endsWithRelative(clauses, token, index)) return true;
  if (ON_PEOPLE.test(text.slice(token.end, clause.end)))
    return subject === 'patient' || text.slice(clause.start, token.end).includes('动手');
  return hasObject(clauses, token, index, subject === 'patient');
}

/** Who opens the clause: the patient, another, or nobody named. */
function subjectOf({ text, tokens }: Clauses, token: Token, index: number, start: number): 'patient' | 'another' | undefined {
  let subject: 'patient' | 'another' | undefined;
  for (let other = index - 1; other >= 0; other -= 1) {
    const before = tokens[other];
    if (before === undefined || before.clause !== token.clause) break;
    // What stands behind 把 is whom it was done to.
    if ('把将'.includes(text.charAt(before.start - 1) || '，')) continue;
    if (before.kind === 'relative') subject = 'another';
    else if (before.kind === 'patient') subject = before.start - start <= SUBJECT_LEAD_MAX ? 'patient' : 'another';
  }
  return subject;
}

function endsWithRelative({ tokens, text }: Clauses, token: Token, index: number): boolean {
  for (let other = index - 1; other >= 0; other -= 1) {
    const before = tokens[other];
    if (before === undefined || before.clause !== token.clause) return false;
    if (before.kind === 'relative' && /^[也又都给]?$/.test(text.slice(before.end, token.start))) return true;
  }
  return false;
}

/** Somebody who is not the patient stands right behind the deed; an elder only where the patient is its subject. */
function hasObject({ tokens, text }: Clauses, token: Token, index: number, isPatients: boolean): boolean {
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.clause !== token.clause || next.start - token.end > OBJECT_REACH) return false;
    if (next.kind !== 'relative' || !BETWEEN.test(text.slice(token.end, next.start))) continue;
    if (GOES_ON.test(text.slice(next.end)) || startsNewVerb(tokens, next, other)) return false;
    return isPatients || !ELDERS.test(text.slice(next.start, next.end));
  }
  return false;
}

function startsNewVerb(tokens: readonly Token[], object: Token, index: number): boolean {
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.start > object.end) return false;
    if (next.start === object.end && (next.kind === 'report' || next.kind === 'toward')) return true;
  }
  return false;
}
