import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assessNote, ruleIds } from '../support.js';

interface Clause {
  readonly text: string;
  readonly section: string;
  readonly says: boolean;
}

function readClauses(language: string): Clause[] {
  const clauses: Clause[] = [];
  let section = 'present-illness';
  for (const line of readFileSync(new URL(`../../../packs/cases/clauses/${language}.txt`, import.meta.url), 'utf8').split('\n')) {
    if (line.startsWith('@')) section = line.slice(1);
    if (line.startsWith('+ ') || line.startsWith('- ')) clauses.push({ text: line.slice(2), section, says: line.startsWith('+') });
  }
  return clauses;
}

const LANGUAGES = [
  { language: 'zh', atLeast: 400, floor: 0.95 },
  { language: 'en', atLeast: 100, floor: 0.97 },
  { language: 'second-zh', atLeast: 120, floor: 0.94 },
  { language: 'second-en', atLeast: 80, floor: 0.92 },
];

describe('negation, doubt, questions, teaching and other people, in clauses labelled by hand', () => {
  it.each(LANGUAGES)('$language: the F measure of what is not said of the patient is at least $floor', ({ language, atLeast, floor }) => {
    const clauses = readClauses(language).map((clause) => ({
      ...clause,
      got: ruleIds(assessNote(clause.text, { section: clause.section })).length > 0,
    }));
    expect(clauses.length).toBeGreaterThanOrEqual(atLeast);
    const wrong = clauses.filter(({ says, got }) => says !== got);
    const rightlyQuiet = clauses.filter(({ says, got }) => !says && !got).length;
    const f = (2 * rightlyQuiet) / (2 * rightlyQuiet + wrong.length);
    expect(f, wrong.map(({ text, says }) => `${says ? '+' : '-'} ${text}`).join('\n')).toBeGreaterThanOrEqual(floor);
    const heard = clauses.filter(({ says, got }) => says && got).length;
    expect((2 * heard) / (2 * heard + wrong.length)).toBeGreaterThanOrEqual(floor - 0.02);
  });
});
