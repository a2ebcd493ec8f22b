/** How urgent an indication is: red report at once, orange answer the questions, yellow quiet badge, none kept for the record. */
export type Level = 'red' | 'orange' | 'yellow' | 'none';

/** Items (一) to (九) of article 4 of the nine-ministry Opinion 高检发〔2020〕9号. */
export type Situation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

export interface LocalText {
  readonly zh: string;
  readonly en: string;
}

/**
 * What a concept's words speak of, which decides whose it is when a relative stands before it:
 * an `event` is done by somebody to somebody (a relative before it is the doer unless the verb is passive),
 * a `state` belongs to its subject (a relative before it owns it), a `finding` is seen on the patient,
 * a `test` means nothing until a result stands beside it, an `agent` is a doer unless he is the one who tells, and a `word`
 * only helps others (a place, a force).
 */
export type ConceptKind = 'event' | 'state' | 'finding' | 'test' | 'agent' | 'word';

export interface Concept {
  readonly id: string;
  readonly kind: ConceptKind;
  /**
   * Phrases in either language. Full and half width, case, traditional forms and inner spaces are folded when read.
   * `没{人|得人}{管|带}` stands for every choice of its braces; an empty choice is allowed.
   */
  readonly terms: readonly string[];
  /** Concepts that are kinds of this one: a mention of theirs is a mention of this. */
  readonly includes?: readonly string[];
  /** Where other concepts stand together they say this one: nobody + look after, tied + hands. Found from the first of them. */
  readonly patterns?: readonly Pattern[];
  /** Birth words in a child's own past history speak of the mother's pregnancy: such a mention there is not the patient's. */
  readonly birthHistory?: boolean;
}

/** Concepts that stand together in one place of a text. */
export interface Pattern {
  readonly near: readonly [string, string, ...string[]];
  /** Greatest distance in characters between the first and the last of them. */
  readonly within: number;
  /** `run`: clauses that only a space or a bracket parts. `text`: anywhere in the same note. */
  readonly scope: 'clause' | 'run' | 'sentence' | 'text';
  /** The order named is the order they must stand in. */
  readonly ordered?: boolean;
  /** Not where one of these concepts stands in the same clause (or sentence, by the scope) as the first. */
  readonly without?: readonly string[];
  /** Not where one of these concepts stands between the first and the last of them: another doer, a fall, an animal. */
  readonly notBetween?: readonly string[];
}

/** Words that look like a concept and are another thing (肆虐, 浸润性侵及, 人流量), or a template sentence that says nothing. */
export interface Guard {
  readonly why: string;
  readonly terms: readonly string[];
}

/**
 * What a cue does to a mention near it. `keep` covers a negation cue that negates nothing (无明显诱因); the longest cue wins.
 * `negate-next` (未, 没, 不) denies only what stands right behind it. `refuted` settles a suspicion of the same sentence (监控无异常);
 * `retracted` takes back a result that the same note goes on to give as negative (标本贴错，重留阴性).
 * `toward` follows a relative who acts on the patient (母亲责骂后): what comes after is the patient's. `report` follows a
 * relative who speaks or comes along and is therefore not the one it happened to; `admit` a doer who tells it of himself.
 * `own-past` makes what a sentence with a relative tells that relative's own (as a child, she herself).
 */
export type CueKind =
  | 'negate'
  | 'negate-next'
  | 'negate-after'
  | 'refuted'
  | 'retracted'
  | 'fiction'
  | 'own-past'
  | 'positive-after'
  | 'keep'
  | 'uncertain'
  | 'hypothetical'
  | 'education'
  | 'question'
  | 'question-after'
  | 'terminate'
  | 'history'
  | 'relative'
  | 'patient'
  | 'report'
  | 'admit'
  | 'toward'
  | 'passive'
  | 'positive'
  | 'procedure-mark'
  | 'birth'
  | 'ticked'
  | 'unticked'
  | 'answer-no'
  | 'answer-yes';

/** Where a heading inside a note moves the text that follows, when a feed sends one blob. */
export interface Heading {
  readonly section: string;
  readonly terms: readonly string[];
}

export interface CodeSet {
  readonly system: 'icd-10' | 'icd-9-cm-3' | 'loinc' | 'marital-status';
  /** `T74` (prefix), `T74.2` (prefix with the dot), or `O00-O99` (a range of categories, both ends included). */
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

/** A structured result: matched by LOINC or by a `test` concept in the local name; positive by word, mark or bound. */
export interface ResultKind {
  readonly concept: string;
  readonly loinc: readonly string[];
  readonly qualitative: boolean;
  readonly atLeast?: number;
  readonly below?: number;
  /** Accepted units of the same size, folded; a result without a unit is read in the first one. */
  readonly units: readonly string[];
  /** Units of another size: what one of them is in the first unit. */
  readonly factors?: Readonly<Record<string, number>>;
}

/** Where a gestational age may be read from. */
export interface GestationTerms {
  /** Before an age in weeks or days: 孕, 妊娠, 停经, GA. */
  readonly before: readonly string[];
  /** After it: weeks pregnant. */
  readonly after: readonly string[];
  /** Before a date: 末次月经, LMP. */
  readonly lastPeriod: readonly string[];
  readonly loincWeeks: readonly string[];
  readonly loincDays: readonly string[];
}

/** The declarative condition of a rule. Every form but `not`, `fewerThan` and `recordWeighs` is monotone: more facts never make it false. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  /** Decides what a fact is (a tumour marker is no pregnancy test). The one place in a rule where a `not` may stand. */
  | { readonly context: Condition }
  | { readonly not: Condition }
  /** A condition the pack names once. */
  | { readonly use: string }
  | { readonly sex: 'female' | 'male' }
  | { readonly ageYears: { readonly from?: number; readonly below?: number } }
  | { readonly ageMonths: { readonly from?: number; readonly below?: number } }
  | { readonly ageDays: { readonly from?: number; readonly below?: number } }
  | { readonly encounterClass: string }
  | { readonly code: string }
  | {
      readonly mention: string;
      readonly certainOnly?: boolean;
      readonly sections?: readonly string[];
      /** Not where one of these concepts stands in the same sentence. */
      readonly without?: readonly string[];
    }
  | Pattern
  | { readonly result: string; readonly negative?: boolean }
  | { readonly fewerThan: number; readonly of: Condition }
  /** Weak signals together: the weights of those that hold, each shown as evidence, reach a sum. Fixed in the pack, never learned. */
  | { readonly score: readonly { readonly weight: number; readonly when: Condition }[]; readonly atLeast: number }
  /** One statement of the record weighs at least so many hundredths by {@link Weighing}: its words are shown. */
  | { readonly statementWeighs: number }
  /**
   * The whole record weighs less than so many hundredths, and its texts say at least so many terms that weigh anything. For suppressors: more
   * facts can make it false.
   */
  | { readonly recordWeighs: { readonly below: number; readonly terms: number } }
  /** What the statements that weigh for harm say adds up to at least so many hundredths for red by {@link RedWeighing}: the gravest words are shown. */
  | { readonly weighsRed: number }
  /** A mention whose sentence says it has lasted, or lies back, at least so many days. */
  | { readonly lasting: string; readonly days: number }
  /** An earlier visit at which the patient was, or may have been, under this age had one of these codes or this concept. */
  | { readonly visit: { readonly codes: string; readonly concept: string; readonly below: number; readonly from?: number } }
  | { readonly disposition: readonly string[] }
  /** Recorded as alone. */
  | { readonly alone: true }
  | { readonly identityChanged: true }
  /** The desk could not verify who the patient is, and nobody is recorded as having come along or as guardian. */
  | { readonly identityUnverified: true }
  /** An earlier visit has a report. */
  | { readonly reportedBefore: true }
  /** By WHO: weight for length under −3 SD or an arm under 11.5 cm at 6 to 59 months, body mass index for age under −3 SD from 5 years on. */
  | { readonly severeWasting: true }
  | {
      readonly visits: {
        readonly injury: string;
        readonly witness: string;
        readonly codes: string;
        readonly atLeast: number;
        readonly months: number;
      };
    }
  /** The mother in a newborn's record: her age at the birth, or under which age she conceived. */
  | { readonly mother: { readonly from?: number; readonly below?: number; readonly conceivedBelow?: number } }
  /** A mention in whose sentence a time is named at which the patient was, or may have been, under this age: 昨天, 两年前, 12岁时. */
  | { readonly mentionAtAge: string; readonly below: number }
  | {
      /** `before`: conceived under this age, as far as the greatest gestational age named; `unknown`: none is named and it is possible. */
      readonly gestation: 'before' | 'unknown';
      readonly years: number;
      /** Code set of deliveries, which are at term when nothing else is said. */
      readonly delivery?: string;
    };

export interface SituationChoice {
  readonly situation: Situation;
  readonly when?: Condition;
}
export interface LevelChoice {
  readonly level: Exclude<Level, 'none'>;
  readonly when?: Condition;
}

export interface Rule {
  /** Ids of the rule catalogue, for example `R-PG-01`. They never change meaning. */
  readonly id: string;
  readonly family: string;
  /** True when red is fixed by law: nothing lowers it (design: INV-13). */
  readonly statutory: boolean;
  readonly summary: LocalText;
  readonly when: Condition;
  /** The first choice whose condition holds. The last has no condition. */
  readonly levels: readonly LevelChoice[];
  readonly situations: readonly SituationChoice[];
  /** Sources beside the article 4 item, which is always named. */
  readonly legalBasis: readonly string[];
  /** Where the rule comes from: a study, a code list, or the article itself. */
  readonly source: string;
  /** Who has reviewed it. */
  readonly review: string;
  /**
   * The least that the statement its evidence stands in must weigh by {@link Weighing}: for a red, which is orange below it, and for the
   * rule to hold at all. Evidence outside the texts, and in a statement of too few terms, weighs enough.
   */
  readonly redWeighs?: number;
  /** From how much, by {@link RedWeighing}, a red stands though its statement weighs less than `redWeighs`. */
  readonly redStands?: number;
  readonly weighs?: number;
  /** A concept so plain that the rule holds whatever its statement weighs: ordinary clauses beside it take nothing away (INV-13). */
  readonly weighsUnless?: string;
  /** The suppressor that lowers this rule where another one prompts already: it has nothing to add. */
  readonly unlessAnother?: string;
  /**
   * Names of conditions of the pack that raise its level by one step, once, whichever of them hold: a fall no infant can have, a report made
   * before. Alone they are nothing. What shows them is evidence too.
   */
  readonly raisedBy?: readonly string[];
  /** Ids of {@link Suppressor}. Ignored when the rule is statutory and red. */
  readonly suppressors: readonly string[];
  /** Level when only an uncertain age lets the rule hold. */
  readonly uncertainAge: Exclude<Level, 'none'>;
  readonly note?: string;
}

/** Another explanation. It lowers by one level, once, and stays visible in the indication. */
export interface Suppressor {
  readonly id: string;
  readonly why: LocalText;
  readonly when: Condition;
  /** Lowers to `none`, not by one level: for what is not worth a second look without the record as a whole. Never of a red. */
  readonly silences?: true;
}

/** The words that show a visit is a child's when no age came with it. */
export interface PaediatricContext {
  readonly departments: readonly string[];
  readonly concept: string;
}

/**
 * What the words and facts of a record weigh for harm (above 0) or for an ordinary visit (below), in hundredths. Fitted once to labelled
 * records, frozen here, and never learned at run time. A statement, or a record, weighs `bias` and the sum of its terms, divided by the
 * square root of their number.
 */
export interface Weighing {
  readonly bias: number;
  readonly terms: WeighedTerms;
  /** What a term weighs in a record that only denies, asks, plans or teaches it. Nothing where this is left out. */
  readonly denied?: WeighedTerms;
  /** By id of a concept that is asserted of the patient. */
  readonly concepts: Readonly<Record<string, number>>;
  /** By category of ICD-10: `S06`. */
  readonly categories: Readonly<Record<string, number>>;
  /** By id of a kind of result, `not ` before it where the result is negative. */
  readonly results: Readonly<Record<string, number>>;
  /** Nothing weighs for red where this is left out. */
  readonly red?: RedWeighing;
}

/**
 * What the words and facts of a record weigh for red, in hundredths, none of them below 0: a record weighs the sum of what those of its statements say
 * that weigh for harm, each thing once, so that it only weighs more with more statements. Fitted and frozen as {@link Weighing} is.
 */
export interface RedWeighing {
  /** Of each of {@link Weighing}.terms, the pairs first: the character so far behind `0`. */
  readonly terms: string;
  /** By id of one of the concepts that weigh for harm or against it. */
  readonly concepts: Readonly<Record<string, number>>;
}

/**
 * What each term weighs. There are tens of thousands of terms, and a page loads them all before its first record: so they are not
 * written one by one. `packages/detect/src/weighing/written.ts` writes and reads them.
 */
export interface WeighedTerms {
  /** Two Han characters side by side, in order: behind a space the first character, then each that stands behind it. */
  readonly pairs: string;
  /** Latin words without their endings, two in a row, and “ before a pair or a word that is quoted, in order. A capital begins each: how many letters it shares with the one before, `A` for none. */
  readonly words: string;
  /** The weights of the pairs, then of the words: 704 more than the weight is 32 times the digit here and once the digit in `low`. */
  readonly high: string;
  /** A digit is written as the character so far behind `0`. */
  readonly low: string;
}

/** One versioned set of rules and words. `digest` is the lower-case hex SHA-256 of the JCS form of everything else. */
export interface RulePack {
  readonly schemaVersion: '1';
  readonly id: string;
  readonly version: string;
  /** First day it is meant for, `YYYY-MM-DD`. */
  readonly effectiveFrom: string;
  /** Last day, itself included. Outside its days a pack goes on being used, and whoever runs the service is told. */
  readonly effectiveTo?: string;
  readonly jurisdiction: string;
  readonly digest: string;
  /** Pairs of characters read alike, the second being the form terms are written in: `懷怀`, `淤瘀`. A longer one is a word mistyped and the word meant, of one length: `偎亵猥亵`. */
  readonly folds: readonly string[];
  readonly concepts: readonly Concept[];
  readonly guards: readonly Guard[];
  readonly cues: Readonly<Partial<Record<CueKind, readonly string[]>>>;
  readonly headings: readonly Heading[];
  readonly codeSets: Readonly<Record<string, CodeSet>>;
  readonly results: Readonly<Record<string, ResultKind>>;
  readonly gestation: GestationTerms;
  readonly paediatric: PaediatricContext;
  readonly weighing: Weighing;
  readonly conditions: Readonly<Record<string, Condition>>;
  readonly suppressors: readonly Suppressor[];
  readonly rules: readonly Rule[];
}
