import type { QuestionSets, RuleWording } from '../wording.js';
import questions from './questions.data.json' with { type: 'json' };
import wording from './wording.data.json' with { type: 'json' };

/** Clinical wording by rule id. */
export const nationalWording: Readonly<Record<string, RuleWording | undefined>> = wording;

export const nationalQuestions: QuestionSets = questions;
