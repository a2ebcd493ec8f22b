import { nationalQuestions, nationalWording } from '@zhida/packs';
import type { OpenedVisit } from '../encounters/store.js';
import type { LocaleName, PromptTexts } from '../locales/locale.js';
import { fill, textsOf } from '../locales/texts-of.js';
import { hasOwnField } from './answers-in-report.js';
import type { PromptQuestionSet } from './questionnaire.js';
import { promptingIndications } from './reasons.js';

const CONCEIVED_BEFORE = 'R-PG-02';
const RECKONED = '{reckoned}';

/** The sets that the reasons of all visits ask for, each once, in the order of the reasons. */
export function questionSetsOf(visits: readonly OpenedVisit[], locale: LocaleName): PromptQuestionSet[] {
  const ids = visits.flatMap(({ assessment }) =>
    promptingIndications(assessment).map(({ ruleId }) => nationalWording[ruleId]?.questionSet ?? ''),
  );
  return [...new Set(ids)].flatMap((id) => {
    const questions = (nationalQuestions[id] ?? []).flatMap(({ id: name, text, normal, abnormal }) => {
      const asked = wordsOf(text[locale], visits, textsOf(locale));
      const inChinese = wordsOf(text.zh, visits, textsOf('zh'));
      if (asked === undefined || inChinese === undefined) return [];
      const questionId = `${id}.${name}`;
      const line = hasOwnField(questionId) ? '' : `${inChinese}${abnormal.zh}`;
      return [{ id: questionId, text: asked, normal: normal[locale], abnormal: abnormal[locale], line }];
    });
    return questions.length === 0 ? [] : [{ id, questions }];
  });
}

function wordsOf(text: string, visits: readonly OpenedVisit[], texts: PromptTexts): string | undefined {
  if (!text.includes(RECKONED)) return text;
  const reckoned = conceptionReckoned(visits, texts);
  return reckoned === undefined ? undefined : fill(text, { reckoned });
}

/** What the rules reckon of the age at conception; nothing where they see no pregnancy, for then nobody is asked. */
function conceptionReckoned(visits: readonly OpenedVisit[], { conception }: PromptTexts): string | undefined {
  const seen = visits.flatMap(({ assessment }) => promptingIndications(assessment)).filter(({ family }) => family === 'pregnancy');
  if (seen.length === 0) return undefined;
  const before = seen.filter(({ ruleId }) => ruleId === CONCEIVED_BEFORE);
  if (before.some(({ asks }) => asks.includes('GESTATION_UNKNOWN'))) return conception.unknown;
  if (before.some(({ asks }) => asks.includes('GESTATION_UNCERTAIN'))) return conception.uncertain;
  return before.length > 0 ? conception.before : conception.after;
}
