import { readdirSync, writeFileSync } from 'node:fs';
import { nationalRulePack } from '@zhida/packs';
import { createDetector } from '../src/index.js';
import { type Example, fitWeighing } from './fit.js';
import { type Labelled, isHeldBack, isPrompt, projectRecords, readFolder, readLabelled } from './labelled.js';
import { createSaidReader } from './said.js';

/**
 * Fits what words and facts weigh to the labelled records of the project and freezes it into the national pack; `seal.ts` of the packs
 * must follow. Left out are the held-back tenth and the files nobody has read: `evaluate.ts` measures on those.
 */
const CASES = new URL('../../packs/cases/', import.meta.url);
const WEIGHING = new URL('../../packs/src/national/weighing.data.json', import.meta.url);
/** More terms weigh a page down and tell hardly more. */
const TERMS_MAX = 40_000;
/** A line that shows a rule tells less of how records are written than a record. */
const SHORT_SHARE = 0.7;
/** What must stay quiet is so short that a single word decides. */
const QUIET_SHARE = 3;
const NOW = Date.UTC(2026, 10, 22);

interface RuleCase {
  readonly id: string;
  readonly kind: string;
  readonly expect?: { readonly level?: string } | null;
  readonly encounter: unknown;
}

const quiet: Labelled[] = readLabelled(new URL('must-stay-quiet/records.jsonl', CASES)).map((record) => ({
  ...record,
  gold: { level: 'none' },
}));
/** Short notes, one thing each: what a rule is shown by, and the same words innocently. */
const short: Labelled[] = readdirSync(CASES)
  .filter((name) => name.endsWith('.cases.jsonl'))
  .sort()
  .flatMap((name) => readLabelled(new URL(name, CASES)) as unknown as RuleCase[])
  .flatMap(({ kind, id, expect, encounter }) => {
    const level = kind === 'quiet' || kind === 'negative' ? 'none' : (expect?.level ?? 'orange');
    return (kind === 'positive' && !id.startsWith('R-WS-02')) || id.toLowerCase().startsWith('quiet')
      ? [{ id, encounter, gold: { level } }]
      : [];
  });
const shares = new Map([...short.map(({ id }) => [id, SHORT_SHARE] as const), ...quiet.map(({ id }) => [id, QUIET_SHARE] as const)]);
const fitted = readFolder(new URL('fitted/', CASES)).filter(({ id }) => !isHeldBack(id));

const detector = createDetector({ pack: nationalRulePack });
const read = createSaidReader(nationalRulePack);
const examples: Example[] = [...projectRecords(), ...fitted, ...quiet, ...short]
  .filter(({ encounter }) => detector.assess(encounter, { now: NOW }).minor !== 'no')
  .map(({ id, encounter, gold }) => ({ said: read(encounter), isPrompt: isPrompt(gold.level), share: shares.get(id) ?? 1 }));
const weighing = fitWeighing(examples, TERMS_MAX);
writeFileSync(WEIGHING, `${JSON.stringify(weighing)}\n`);
const { terms, denied, concepts, categories, results } = weighing;
const counts = { terms: terms.low, denied: denied?.low ?? {}, concepts, categories, results };
process.stdout.write(
  `${examples.length} records; ${Object.entries(counts)
    .map(([kind, weights]) => `${Object.keys(weights).length} ${kind}`)
    .join(', ')}\n`,
);
