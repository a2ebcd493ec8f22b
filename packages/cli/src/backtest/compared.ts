import type { Collected } from './collect.js';
import { promptingReasons } from './episodes.js';
import { type Label, type Share, shareOf, shouldPrompt } from './labels.js';

/** What the rules say beside what people said of the same visits. */
export interface Compared {
  /** Labels given, and those of them for which there is a visit. */
  readonly given: number;
  readonly matched: number;
  /** Of the visits people would have been asked about, those that prompt. */
  readonly found: Share;
  /** Of the visits labelled red, those that are red. */
  readonly redAtRed: Share;
  /** Of the visits people would have left alone, those that are left alone. */
  readonly leftAlone: Share;
  /** Of the labelled visits at which a rule prompts, those people would have been asked about. */
  readonly rules: readonly { readonly ruleId: string; readonly right: Share }[];
}

interface Judged {
  readonly label: Label;
  readonly ruleIds: readonly string[];
  readonly isRed: boolean;
}

export function comparedWith({ labelled, labelIds, marks }: Collected, given: number): Compared {
  const judged: Judged[] = [...labelled.values()].map(({ label, rows }) => {
    const reasons = rows.flatMap((row) => {
      const mark = marks.get(row);
      return mark === undefined ? [] : promptingReasons(mark);
    });
    return { label, ruleIds: [...new Set(reasons.map(({ ruleId }) => ruleId))], isRed: reasons.some(({ level }) => level === 'red') };
  });
  const yes = judged.filter(({ label }) => shouldPrompt(label));
  const no = judged.filter(({ label }) => !shouldPrompt(label));
  const red = judged.filter(({ label }) => label === 'red');
  return {
    given,
    matched: labelIds.size,
    found: shareOf(yes.filter(({ ruleIds }) => ruleIds.length > 0).length, yes.length),
    redAtRed: shareOf(red.filter(({ isRed }) => isRed).length, red.length),
    leftAlone: shareOf(no.filter(({ ruleIds }) => ruleIds.length === 0).length, no.length),
    rules: rulesOf(judged),
  };
}

function rulesOf(judged: readonly Judged[]): Compared['rules'] {
  const ruleIds = [...new Set(judged.flatMap((one) => one.ruleIds))].toSorted();
  return ruleIds
    .map((ruleId) => {
      const own = judged.filter((one) => one.ruleIds.includes(ruleId));
      return { ruleId, right: shareOf(own.filter(({ label }) => shouldPrompt(label)).length, own.length) };
    })
    .toSorted((a, b) => b.right.whole - a.right.whole);
}
