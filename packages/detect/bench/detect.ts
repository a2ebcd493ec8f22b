import { createDetector } from '../src/index.js';
import { compileLexicon } from '../src/text/lexicon.js';
import { createScanner } from '../src/text/scan.js';
import { type RulePack, nationalRulePack } from '@zhida/packs';
import { ORDINARY_CHARACTERS, ORDINARY_NOTES, ordinaryEncounter, strikingEncounter } from './encounters.js';
import { bytesKept, cpuMs, median, p99Ms, rates } from './measure.js';
import { includesPerTerm, regExpUnion, rulesEngineWithRegExp } from './peers.js';

/**
 * What one assessment costs: `pnpm bench detect [--quick]`. Every ratio is of subjects measured in turns in this run, in processor
 * time. `--quick` shows that it works and measures nothing worth reading.
 */
const BUDGETS = {
  assessPerSecond: { atLeast: 20_000 },
  p99Ms: { below: 0.5 },
  scanOfBareLoop: { atLeast: 1 / 3 },
  timesRulesEngine: { atLeast: 20 },
  timesIncludesPerTerm: { atLeast: 1 },
  perCharacterOfTenTimesTheText: { below: 1.2 },
  ofDoubledTerms: { below: 1.1 },
  compileMs: { below: 150 },
  memoryMegabytes: { below: 40 },
} as const;

const quick = process.argv.includes('--quick');
const turns = quick ? { rounds: 1, sliceMs: 2 } : { rounds: 15, sliceMs: 120 };
const compileMs = median(Array.from({ length: quick ? 1 : 5 }, () => cpuMs(() => void createDetector({ pack: nationalRulePack }))));
const memoryMegabytes = bytesKept(() => createDetector({ pack: nationalRulePack }), quick ? 1 : 4) / 2 ** 20;

const detector = createDetector({ pack: nationalRulePack });
const doubled = createDetector({ pack: withTermsDoubled(nationalRulePack) });
const ordinary = Array.from({ length: quick ? 4 : 256 }, (_, index) => ordinaryEncounter(index));
const striking = ordinary.map((_, index) => strikingEncounter(index));
const texts = [...ORDINARY_NOTES, '支气管肺炎'];
const longText = ORDINARY_NOTES.join('').repeat(20);
const scanner = createScanner(compileLexicon(nationalRulePack));
const engine = rulesEngineWithRegExp(nationalRulePack);
const keywords = includesPerTerm(nationalRulePack);
const union = regExpUnion(nationalRulePack);
// Used at the end, so that no loop is optimised away.
let sum = 0;

const measured = await rates(
  [
    { name: 'assess', units: ordinary.length, run: () => assessAll(detector, ordinary) },
    { name: 'assess, terms doubled', units: ordinary.length, run: () => assessAll(doubled, ordinary) },
    { name: 'assess, something found', units: striking.length, run: () => assessAll(detector, striking) },
    { name: 'json-rules-engine + RegExp union', units: 1, run: () => engine(texts, 7) },
    { name: 'RegExp union alone', units: 1, run: () => add(union(texts)) },
    { name: 'includes per term alone', units: 1, run: () => add(keywords(texts)) },
    { name: 'scan, characters', units: longText.length, run: () => scanLong() },
    { name: 'bare charCodeAt loop, characters', units: longText.length, run: bareLoop },
    { name: 'assess 10 × the text, characters', units: ORDINARY_CHARACTERS * 10, run: assessLong(10) },
    { name: 'assess 100 × the text, characters', units: ORDINARY_CHARACTERS * 100, run: assessLong(100) },
  ],
  turns,
);
const rate = (name: string): number => measured[name] ?? Number.NaN;
const figures: Readonly<Record<keyof typeof BUDGETS, number>> = {
  assessPerSecond: rate('assess'),
  p99Ms: p99Ms(assessNext(), quick ? { batches: 1, calls: 10 } : { batches: 20, calls: 1000 }),
  scanOfBareLoop: rate('scan, characters') / rate('bare charCodeAt loop, characters'),
  timesRulesEngine: rate('assess') / rate('json-rules-engine + RegExp union'),
  timesIncludesPerTerm: rate('assess') / rate('includes per term alone'),
  perCharacterOfTenTimesTheText: rate('assess 10 × the text, characters') / rate('assess 100 × the text, characters'),
  ofDoubledTerms: rate('assess') / rate('assess, terms doubled'),
  compileMs,
  memoryMegabytes,
};
const kept = Object.entries(BUDGETS).every(([name, budget]) => isKept(figures[name as keyof typeof BUDGETS], budget));
process.stdout.write(
  `${JSON.stringify({ characters: ORDINARY_CHARACTERS, perSecond: measured, figures, budgets: BUDGETS, kept, sum: sum > 0 }, undefined, 2)}\n`,
);
process.exitCode = kept || quick ? 0 : 1;

function assessAll(by: typeof detector, encounters: readonly object[]): void {
  for (const input of encounters) add(by.assess(input, { now: 0 }).issues.length);
}

function assessNext(): () => void {
  let next = 0;
  return () => {
    next = (next + 1) % ordinary.length;
    add(detector.assess(ordinary[next], { now: 0 }).issues.length);
  };
}

function assessLong(times: number): () => void {
  // The present illness is a quarter of the notes.
  const input = ordinaryEncounter(1, Math.round(((times - 1) * ORDINARY_CHARACTERS) / (ORDINARY_NOTES[0]?.length ?? 1)));
  return () => add(detector.assess(input, { now: 0 }).issues.length);
}

function scanLong(): void {
  scanner.reset();
  add(scanner.scan(longText).hitCount);
}

function bareLoop(): void {
  let total = 0;
  for (let index = 0; index < longText.length; index += 1) total = (total + longText.charCodeAt(index)) | 0;
  add(total);
}

function add(value: number): void {
  sum += value === 0 ? 1 : 2;
}

function isKept(figure: number, budget: { atLeast?: number; below?: number }): boolean {
  return figure >= (budget.atLeast ?? Number.NEGATIVE_INFINITY) && figure < (budget.below ?? Number.POSITIVE_INFINITY);
}

/** As many terms again, of the same characters and lengths, that stand in no text. */
function withTermsDoubled(pack: RulePack): RulePack {
  return {
    ...pack,
    concepts: pack.concepts.map((concept) => ({ ...concept, terms: [...concept.terms, ...concept.terms.map(reversed)] })),
  };
}

/** `{a|b}c` is `c{b|a}` from behind. */
function reversed(term: string): string {
  const turned = (symbol: string): string => (symbol === '{' ? '}' : symbol === '}' ? '{' : symbol);
  return Array.from(term, turned).reverse().join('');
}
