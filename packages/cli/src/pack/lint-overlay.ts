import { ZhidaError, isRecord } from '@zhida/core';
import { type LocalRule, applyOverlay } from '@zhida/detect';
import type { Rule, RulePack } from '@zhida/packs';
import { type Problem, error, warning } from './problem.js';

const REASON_MIN = 4;
const MEMBERS = ['terms', 'localRules', 'silentRules', 'silentReasons', 'levels'];

/** Everything wrong with a hospital's overlay over a pack, in the order it stands. */
export function lintOverlay(overlay: Record<string, unknown>, pack: RulePack): Problem[] {
  return [
    ...Object.keys(overlay)
      .filter((name) => !MEMBERS.includes(name))
      .map((name) => error('UNKNOWN_MEMBER', `overlay.${name}`, `an overlay has ${MEMBERS.join(', ')}`)),
    ...lintTerms(overlay['terms'], pack),
    ...lintLocalRules(overlay['localRules'], pack),
    ...lintLevels(overlay['levels'], pack),
    ...lintSilent(overlay['silentRules'], overlay['silentReasons'], pack),
  ];
}

function lintTerms(terms: unknown, pack: RulePack): Problem[] {
  if (terms === undefined) return [];
  if (!isRecord(terms)) return [error('WRONG_TYPE', 'overlay.terms', 'lists of words by concept id')];
  return Object.entries(terms).flatMap(([id, words]) => {
    const at = `overlay.terms.${id}`;
    const concept = pack.concepts.find((candidate) => candidate.id === id);
    if (concept === undefined) return [error('UNKNOWN_REFERENCE', at, `the pack has no such concept${similar(id, conceptIds(pack))}`)];
    if (!Array.isArray(words) || words.length === 0) return [error('WRONG_TYPE', at, 'a list of words')];
    if (isRefused(id, pack)) return [error('OUT_OF_BOUNDS', at, 'words of this concept can only lower a rule whose red is fixed by law')];
    return words.flatMap((word, index) => lintTerm(word, `${at}[${index}]`, concept.terms));
  });
}

/** Whether no word at all may be added to a concept. */
function isRefused(id: string, pack: RulePack): boolean {
  try {
    applyOverlay(pack, { terms: { [id]: [] } });
    return false;
  } catch (reason) {
    if (reason instanceof ZhidaError) return true;
    throw reason;
  }
}

function lintTerm(word: unknown, at: string, known: readonly string[]): Problem[] {
  if (typeof word !== 'string') return [error('WRONG_TYPE', at, 'a word')];
  const text = word.trim();
  if (text === '') return [error('TERM_EMPTY', at, 'the word is empty')];
  if (known.includes(text)) return [warning('TERM_KNOWN', at, 'the concept has this word already')];
  const letters = Array.from(text).length;
  if (letters === 1 || (letters < 3 && /^[a-z]+$/i.test(text)))
    return [warning('TERM_TOO_SHORT', at, 'so short a word stands in many others (打 in 打针); add the words around it')];
  return [];
}

function lintLocalRules(rules: unknown, pack: RulePack): Problem[] {
  if (rules === undefined) return [];
  if (!Array.isArray(rules)) return [error('WRONG_TYPE', 'overlay.localRules', 'a list of local rules')];
  return rules.flatMap((rule, index) => {
    const at = `overlay.localRules[${index}]`;
    if (!isLocalRule(rule)) return [error('WRONG_TYPE', at, 'id, adds and words: lists of words')];
    if (ruleOf(rule.adds, pack) === undefined) return [unknownRule(`${at}.adds`, rule.adds, pack)];
    try {
      applyOverlay(pack, { localRules: [rule] });
    } catch (reason) {
      if (!(reason instanceof ZhidaError)) throw reason;
      return [error('OUT_OF_BOUNDS', (reason.at ?? '').replace('localRules[0]', at), reason.message)];
    }
    return rule.words.flatMap((list, number) => list.flatMap((word) => lintTerm(word, `${at}.words[${number}]`, [])));
  });
}

function isLocalRule(rule: unknown): rule is LocalRule {
  if (!isRecord(rule)) return false;
  const { id, adds, words, within } = rule;
  const isWords = Array.isArray(words) && words.every((list) => Array.isArray(list) && list.every((word) => typeof word === 'string'));
  return typeof id === 'string' && typeof adds === 'string' && isWords && (within === undefined || typeof within === 'number');
}

function lintLevels(levels: unknown, pack: RulePack): Problem[] {
  if (levels === undefined) return [];
  if (!isRecord(levels)) return [error('WRONG_TYPE', 'overlay.levels', 'raise or lower by rule id')];
  return Object.entries(levels).flatMap(([id, by]) => {
    const at = `overlay.levels.${id}`;
    const rule = ruleOf(id, pack);
    if (rule === undefined) return [unknownRule(at, id, pack)];
    if (by !== 'raise' && by !== 'lower') return [error('OUT_OF_BOUNDS', at, 'a level moves by one step: raise or lower')];
    if (rule.statutory) return [error('OUT_OF_BOUNDS', at, 'the level of a rule fixed by law cannot be moved')];
    return moves(rule, by) ? [] : [warning('OUT_OF_BOUNDS', at, 'every level of this rule is at that end already')];
  });
}

function moves({ levels }: Rule, by: 'raise' | 'lower'): boolean {
  return levels.some(({ level }) => level !== (by === 'raise' ? 'red' : 'yellow'));
}

function lintSilent(silent: unknown, reasons: unknown, pack: RulePack): Problem[] {
  const isList = silent === undefined || (Array.isArray(silent) && silent.every((id) => typeof id === 'string'));
  if (!isList) return [error('WRONG_TYPE', 'overlay.silentRules', 'a list of rule ids')];
  if (reasons !== undefined && !isRecord(reasons)) return [error('WRONG_TYPE', 'overlay.silentReasons', 'reasons by rule id')];
  const ids = (silent ?? []) as readonly string[];
  const unused = Object.keys(reasons ?? {}).filter((id) => !ids.includes(id));
  return [
    ...ids.flatMap((id, index) => {
      const at = `overlay.silentRules[${index}]`;
      const rule = ruleOf(id, pack);
      if (rule === undefined) return [unknownRule(at, id, pack)];
      const reason = reasons?.[id];
      const isReasoned = typeof reason === 'string' && reason.trim().length >= REASON_MIN;
      return rule.statutory && !isReasoned
        ? [error('OUT_OF_BOUNDS', at, 'a rule fixed by law is silent only with a reason in silentReasons, which stays on record')]
        : [];
    }),
    ...unused.map((id) => warning('UNUSED', `overlay.silentReasons.${id}`, 'the rule it gives a reason for is not silent')),
  ];
}

function ruleOf(id: string, pack: RulePack): Rule | undefined {
  return pack.rules.find((rule) => rule.id === id);
}

function unknownRule(at: string, id: string, pack: RulePack): Problem {
  const ids = pack.rules.map((rule) => rule.id);
  return error('UNKNOWN_REFERENCE', at, `the pack has no such rule${similar(id, ids)}`);
}

function conceptIds({ concepts }: RulePack): string[] {
  return concepts.map(({ id }) => id);
}

/** The id that was probably meant. */
function similar(id: string, known: readonly string[]): string {
  const wanted = id.toUpperCase().replaceAll('_', '-');
  const near = known.find((name) => name === wanted) ?? known.find((name) => name.startsWith(wanted) || wanted.startsWith(name));
  return near === undefined ? '' : `; is it ${near}?`;
}
