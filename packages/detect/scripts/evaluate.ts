import { nationalRulePack } from '@zhida/packs';
import { type Assessment, createDetector } from '../src/index.js';
import { type Labelled, isHeldBack, isPrompt, projectRecords, readLabelled } from './labelled.js';

/**
 * Sensitivity and specificity of the pack on labelled records, with every miss and false prompt and its evidence.
 * `evaluate.ts [FILE…]`: these files (`--tuning`: without the held-back tenth of them), else the records of the project without their held-back tenth; `--held-back` for that
 * tenth alone. `--blind` prints the figures only. A line is `{id, voice?, gold: {level, situations}, encounter}`; positive is
 * red or orange.
 */
interface Judged extends Labelled {
  readonly got: Assessment;
}
interface Tally {
  tp: number;
  fn: number;
  fp: number;
  tn: number;
}

const detector = createDetector({ pack: nationalRulePack });
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const records =
  files.length > 0
    ? files.flatMap(readLabelled).filter(({ id }) => !flags.includes('--tuning') || !isHeldBack(id))
    : projectRecords({ heldBack: flags.includes('--held-back') });
const judged: Judged[] = records.map((record) => ({ ...record, got: detector.assess(record.encounter, { now: Date.UTC(2026, 10, 22) }) }));

function table(title: string, keys: (record: Judged) => readonly string[]): void {
  const rows = new Map<string, Tally>();
  for (const record of judged) {
    for (const key of keys(record)) {
      const row = rows.get(key) ?? { tp: 0, fn: 0, fp: 0, tn: 0 };
      rows.set(key, row);
      const [gold, got] = [isPrompt(record.gold.level), isPrompt(record.got.level)];
      row[gold ? (got ? 'tp' : 'fn') : got ? 'fp' : 'tn'] += 1;
    }
  }
  print(`\n${title}`);
  for (const [key, { tp, fn, fp, tn }] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
    print(`  ${key.padEnd(16)} found ${tp}/${tp + fn}  left alone ${tn}/${tn + fp}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const { id, gold, got } of judged
  .filter(() => !flags.includes('--blind'))
  .filter((record) => isPrompt(record.gold.level) !== isPrompt(record.got.level))) {
  print(`${isPrompt(gold.level) ? 'MISSED' : 'FALSE '} ${id} labelled ${gold.level}, got ${got.level}: ${gold.why ?? ''}`);
  for (const { ruleId, level, suppressedBy, evidence } of got.indications)
    print(`    ${ruleId} ${level} ${suppressedBy.join(',')} ${evidence.map(({ at, text }) => text ?? at).join(' | ')}`);
}
table('all', () => ['all']);
table('by voice', ({ voice }) => (voice === undefined ? [] : [voice]));
table('by labelled situation', ({ gold }) => (gold.situations ?? []).slice(0, 1).map(String));
table('by rule that prompted', ({ got }) => got.indications.filter(({ level }) => isPrompt(level)).map(({ ruleId }) => ruleId));
const positive = judged.filter(({ gold }) => isPrompt(gold.level));
const found = positive.filter(({ got }) => isPrompt(got.level));
// Some writers put the items of the Opinion in quotes.
const main = found.filter(({ gold: { situations: [first] = [] }, got }) => first === undefined || got.situations.includes(Number(first)));
print(
  `\nlevel right ${found.filter(({ gold, got }) => gold.level === got.level).length}/${positive.length}, main situation among those found ${main.length}/${found.length}`,
);
