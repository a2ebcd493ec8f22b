/** One question of an orange prompt, with what each answer says to it. */
export interface PromptQuestion {
  /** Set and question: `injury.delay`. */
  readonly id: string;
  readonly text: string;
  readonly normal: string;
  readonly abnormal: string;
  /** What 异常 adds to 看到了什么 of a report, in Chinese; empty where the report has a field for it. */
  readonly line: string;
}

/** The questions of one family of rules, by the pack's name for it. */
export interface PromptQuestionSet {
  readonly id: string;
  readonly questions: readonly PromptQuestion[];
}

/** 正常 or 异常; a question of which nothing is known (没问到) has no answer. */
export type Answer = 'normal' | 'abnormal';
export const ANSWERS: readonly Answer[] = ['normal', 'abnormal'];

/** Answers by question: `injury.delay`. */
export type Answers = Readonly<Record<string, Answer>>;

/** Whom and what answers are about, and who gave them when. */
export interface AnsweredBy {
  readonly patientId: string;
  readonly encounterId: string;
  readonly account: string;
  readonly pack: { readonly id: string; readonly version: string };
  /** RFC 3339. */
  readonly at: string;
}

interface ByIdentifier {
  readonly identifier: { readonly value: string };
}

interface ResponseItem {
  readonly linkId: string;
  readonly text?: string;
  readonly item?: readonly ResponseItem[];
  readonly answer?: readonly [{ readonly valueCoding: { readonly system: string; readonly code: Answer; readonly display: string } }];
}

/** What this gateway writes of FHIR R4's QuestionnaireResponse. */
export interface QuestionnaireResponse {
  readonly resourceType: 'QuestionnaireResponse';
  readonly questionnaire: string;
  readonly status: 'in-progress' | 'completed';
  readonly authored: string;
  readonly subject: ByIdentifier;
  readonly encounter: ByIdentifier;
  readonly author: ByIdentifier;
  readonly item: readonly ResponseItem[];
}

const ANSWER_SYSTEM = 'urn:zhida:answer';

/**
 * Answers as FHIR R4 has them: a group for each set, each question in the words that were asked, and the answer with what it says
 * to them. A question nobody asked (没问到) stands there without an answer.
 */
export function questionnaireResponse(sets: readonly PromptQuestionSet[], answers: Answers, by: AnsweredBy): QuestionnaireResponse {
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: `urn:zhida:questions:${by.pack.id}|${by.pack.version}`,
    status: 'in-progress',
    authored: by.at,
    subject: named(by.patientId),
    encounter: named(by.encounterId),
    author: named(by.account),
    item: sets.map(({ id, questions }) => ({
      linkId: id,
      item: questions.map((question): ResponseItem => {
        const code = answers[question.id];
        const asked = { linkId: question.id, text: question.text };
        return code === undefined
          ? asked
          : { ...asked, answer: [{ valueCoding: { system: ANSWER_SYSTEM, code, display: question[code] } }] };
      }),
    })),
  };
}

/** The answers in a response, by question. */
export function answersIn({ item }: QuestionnaireResponse): Answers {
  const questions = item.flatMap((set) => set.item ?? []);
  return Object.fromEntries(
    questions.flatMap(({ linkId, answer }) => (answer === undefined ? [] : ([[linkId, answer[0].valueCoding.code]] as const))),
  );
}

function named(value: string): ByIdentifier {
  return { identifier: { value } };
}
