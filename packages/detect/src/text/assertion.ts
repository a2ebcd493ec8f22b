import type { Concept } from '@zhida/packs';
import { isDoneToAnother } from './aggressor.js';
import { type Clauses, type Token, skipSpaces } from './clauses.js';
import { BOUNDARY } from './fold.js';
import { isHelper } from './lexicon.js';
import { carriesNegation, isDeniedTogether, isListItem, reachesFurther } from './lists.js';
import { isMadePassive, isReducedPassive, opensPassive, tellsWhereOrHow } from './passive.js';
import { isQuestionMark, isSuspicionDenied, isTakenForGranted } from './questions.js';
import { REPORT_REACH, isOwned, isSubject, isTeller } from './subject.js';
import { readTicks } from './ticks.js';

export type Polarity = 'affirmed' | 'uncertain' | 'negated';

/** What the text says of one mention: ConText's questions, asked of clauses. */
export interface Assertion {
  readonly polarity: Polarity;
  /** False when it is somebody else's: the mother's pregnancy, a relative's history. */
  readonly patient: boolean;
  /** False for questions, advice, teaching and templates. */
  readonly actual: boolean;
  readonly historical: boolean;
  /** A form's own answer, where the mention is its label. */
  readonly answered: boolean | undefined;
  /** Where a "positive" before the mention begins, -1 when there is none: "positive pregnancy test". */
  readonly positiveFrom: number;
}

/** Where the reading stands: what the cues before the current token have opened. */
interface State {
  clause: number;
  sentence: number;
  negatedFrom: number;
  /** End of a cue that denies only what stands right behind it. */
  negatedNextFrom: number;
  uncertain: boolean;
  hypothetical: boolean;
  question: boolean;
  history: boolean;
  taught: boolean;
  procedureMark: boolean;
  positiveFrom: number;
  /** The relative last named as the subject of the sentence, and whether a passive verb followed. */
  relative: Token | undefined;
  /** A relative was named in the sentence, as its subject or not. */
  hasRelative: boolean;
  passive: boolean;
  /** True once a state of the sentence was the relative's own: the clauses after it, until another subject, go on about him or her. */
  owned: boolean;
  section: string;
  /** A boy's text that names a woman or girl: 她 and "she" are somebody else. */
  readonly tellsOfHer: boolean;
}

/** Sections where birth words tell how the patient was born. */
const BIRTH_SECTIONS: ReadonlySet<string> = new Set(['past-history', 'family-history', 'social', 'other', 'nursing']);
const SHE: ReadonlySet<string> = new Set(['she', '她']);
const NEGATION_REACH = 90;
const NEXT_REACH = 1;
const AFTER_REACH = 16;
const PROCEDURE_REACH = 90;
const PASSIVE_OVER = /^[^，。；,;]*[后時时]|^ ?(?:was|is|been|being)/;
const PASSIVE_OVER_MAX = 14;
const OWN_TEST_REACH = 2;
const HIDDEN_PASSIVES = '被遭';

/** Called for every concept token that the text neither denies nor gives to another. */
export type Visit = (token: Token, assertion: Assertion, section: string) => void;

/** Reads the clauses once, left to right, and visits every concept token; with `wanted` (1 by index) only those of them that can be asserted. */
export function assertConcepts(
  clauses: Clauses,
  concepts: readonly Concept[],
  section: string,
  visit: Visit,
  { wanted, tellsOfHer = false }: { readonly wanted?: Uint8Array; readonly tellsOfHer?: boolean } = {},
): void {
  const state = freshState(section, tellsOfHer);
  const cues = cuesOfSentences(clauses);
  const isFamily = section === 'family-history';
  clauses.tokens.forEach((token, index) => {
    enterClause(state, clauses, token);
    if (token.kind !== 'concept') {
      applyCue(state, clauses, token, index);
      return;
    }
    noteHiddenPassive(state, clauses, token);
    const concept = concepts[token.concept];
    if (concept === undefined || (wanted !== undefined && isPassedBy(concept, wanted[token.concept] === 1, state))) return;
    const said = cues[state.sentence] ?? 0;
    const sentence = {
      birth: (said & OF_SENTENCE.birth) !== 0,
      refuted: (said & OF_SENTENCE.refuted) !== 0,
      fiction: (said & OF_SENTENCE.fiction) !== 0,
      ownPast: (said & OF_SENTENCE['own-past']) !== 0,
      named: !isFamily || (said & OF_SENTENCE.patient) !== 0,
    };
    visit(token, assertionOf(state, clauses, token, index, concept, sentence), state.section);
  });
}

/** A state of a relative's own is read even where nobody wants it: what it leaves open decides of the words behind it. */
function isPassedBy({ kind }: Concept, isWanted: boolean, { relative }: State): boolean {
  return isHelper(kind) || (!isWanted && (kind !== 'state' || relative === undefined));
}

function freshState(section: string, tellsOfHer: boolean): State {
  return {
    clause: 0,
    sentence: 0,
    negatedFrom: -1,
    negatedNextFrom: -1,
    uncertain: false,
    hypothetical: false,
    question: false,
    history: false,
    taught: false,
    procedureMark: false,
    positiveFrom: -1,
    relative: undefined,
    hasRelative: false,
    passive: false,
    owned: false,
    section,
    tellsOfHer,
  };
}

/** Cues that decide of every word of their sentence, as bits. */
const OF_SENTENCE = { birth: 1, refuted: 2, fiction: 4, 'own-past': 8, patient: 16 } as const;

/** By sentence the bits of what stands in it. */
function cuesOfSentences({ tokens, clauses }: Clauses): Uint8Array {
  const cues = new Uint8Array((clauses.at(-1)?.sentence ?? 0) + 1);
  for (const { kind, clause } of tokens) {
    if (kind !== 'birth' && kind !== 'refuted' && kind !== 'fiction' && kind !== 'own-past' && kind !== 'patient') continue;
    const sentence = clauses[clause]?.sentence ?? 0;
    cues[sentence] = (cues[sentence] ?? 0) | OF_SENTENCE[kind];
  }
  return cues;
}

function enterClause(state: State, clauses: Clauses, token: Token): void {
  while (state.clause < token.clause) {
    const previous = clauses.clauses[state.clause];
    state.clause += 1;
    const current = clauses.clauses[state.clause];
    if (previous === undefined || current === undefined) return;
    if (!carriesNegation(state.negatedFrom, state.clause, clauses, previous, current)) state.negatedFrom = -1;
    state.uncertain = false;
    state.hypothetical = state.hypothetical && current.opener !== BOUNDARY.hard && isListItem(clauses.text, current);
    state.question = false;
    state.positiveFrom = -1;
    state.procedureMark = false;
    if (current.sentence === state.sentence) continue;
    state.sentence = current.sentence;
    state.relative = undefined;
    state.hasRelative = false;
    state.passive = false;
    state.owned = false;
    state.history = false;
    // A leaflet's list goes on over its semicolons.
    state.taught = state.taught && '；;'.includes(clauses.text.charAt(current.start - 1) || '。');
    state.hypothetical = false;
  }
}

function applyCue(state: State, clauses: Clauses, token: Token, index: number): void {
  switch (token.kind) {
    case 'negate':
      state.negatedFrom = token.end;
      return;
    case 'negate-next':
      state.negatedNextFrom = token.end;
      return;
    case 'terminate':
      state.negatedFrom = -1;
      state.hypothetical = false;
      return;
    case 'uncertain':
      if (isSuspicionDenied(clauses.text, state.negatedFrom, token)) return;
      state.uncertain = true;
      state.negatedFrom = -1;
      // 是否被打？患儿点头: what stands behind the mark is no longer asked.
      state.question &&= !isQuestionMark(clauses.text, token);
      return;
    case 'hypothetical':
      state.hypothetical = true;
      return;
    case 'question':
      state.question = true;
      return;
    case 'history':
      state.history = true;
      return;
    case 'positive':
      state.positiveFrom = token.start;
      return;
    case 'education':
      state.taught = true;
      return;
    case 'procedure-mark':
      state.procedureMark = true;
      return;
    default:
      applySubject(state, clauses, token, index);
  }
}

function applySubject(state: State, clauses: Clauses, token: Token, index: number): void {
  if (token.kind === 'heading') {
    if (opensSection(clauses, token)) state.section = token.section;
  } else if (token.kind === 'patient') {
    // "Mum says she was hit" in a boy's record: she is not the patient.
    const isSomeWoman = state.tellsOfHer && SHE.has(clauses.text.slice(token.start, token.end).toLowerCase());
    state.relative = isSomeWoman ? token : undefined;
    state.passive = isSomeWoman && opensPassive(clauses.text, token.end);
    state.owned = false;
  } else if (token.kind === 'relative') {
    state.hasRelative = true;
    if (isSubject(clauses, token, index)) {
      state.relative = token;
      state.passive = opensPassive(clauses.text, token.end);
    }
  } else if (token.kind === 'passive') {
    applyPassive(state, clauses, token);
  } else if (
    (token.kind === 'report' || (token.kind === 'toward' && !state.passive)) &&
    state.relative !== undefined &&
    token.start - state.relative.end <= REPORT_REACH
  ) {
    state.relative = undefined;
  }
}

function applyPassive(state: State, { text }: Clauses, { start }: Token): void {
  state.passive ||= !tellsWhereOrHow(text, start);
}

/** 父亲曾被人打伤: the passive is a part of the word that names whoever did it. */
function noteHiddenPassive(state: State, { text }: Clauses, { start, clause }: Token): void {
  if (state.relative?.clause === clause && HIDDEN_PASSIVES.includes(text.charAt(start))) state.passive = true;
}

/** A heading opens a section only at the start of a clause and before a colon or a closing bracket. */
function opensSection({ text, clauses }: Clauses, token: Token): boolean {
  const clause = clauses[token.clause];
  if (clause === undefined || skipSpaces(text, clause.start) !== token.start) return false;
  const next = text.charAt(skipSpaces(text, token.end));
  return next !== '' && ':：】]'.includes(next);
}

/** What the whole sentence says: of a birth, of a suspicion settled, of the patient beside the relatives. */
interface Sentence {
  readonly birth: boolean;
  readonly refuted: boolean;
  /** It tells of a film, a game, a dream. */
  readonly fiction: boolean;
  /** Somebody tells of what befell him or her as a child. */
  readonly ownPast: boolean;
  readonly named: boolean;
}

function assertionOf(
  state: State,
  clauses: Clauses,
  token: Token,
  index: number,
  concept: Concept,
  { birth, refuted, fiction, ownPast, named }: Sentence,
): Assertion {
  const after = cuesAfter(clauses, token, index, state.question && !isTakenForGranted(clauses.text, token.end));
  const answered = readTicks(clauses, token, index);
  return {
    answered,
    positiveFrom: after.positive && state.positiveFrom < 0 ? token.start : state.positiveFrom,
    polarity: settle(polarityOf(state, token, after, answered, concept.kind), refuted),
    patient:
      !(birth && tellsOfBirth(state, concept)) &&
      !(ownPast && state.hasRelative && concept.kind !== 'word') &&
      belongsToPatient(state, clauses, token, concept, named) &&
      !(concept.kind === 'event' && isDoneToAnother(clauses, token, index, state.relative)),
    actual: !fiction && !(concept.kind === 'agent' && isTeller(clauses, token, index)) && isActual(state, after, concept, answered),
    historical: state.history || state.section === 'past-history',
  };
}

function isActual(state: State, after: After, concept: Concept, answered: boolean | undefined): boolean {
  // 有无虐待 ☑有: the form asks, and the box answers.
  if (answered === true) return true;
  if (state.taught || after.taught || state.hypothetical) return false;
  if (concept.kind === 'finding' && (state.procedureMark || after.procedure)) return false;
  return !(state.question || after.question) || after.uncertain;
}

interface After {
  taught: boolean;
  positive: boolean;
  procedure: boolean;
  negated: boolean;
  uncertain: boolean;
  question: boolean;
}

const AFTER_CUES: Readonly<Partial<Record<Token['kind'], keyof After>>> = {
  'negate-after': 'negated',
  uncertain: 'uncertain',
  'question-after': 'question',
  education: 'taught',
  'positive-after': 'positive',
  'procedure-mark': 'procedure',
};

/** Cues behind the mention in its clause: 已排除, 阴性, 待排, 吗. They end at the next concept unless a list mark joins them. */
function cuesAfter(clauses: Clauses, token: Token, index: number, isAsked: boolean): After {
  const { text, tokens } = clauses;
  const negated = isDeniedTogether(clauses, token, index);
  const after: After = { taught: false, positive: false, procedure: false, negated, uncertain: false, question: false };
  let stopAt = Number.POSITIVE_INFINITY;
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.clause !== token.clause || next.start - token.end > PROCEDURE_REACH) break;
    if (next.start < token.end) continue;
    if (next.kind === 'terminate' || next.start > stopAt) break;
    if (next.start - token.end > AFTER_REACH && !reachesFurther(next, text.slice(token.end, next.start))) continue;
    // A new negation opens a scope of its own; "ruled out" at the same place still closes this one.
    if (next.kind === 'negate' && text.slice(token.end, next.start).trim() !== '') stopAt = next.start;
    const cue = AFTER_CUES[next.kind];
    // 是否被打？ asks; 被打？ doubts.
    if (cue !== undefined && !(isAsked && isQuestionMark(text, next))) after[cue] = true;
  }
  return after;
}

/** 疑托班打骂，查监控无异常: the sentence itself settles its suspicion. */
function settle(polarity: Polarity, refuted: boolean): Polarity {
  return refuted && polarity === 'uncertain' ? 'negated' : polarity;
}

function polarityOf(state: State, token: Token, after: After, answered: boolean | undefined, kind: Concept['kind']): Polarity {
  if (answered !== undefined) return answered ? 'affirmed' : 'negated';
  if (after.uncertain && !after.negated) return 'uncertain';
  if (after.negated) return 'negated';
  if (state.negatedFrom >= 0 && token.start - state.negatedFrom <= NEGATION_REACH) return 'negated';
  // 我不乖爸爸就…: 不 denies what one does or is, never who does it.
  const { negatedNextFrom } = state;
  if (kind !== 'agent' && negatedNextFrom >= 0 && token.start >= negatedNextFrom && token.start - negatedNextFrom <= NEXT_REACH)
    return 'negated';
  return state.uncertain ? 'uncertain' : 'affirmed';
}

/** The sentence tells how the patient was born: the pregnancy in it was the mother's. */
function tellsOfBirth(state: State, concept: Concept): boolean {
  return concept.birthHistory === true && BIRTH_SECTIONS.has(state.section);
}

/**
 * Whose it is. A relative who opens the sentence owns a state (母亲怀孕), and an event only in the passive (母亲曾被家暴):
 * before an active verb the relative is the one who did it, and then it is the child's.
 */
function belongsToPatient(state: State, clauses: Clauses, token: Token, concept: Concept, named: boolean): boolean {
  const { relative } = state;
  if (concept.kind === 'word') return true;
  if (concept.kind === 'agent') return !isInPassive(state, clauses, token);
  if (relative === undefined) return state.section !== 'family-history';
  if (state.section === 'family-history' && !(concept.kind === 'event' && named)) return false;
  // 母亲TPPA阳性: a test named right behind a relative is the relative's.
  if (concept.kind === 'test') return token.start - relative.end > OWN_TEST_REACH || relative.clause !== token.clause;
  // A subject reaches into the next clause only once a state was its own: 父母离异，怀孕8周 is the child's, 母亲现孕5月，流产1次 is not.
  if (!isSameRun(clauses, relative, token)) return !(state.owned && concept.kind === 'state');
  if (concept.kind === 'event') return !happenedTo(relative, state, clauses, token);
  state.owned ||= concept.kind === 'state';
  return false;
}

/** 同桌被他爸爸抽: neither he to whom it was done, nor whoever did it to him, did anything to the patient. 父亲被辞退后打孩子 is another thing. */
function isInPassive({ relative, passive }: State, clauses: Clauses, token: Token): boolean {
  if (relative !== undefined && passive && token.start > relative.end && isSameRun(clauses, relative, token)) return true;
  return opensPassive(clauses.text, token.end) && !PASSIVE_OVER.test(clauses.text.slice(token.end, token.end + PASSIVE_OVER_MAX));
}

function happenedTo(relative: Token, { passive }: State, clauses: Clauses, token: Token): boolean {
  return (
    passive ||
    opensPassive(clauses.text, token.start) ||
    isMadePassive(clauses.text, token.start) ||
    isReducedPassive(clauses.text, relative.end, token) ||
    isOwned(clauses, relative, token)
  );
}

/** 同班男生（另立病历）被打: a bracket or a space between them does not part a subject from its verb. */
function isSameRun({ clauses }: Clauses, left: Token, right: Token): boolean {
  return left.clause === right.clause || clauses[left.clause]?.run === clauses[right.clause]?.run;
}
