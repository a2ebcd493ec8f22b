import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ZhidaError, isRecord } from '@zhida/core';
import type { Detector, LocalRule } from '@zhida/detect';
import type { RulePack } from '@zhida/packs';
import { type Problem, error, warning } from './problem.js';

/** One record and what is expected of it: of one rule, or of the whole assessment. `none` is expected silence. */
export interface PackCase {
  /** `FILE:LINE`. */
  readonly at: string;
  readonly id: string;
  readonly ruleId: string | undefined;
  readonly kind: string;
  readonly level: string;
  readonly encounter: unknown;
}

const LEVELS = ['red', 'orange', 'yellow', 'none'];
/** What a rule of a pack needs before a hospital should hear of it. */
const NEEDED = { positive: 5, negative: 5, boundary: 1 } as const;

/**
 * Cases of a file, or of the `RULE.cases.jsonl` of a folder. A line is `{id, why, expect, encounter}`; `expect` is `{level, ruleId?}`, or
 * `null` in a rule's own file: it keeps silent.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE`
 */
export async function readPackCases(path: string): Promise<{ cases: PackCase[]; problems: Problem[] }> {
  const files = await filesOf(path);
  const problems: Problem[] = [];
  const cases: PackCase[] = [];
  for (const file of files) {
    const own = /([^/\\]+)\.cases\.jsonl$/.exec(file)?.[1];
    const lines = (await textOf(file)).split('\n');
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '') continue;
      const read = caseOf(line, `${file}:${index + 1}`, own?.startsWith('R-') === true ? own : undefined);
      if (read === undefined)
        problems.push(error('CASE_UNREADABLE', `${file}:${index + 1}`, 'no {id, expect: {level, ruleId?}, encounter} in this line'));
      else cases.push(read);
    }
  }
  return { cases, problems };
}

/** The cases that do not come out as expected. */
export function failedCases(cases: readonly PackCase[], detector: Detector, now: number): Problem[] {
  return cases.flatMap(({ at, id, ruleId, level, encounter }) => {
    const assessment = detector.assess(encounter, { now });
    const indication = assessment.indications.find((candidate) => candidate.ruleId === ruleId);
    const got = ruleId === undefined ? assessment.level : (indication?.level ?? 'none');
    const of = ruleId === undefined ? '' : ` of ${ruleId}`;
    return got === level || (level === 'any' && got !== 'none')
      ? []
      : [error('CASE_FAILED', at, `${id}: expected ${level}${of}, got ${got}`)];
  });
}

/** Rules with too few cases. */
export function rulesWithoutCases({ rules }: RulePack, cases: readonly PackCase[]): Problem[] {
  return rules.flatMap(({ id }, index) => {
    const own = cases.filter(({ ruleId }) => ruleId === id);
    const missing = Object.entries(NEEDED).filter(([kind, count]) => own.filter((item) => item.kind === kind).length < count);
    const said = missing.map(([kind, count]) => `${count} ${kind}`).join(', ');
    return missing.length === 0 ? [] : [warning('NO_CASES', `rules[${index}] ${id}`, `fewer cases than ${said}`)];
  });
}

/** Local rules that no case shows to speak, or none shows to keep quiet though a word of theirs is there. */
export function localRulesWithoutCases(overlay: Record<string, unknown>, cases: readonly PackCase[]): Problem[] {
  const rules = Array.isArray(overlay['localRules']) ? (overlay['localRules'] as readonly LocalRule[]) : [];
  return rules.flatMap(({ id, words }, index) => {
    const has = ({ encounter }: PackCase, list: readonly string[]): boolean =>
      list.some((word) => JSON.stringify(encounter).includes(word));
    const speaks = cases.some((item) => item.level !== 'none' && words.every((list) => has(item, list)));
    const quiet = cases.some((item) => item.level === 'none' && words.some((list) => has(item, list)));
    if (speaks && quiet) return [];
    return [
      warning('NO_CASES', `overlay.localRules[${index}]`, `${id}: write a case that must speak and one with its words that must not`),
    ];
  });
}

/** Added words of an overlay that no case has. */
export function wordsWithoutCases(overlay: Record<string, unknown>, cases: readonly PackCase[]): Problem[] {
  const texts = cases.map(({ encounter }) => JSON.stringify(encounter));
  const terms = isRecord(overlay['terms']) ? overlay['terms'] : {};
  return Object.entries(terms).flatMap(([id, words]) =>
    (Array.isArray(words) ? words : []).flatMap((word, index) => {
      if (typeof word !== 'string' || word.includes('{') || texts.some((text) => text.includes(word))) return [];
      return [
        warning('NO_CASES', `overlay.terms.${id}[${index}]`, 'no case has this word: write one that must speak and one that must not'),
      ];
    }),
  );
}

function caseOf(line: string, at: string, own: string | undefined): PackCase | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['id'] !== 'string' || !isRecord(value['encounter'])) return undefined;
  const { id, kind, expect, encounter } = value;
  const expected = expect === null && own !== undefined ? { level: 'none' } : expect;
  if (!isRecord(expected)) return undefined;
  // A rule's own case may ask for more than the level, or only that it speaks.
  const level = expected['level'] ?? (own === undefined ? undefined : 'any');
  if (typeof level !== 'string' || !(LEVELS.includes(level) || level === 'any')) return undefined;
  const { ruleId } = expected;
  return {
    at,
    id: String(id),
    ruleId: typeof ruleId === 'string' ? ruleId : own,
    kind: typeof kind === 'string' ? kind : '',
    level,
    encounter,
  };
}

async function filesOf(path: string): Promise<string[]> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => /^R-.*\.cases\.jsonl$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the cases cannot be read', { at: file, cause });
  });
}
