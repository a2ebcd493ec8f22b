import { nationalRulePack } from '@zhida/packs';
import { createDetector } from '../src/index.js';
import { NOW, TERMS_MAX, readExamples } from './examples.js';
import { fitWeighing } from './fit.js';
import { isPrompt } from './labelled.js';

/**
 * What the whole detector finds and leaves alone in each file when its weights are fitted without that file: four times a quarter of the
 * files is left out. Rules, words and thresholds are as they are, whatever they were tuned on. Prints figures and no record.
 */
const QUARTERS = 4;
/** Asked to be harder than what hospitals write, so that no word alone gives a label away. */
const HARDER = /^(2-|3-en-|3-zh-)/u;
/** Fitted to, and read by nobody. */
const UNREAD = /^final-/u;

const examples = readExamples();
const files = [...new Set(examples.flatMap(({ labelled: { file } }) => file ?? []))].sort();
const quarterOf = (file: string | undefined): number => (file === undefined ? -1 : files.indexOf(file) % QUARTERS);
interface Tally {
  found: number;
  positive: number;
  alone: number;
  ordinary: number;
  /** Of the positives those shown at the level of their label; of the red and of the orange ones those shown red. */
  levelRight: number;
  red: number;
  redShown: number;
  orangeShownRed: number;
}
const tallies = new Map<string, Tally>();
for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
  const left = examples.filter(({ labelled }) => quarterOf(labelled.file) !== quarter);
  const detector = createDetector({ pack: { ...nationalRulePack, weighing: fitWeighing(left, TERMS_MAX) } });
  for (const { labelled } of examples) {
    if (labelled.file === undefined || quarterOf(labelled.file) !== quarter) continue;
    const set = HARDER.test(labelled.file) ? 'harder on purpose' : UNREAD.test(labelled.file) ? 'read by nobody' : 'as hospitals write';
    const tally = tallies.get(set) ?? {
      found: 0,
      positive: 0,
      alone: 0,
      ordinary: 0,
      levelRight: 0,
      red: 0,
      redShown: 0,
      orangeShownRed: 0,
    };
    tallies.set(set, tally);
    const { level } = detector.assess(labelled.encounter, { now: NOW });
    const prompts = isPrompt(level);
    const { level: gold } = labelled.gold;
    if (isPrompt(gold)) {
      tally.positive += 1;
      tally.found += prompts ? 1 : 0;
      tally.levelRight += level === gold ? 1 : 0;
      tally.red += gold === 'red' ? 1 : 0;
      tally.redShown += gold === 'red' && level === 'red' ? 1 : 0;
      tally.orangeShownRed += gold === 'orange' && level === 'red' ? 1 : 0;
    } else {
      tally.ordinary += 1;
      tally.alone += prompts ? 0 : 1;
    }
  }
}
for (const [set, { found, positive, alone, ordinary, levelRight, red, redShown, orangeShownRed }] of tallies)
  process.stdout.write(
    `${set.padEnd(20)} found ${found}/${positive}  left alone ${alone}/${ordinary}  level right ${levelRight}/${positive}: red as red ${redShown}/${red}, orange as red ${orangeShownRed}/${positive - red}\n`,
  );
