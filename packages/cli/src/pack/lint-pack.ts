import { isZhidaError } from '@zhida/core';
import { createDetector } from '@zhida/detect';
import { type Condition, type Rule, type RulePack, legalPack, nationalWording, packDigest, wrongDate } from '@zhida/packs';
import { type Problem, error, warning } from './problem.js';
import { wrongMembers } from './wrong-members.js';

/** Everything wrong with a rule pack. Its wording and law are looked up in those that ship with this command. */
export async function lintPack(content: Record<string, unknown>): Promise<Problem[]> {
  const wrong = wrongMembers(content);
  if (wrong.length > 0) return wrong.map((name) => error('WRONG_TYPE', name, 'missing or of the wrong form'));
  const pack = content as unknown as RulePack;
  const problems = [
    ...((await packDigest(pack)) === pack.digest ? [] : [error('DIGEST_WRONG', 'digest', 'the content has another digest than it names')]),
    ...dateProblems(pack),
    ...repeated('rules', pack.rules),
    ...repeated('concepts', pack.concepts),
    ...pack.rules.flatMap((rule, index) => [
      ...referenceProblems(rule, `rules[${index}] ${rule.id}`, pack),
      ...catalogueProblems(rule, `rules[${index}] ${rule.id}`),
    ]),
  ];
  return problems.some(({ code }) => code === 'UNKNOWN_REFERENCE') ? problems : [...problems, ...compileProblems(pack)];
}

function dateProblems(pack: RulePack): Problem[] {
  const wrong = wrongDate(pack);
  return wrong === undefined ? [] : [error('DATE_WRONG', wrong, 'a day as YYYY-MM-DD; the last one not before the first')];
}

function repeated(name: string, items: readonly { readonly id: string }[]): Problem[] {
  const seen = new Set<string>();
  return items.flatMap(({ id }, index) =>
    !seen.has(id) && seen.add(id) !== undefined ? [] : [error('REPEATED', `${name}[${index}] ${id}`, 'the id stands twice')],
  );
}

function referenceProblems(rule: Rule, at: string, pack: RulePack): Problem[] {
  const choices = [...rule.levels, ...rule.situations].flatMap(({ when }) => (when === undefined ? [] : [when]));
  const known: Readonly<Record<Reference['kind'], (id: string) => boolean>> = {
    concept: (id) => pack.concepts.some((concept) => concept.id === id),
    'code set': (id) => Object.hasOwn(pack.codeSets, id),
    result: (id) => Object.hasOwn(pack.results, id),
    condition: (id) => Object.hasOwn(pack.conditions, id),
  };
  return [
    ...[rule.when, ...choices]
      .flatMap(referencesOf)
      .filter(({ kind, id }) => !known[kind](id))
      .map(({ kind, id }) => error('UNKNOWN_REFERENCE', at, `the pack has no ${kind} ${id}`)),
    ...rule.suppressors
      .filter((id) => pack.suppressors.every((suppressor) => suppressor.id !== id))
      .map((id) => error('UNKNOWN_REFERENCE', at, `the pack has no suppressor ${id}`)),
  ];
}

interface Reference {
  readonly kind: 'concept' | 'code set' | 'result' | 'condition';
  readonly id: string;
}

/** What a condition names, at any depth, but not what a condition it uses by name does. */
function referencesOf(condition: Condition): Reference[] {
  if ('all' in condition) return condition.all.flatMap(referencesOf);
  if ('any' in condition) return condition.any.flatMap(referencesOf);
  if ('score' in condition) return condition.score.flatMap(({ when }) => referencesOf(when));
  if ('context' in condition) return referencesOf(condition.context);
  if ('not' in condition) return referencesOf(condition.not);
  if ('fewerThan' in condition) return referencesOf(condition.of);
  return factReferences(condition);
}

function factReferences(condition: Condition): Reference[] {
  const concepts = (ids: readonly string[] = []): Reference[] => ids.map((id) => ({ kind: 'concept', id }));
  if ('use' in condition) return [{ kind: 'condition', id: condition.use }];
  if ('code' in condition) return [{ kind: 'code set', id: condition.code }];
  if ('result' in condition) return [{ kind: 'result', id: condition.result }];
  if ('mention' in condition) return concepts([condition.mention, ...(condition.without ?? [])]);
  if ('near' in condition) return concepts([...condition.near, ...(condition.without ?? []), ...(condition.notBetween ?? [])]);
  if ('lasting' in condition) return concepts([condition.lasting]);
  return 'mentionAtAge' in condition ? concepts([condition.mentionAtAge]) : [];
}

/** What a clinician or a lawyer would miss. */
function catalogueProblems(rule: Rule, at: string): Problem[] {
  const { id, legalBasis, source, review, summary, situations } = rule;
  const cited = [...legalBasis, ...situations.map(({ situation }) => `opinion-2020:4.${situation}`)];
  const wording = nationalWording[id];
  return [
    ...(legalBasis.length === 0 ? [error('NO_LEGAL_BASIS', at, 'the rule names no law beside the article')] : []),
    ...cited.flatMap((sentence) => {
      const found = legalPack.sentences[sentence];
      if (found === undefined) return [error('UNKNOWN_REFERENCE', at, `the legal pack has no sentence ${sentence}`)];
      return found.verified ? [] : [warning('LAW_NOT_VERIFIED', at, `${sentence} is not verified and is never shown`)];
    }),
    ...(isSaid(source) ? [] : [error('NO_SOURCE', at, 'the rule names no clinical source')]),
    ...(isSaid(review) ? [] : [error('NO_REVIEW', at, 'nothing says who has reviewed the rule')]),
    ...(isSaid(summary.zh) && isSaid(summary.en) ? [] : [error('NO_WORDING', at, 'the summary is missing in zh or en')]),
    ...(wording === undefined ? [error('NO_WORDING', at, 'no wording: found, why, what to do now, what to preserve')] : []),
  ];
}

function isSaid(text: unknown): boolean {
  return typeof text === 'string' && text.trim() !== '';
}

function compileProblems(pack: RulePack): Problem[] {
  try {
    createDetector({ pack });
    return [];
  } catch (failure) {
    if (!isZhidaError(failure)) return [error('DOES_NOT_COMPILE', 'pack', 'a member has the wrong form')];
    return [error('DOES_NOT_COMPILE', failure.at ?? 'pack', failure.message)];
  }
}
