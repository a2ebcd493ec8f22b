import { writeFileSync } from 'node:fs';
import { TERMS_MAX, readExamples } from './examples.js';
import { fitWeighing } from './fit.js';

/**
 * Fits what words and facts weigh to the labelled records of the project and freezes it into the national pack; `seal.ts` of the packs
 * must follow.
 */
const WEIGHING = new URL('../../packs/src/national/weighing.data.json', import.meta.url);

const examples = readExamples();
const weighing = fitWeighing(examples, TERMS_MAX);
writeFileSync(WEIGHING, `${JSON.stringify(weighing)}\n`);
const { terms, denied, concepts, categories, results, red } = weighing;
const [redTerms, redConcepts] = [red?.terms.replaceAll('0', '') ?? '', red?.concepts ?? {}];
const counts = {
  terms: terms.low,
  denied: denied?.low ?? {},
  concepts,
  categories,
  results,
  'terms for red': redTerms,
  'concepts for red': redConcepts,
};
process.stdout.write(
  `${examples.length} records; ${Object.entries(counts)
    .map(([kind, weights]) => `${Object.keys(weights).length} ${kind}`)
    .join(', ')}\n`,
);
