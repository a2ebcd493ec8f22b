import { writeFileSync } from 'node:fs';
import { nationalRulePack } from '@zhida/packs';
import { createDetector } from '../src/index.js';
import { fallen, raised } from './floors.js';
import { isHeldBack, isPrompt, projectRecords, readLabelled } from './labelled.js';
import {
  FLOORS_FILE,
  type Judged,
  groups,
  hasMainSituation,
  isFalse,
  isMissed,
  judge,
  judgeCases,
  mainSituation,
  measureAll,
  perturbedRecords,
  readFloors,
} from './measures.js';
import { kindOfVoice } from './voices.js';

/**
 * Sensitivity and specificity of the pack on labelled records, with every miss and false prompt and its evidence.
 * `evaluate.ts [FILE…]`: these files (`--tuning`: without the held-back tenth of them), else the records of the project without their held-back tenth; `--held-back` for that
 * tenth alone. `--blind` prints the figures only, `--voices` every voice as its writer named it. A line is `{id, voice?, gold: {level, situations}, encounter}`; positive is
 * red or orange.
 *
 * `--check` compares everything the project measures with the floors that stand beside the cases and exits 1 below one of them; `--raise` lifts the floors to what is
 * measured, and lowers none.
 */
const USAGE = ['--tuning', '--held-back', '--blind', '--voices', '--check', '--raise'];
const detector = createDetector({ pack: nationalRulePack });
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = flags.filter((flag) => !USAGE.includes(flag));
if (unknown.length > 0) {
  process.stderr.write(`evaluate: no such option: ${unknown.join(' ')}; there are ${USAGE.join(' ')}\n`);
  process.exitCode = 2;
} else if (flags.includes('--check') || flags.includes('--raise')) keepFloors();
else report();

function keepFloors(): void {
  const measures = measureAll(detector);
  const floors = readFloors();
  if (flags.includes('--raise')) {
    writeFileSync(FLOORS_FILE, `${JSON.stringify(raised(measures, floors), null, 2)}\n`);
    return;
  }
  const low = fallen(measures, floors);
  for (const line of low) print(`BELOW ITS FLOOR ${line}`);
  for (const name of measures.keys()) if (floors[name] === undefined) print(`HAS NO FLOOR YET ${name}: --raise gives it one`);
  print(`${Object.keys(floors).length - low.length} of ${Object.keys(floors).length} floors hold`);
  if (low.length > 0) process.exitCode = 1;
}

function report(): void {
  const records =
    files.length > 0
      ? files.flatMap(readLabelled).filter(({ id }) => !flags.includes('--tuning') || !isHeldBack(id))
      : projectRecords({ heldBack: flags.includes('--held-back') });
  const judged = judge(detector, records);
  if (!flags.includes('--blind')) for (const record of judged) if (isMissed(record) || isFalse(record)) printWrong(record);
  printPrompts('all', judged, () => ['all']);
  printPrompts('by voice', judged, ({ voice }) => (voice === undefined ? [] : [flags.includes('--voices') ? voice : kindOfVoice(voice)]));
  printPrompts('by labelled situation', judged, (record) => [mainSituation(record) ?? []].flat().map(String));
  printRules(judged);
  if (files.length === 0 && !flags.includes('--held-back')) printPerturbed();
  const positive = judged.filter(({ gold }) => isPrompt(gold.level));
  const found = positive.filter((record) => !isMissed(record));
  print(
    `\nlevel right ${found.filter(({ gold, got }) => gold.level === got.level).length}/${positive.length}, main situation among those found ${found.filter(hasMainSituation).length}/${found.length}`,
  );
}

function printWrong({ id, gold, got }: Judged): void {
  print(`${isPrompt(gold.level) ? 'MISSED' : 'FALSE '} ${id} labelled ${gold.level}, got ${got.level}: ${gold.why ?? ''}`);
  for (const { ruleId, level, suppressedBy, evidence } of got.indications)
    print(`    ${ruleId} ${level} ${suppressedBy.join(',')} ${evidence.map(({ at, text }) => text ?? at).join(' | ')}`);
}

function printPrompts(title: string, judged: readonly Judged[], namesOf: (record: Judged) => readonly string[]): void {
  print(`\n${title}`);
  for (const [name, records] of groups(judged, namesOf)) {
    const positive = records.filter(({ gold }) => isPrompt(gold.level));
    const missed = positive.filter(isMissed).length;
    const negative = records.length - positive.length;
    const loud = records.filter(isFalse).length;
    print(`  ${name.padEnd(26)} found ${positive.length - missed}/${positive.length}  left alone ${negative - loud}/${negative}`);
  }
}

/**
 * A record is labelled with situations, not with rules, so what a rule owes is told in two ways. Its own cases name it: those it must
 * find, and those it must leave alone. Of the records: those it prompts rightly, those that only it prompts, those it prompts falsely, and
 * the missed ones whose main situation is one it serves, any of which it may owe.
 */
function printRules(judged: readonly Judged[]): void {
  const cases = judgeCases(detector);
  print('\nby rule: its own cases found and left alone; of the records prompted rightly, by it alone, falsely; missed in its situations');
  for (const { id, situations } of nationalRulePack.rules) {
    const own = cases.filter(({ ruleId }) => ruleId === id);
    const [mustFind, mustLeave] = [own.filter(({ expected }) => expected), own.filter(({ expected }) => !expected)];
    const prompted = judged.filter(({ got }) => got.indications.some(({ ruleId, level }) => ruleId === id && isPrompt(level)));
    const rightly = prompted.filter((record) => !isFalse(record));
    const alone = rightly.filter(({ got }) => got.indications.filter(({ level }) => isPrompt(level)).length === 1);
    const owed = judged.filter((record) => isMissed(record) && situations.some(({ situation }) => situation === mainSituation(record)));
    print(
      `  ${id}  cases ${mustFind.filter(({ right }) => right).length}/${mustFind.length} ${mustLeave.filter(({ right }) => right).length}/${mustLeave.length}` +
        `  records ${rightly.length}, alone ${alone.length}, falsely ${prompted.length - rightly.length}, missed ${owed.length}`,
    );
    if (flags.includes('--blind')) continue;
    for (const { id: wrong, expected } of own.filter(({ right }) => !right)) print(`    ${expected ? 'MISSED' : 'FALSE '} ${wrong}`);
    for (const { id: missed } of owed) print(`    MISSED ${missed}, or another rule of its situation`);
  }
}

/** What typing slips, dialect, lost marks and lost sections cost: how many are no longer judged as the record they were made from. */
function printPerturbed(): void {
  const spoilt = perturbedRecords();
  const levels = new Map(judge(detector, projectRecords()).map(({ id, got }) => [id, got.level]));
  const judged = judge(detector, spoilt).map((record, index) => ({ ...record, source: spoilt[index] }));
  if (!flags.includes('--blind')) for (const record of judged) if (isMissed(record) || isFalse(record)) printWrong(record);
  printPrompts('records perturbed', judged, () => ['all']);
  for (const [kind, records] of groups(judged, ({ source }) => [source?.perturbation ?? ''])) {
    const changed = records.filter(({ got, source }) => got.level !== levels.get(source?.perturbs ?? ''));
    const turned = changed.filter(({ got, source }) => isPrompt(got.level) !== isPrompt(levels.get(source?.perturbs ?? '')));
    print(
      `  ${kind.padEnd(26)} of ${records.length} another level ${changed.length}, of them prompted or quiet otherwise ${turned.length}`,
    );
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
