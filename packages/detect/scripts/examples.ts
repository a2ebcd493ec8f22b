import { readdirSync } from 'node:fs';
import { nationalRulePack } from '@zhida/packs';
import { createDetector } from '../src/index.js';
import type { Example } from './fit.js';
import { type Labelled, isHeldBack, isPrompt, projectRecords, readFolder, readLabelled } from './labelled.js';
import { createSaidReader } from './said.js';

const CASES = new URL('../../packs/cases/', import.meta.url);
/** More terms weigh a page down and tell hardly more. */
export const TERMS_MAX = 40_000;
/** A line that shows a rule tells less of how records are written than a record. */
const SHORT_SHARE = 0.7;
/** What must stay quiet is so short that a single word decides. */
const QUIET_SHARE = 3;
/** The records are asked as of this day. */
export const NOW = Date.UTC(2026, 10, 22);

interface RuleCase {
  readonly id: string;
  readonly kind: string;
  readonly expect?: { readonly level?: string } | null;
  readonly encounter: unknown;
}

/** A labelled record as it is fitted to. */
export interface LabelledExample extends Example {
  readonly labelled: Labelled;
}

/** Every example the weights are fitted to. Left out are the held-back tenth and the files of `unread`: `evaluate.ts` measures on those. */
export function readExamples(): LabelledExample[] {
  const detector = createDetector({ pack: nationalRulePack });
  const read = createSaidReader(nationalRulePack);
  const fitted = readFolder(new URL('fitted/', CASES)).filter(({ id }) => !isHeldBack(id));
  const of = (share: number, records: readonly Labelled[]): LabelledExample[] =>
    records
      .filter(({ encounter }) => detector.assess(encounter, { now: NOW }).minor !== 'no')
      .map((labelled) => ({
        labelled,
        said: read(labelled.encounter),
        isPrompt: isPrompt(labelled.gold.level),
        isRed: labelled.gold.level === 'red',
        share,
      }));
  return [...of(1, [...projectRecords(), ...fitted]), ...of(QUIET_SHARE, readQuiet()), ...of(SHORT_SHARE, readShort())];
}

function readQuiet(): Labelled[] {
  return readLabelled(new URL('must-stay-quiet/records.jsonl', CASES)).map((record) => ({ ...record, gold: { level: 'none' } }));
}

/** Short notes, one thing each: what a rule is shown by, and the same words innocently. */
function readShort(): Labelled[] {
  return readdirSync(CASES)
    .filter((name) => name.endsWith('.cases.jsonl'))
    .sort()
    .flatMap((name) => readLabelled(new URL(name, CASES)) as unknown as RuleCase[])
    .flatMap(({ kind, id, expect, encounter }) => {
      const level = kind === 'quiet' || kind === 'negative' ? 'none' : (expect?.level ?? 'orange');
      return (kind === 'positive' && !id.startsWith('R-WS-02')) || id.toLowerCase().startsWith('quiet')
        ? [{ id, encounter, gold: { level } }]
        : [];
    });
}
