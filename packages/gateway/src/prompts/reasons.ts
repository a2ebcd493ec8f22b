import { canonicalJson } from '@zhida/core';
import { sha256Hex } from '@zhida/signing';
import type { Assessment, Indication } from '@zhida/detect';
import { rulesDigest } from '../rules.js';
import type { PromptLevel } from '../schema.js';

/** What one visit, or all visits of an episode together, give a prompt to say. */
export interface Reasons {
  readonly level: PromptLevel | 'none';
  readonly statutory: boolean;
  /** Sorted, each once. */
  readonly ruleIds: readonly string[];
  readonly packDigest: string;
  /** SHA-256 of rules, levels and evidence; equal for equal reasons. */
  readonly evidenceSha256: string;
}

const RANK: Readonly<Record<Reasons['level'], number>> = { red: 2, orange: 1, none: 0 };

/** The indications that interrupt somebody: red and orange, and not kept silent by the hospital's overlay. */
export function promptingIndications(assessment: Assessment): (Indication & { readonly level: PromptLevel })[] {
  return assessment.indications.filter(
    (indication): indication is Indication & { readonly level: PromptLevel } =>
      !indication.silent && (indication.level === 'red' || indication.level === 'orange'),
  );
}

export function reasonsOf(assessment: Assessment): Reasons {
  const prompting = promptingIndications(assessment);
  const told = prompting.map(({ ruleId, level, evidence }) => ({ ruleId, level, evidence: [...evidence] }));
  return {
    level: highest(prompting.map(({ level }) => level)),
    statutory: prompting.some(({ statutory }) => statutory),
    ruleIds: sortedOnce(prompting.map(({ ruleId }) => ruleId)),
    packDigest: rulesDigest(assessment.rulePack),
    evidenceSha256: sha256Hex(canonicalJson(told)),
  };
}

/** One prompt lists the reasons of every visit of the episode. */
export function combine(all: readonly Reasons[]): Reasons {
  const speaking = all.filter(({ level }) => level !== 'none');
  return {
    level: highest(speaking.map(({ level }) => level)),
    statutory: speaking.some(({ statutory }) => statutory),
    ruleIds: sortedOnce(speaking.flatMap(({ ruleIds }) => ruleIds)),
    packDigest: all[0]?.packDigest ?? '',
    evidenceSha256: sha256Hex(
      speaking
        .map(({ evidenceSha256 }) => evidenceSha256)
        .toSorted()
        .join('\n'),
    ),
  };
}

/** True when there is something new to say: a rule that was not there, or a higher level. */
export function hasRisen(before: Pick<Reasons, 'level' | 'ruleIds'>, now: Pick<Reasons, 'level' | 'ruleIds'>): boolean {
  return RANK[now.level] > RANK[before.level] || now.ruleIds.some((ruleId) => !before.ruleIds.includes(ruleId));
}

function highest(levels: readonly Reasons['level'][]): Reasons['level'] {
  return levels.reduce((top, level) => (RANK[level] > RANK[top] ? level : top), 'none');
}

function sortedOnce(ruleIds: readonly string[]): string[] {
  return [...new Set(ruleIds)].toSorted();
}
