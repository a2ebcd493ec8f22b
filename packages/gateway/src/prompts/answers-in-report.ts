import type { TriState } from '@zhida/core';
import { textsOf } from '../locales/texts-of.js';
import type { PrefilledReport } from './prefill.js';
import type { Answer, Answers, PromptQuestionSet } from './questionnaire.js';

type Fill = (report: PrefilledReport, answer: Answer) => PrefilledReport;

/** Questions that the report has a field for (report schema 1, e4); 异常 to any other is a line of 看到了什么. */
const FIELDS: Readonly<Record<string, Fill>> = {
  'injury.delay': (report, answer) => withEvent(report, { careDelayed: yesIf(answer === 'abnormal') }),
  'injury.fit': (report, answer) => withEvent(report, { mechanismFits: yesIf(answer === 'normal') }),
  'pregnancy.conception': ({ clinical, ...report }, answer) => ({
    ...report,
    clinical: { ...clinical, pregnancy: { ...clinical?.pregnancy, conceivedBefore14: yesIf(answer === 'abnormal') } },
  }),
  'self-harm.home': withHome,
  'care.tonight': withHome,
};

export function hasOwnField(questionId: string): boolean {
  return Object.hasOwn(FIELDS, questionId);
}

/** The report with what a person has answered of the prompt's questions; a question it does not ask any more counts for nothing. */
export function withAnswers(prefill: PrefilledReport, sets: readonly PromptQuestionSet[], answers: Answers): PrefilledReport {
  const answered = sets.flatMap(({ questions }) =>
    questions.flatMap(({ id, line }) => {
      const answer = answers[id];
      return answer === undefined ? [] : [{ answer, fill: FIELDS[id], line }];
    }),
  );
  const filled = answered.reduce((report, { answer, fill }) => fill?.(report, answer) ?? report, prefill);
  const lines = answered.flatMap(({ answer, line }) => (answer === 'abnormal' && line !== '' ? [line] : []));
  if (lines.length === 0) return filled;
  const observed = [filled.suspicion?.observed ?? '', ...lines].filter((part) => part !== '').join(textsOf('zh').lineSeparator);
  return { ...filled, suspicion: { ...filled.suspicion, observed } };
}

function withEvent(report: PrefilledReport, event: NonNullable<NonNullable<PrefilledReport['suspicion']>['event']>): PrefilledReport {
  return { ...report, suspicion: { ...report.suspicion, event: { ...report.suspicion?.event, ...event } } };
}

/** Two sets ask of home; what speaks for a report stands. */
function withHome(report: PrefilledReport, answer: Answer): PrefilledReport {
  const safeToGoHome = report.safety?.safeToGoHome === 'no' ? 'no' : yesIf(answer === 'normal');
  return { ...report, safety: { ...report.safety, safeToGoHome } };
}

function yesIf(condition: boolean): TriState {
  return condition ? 'yes' : 'no';
}
