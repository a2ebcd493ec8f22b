import { alignEntries } from './align-entries.js';
import type { CheckedHeads } from './check-heads.js';
import type { LogContents } from './log-contents.js';
import { type VerificationProblem, type VerificationProblemCode, problem } from './problem.js';
import type { ScannedLine } from './scan-entries.js';

/** What is wrong with a log: its entries in their order, then its checkpoints. */
export function findProblems(log: LogContents, checked: CheckedHeads, allowTail: boolean): VerificationProblem[] {
  const newest = log.hasCheckpoint ? checked.heads.at(-1) : undefined;
  const proven = newest !== undefined && newest.problem === undefined;
  // After the newest checkpoint a log at work may be in the middle of a write.
  const limit = proven && allowTail ? checked.signedSize : undefined;
  const aligned = alignEntries({
    found: log.lines.slice(0, limit).map((line) => line.leafHash),
    recorded: log.recordedLeaves.slice(0, limit),
    foundId: (line) => log.lines[line]?.id,
    recordedId: log.recordedId,
  }).map((found): VerificationProblem => {
    // Under a good checkpoint the entries are right, so a leaf that differs is damage of the leaf file.
    return proven && (found.index ?? 0) < checked.signedSize ? { ...found, what: 'leaves-differ' } : found;
  });
  const problems = [...aligned, ...lineProblems(log, checked, aligned, limit), ...idProblems(log, aligned, limit)];
  problems.sort((one, other) => (one.index ?? 0) - (other.index ?? 0));
  if (problems.length === 0 && log.brokenTileAt !== undefined) {
    problems.push(problem('tile-length', { index: log.brokenTileAt, entryId: log.lines[log.brokenTileAt]?.id }));
  }
  return [...problems, ...headProblems(log, checked, { entriesAreWrong: problems.length > 0, allowTail })];
}

/** What is wrong with a line by itself, for lines the alignment has not named already. */
function lineProblems(
  log: LogContents,
  checked: CheckedHeads,
  aligned: readonly VerificationProblem[],
  limit: number | undefined,
): VerificationProblem[] {
  const named = new Set(aligned.flatMap((found) => [found.index, found.other?.index]));
  const lines = log.lines.slice(0, limit);
  const problems = repeatedIds(lines);
  for (const [index, line] of lines.entries()) {
    const what = named.has(index) ? undefined : lineProblem(line, checked.origin);
    if (what !== undefined) problems.push(problem(what, { index, entryId: log.recordedId(index) ?? line.id }));
  }
  const last = lines.length - 1;
  if (!log.terminated && last === log.lines.length - 1 && !named.has(last)) {
    problems.push(problem('entry-cut', { index: last, entryId: log.recordedId(last) ?? lines[last]?.id }));
  }
  return problems;
}

function lineProblem(line: ScannedLine, origin: string | undefined): VerificationProblemCode | undefined {
  if (line.origin === undefined) return 'entry-unreadable';
  return origin !== undefined && line.origin !== origin ? 'entry-of-other-log' : undefined;
}

function repeatedIds(lines: readonly ScannedLine[]): VerificationProblem[] {
  const seen = new Set<string>();
  const problems: VerificationProblem[] = [];
  for (const [index, { id }] of lines.entries()) {
    if (id === undefined) continue;
    if (seen.has(id)) problems.push(problem('entry-repeated', { index, entryId: id }));
    seen.add(id);
  }
  return problems;
}

/** Where the id file differs, as one problem. Lines and ids run apart after a missing or extra entry, which is said already. */
function idProblems(log: LogContents, aligned: readonly VerificationProblem[], limit: number | undefined): VerificationProblem[] {
  if (aligned.length > 0) return [];
  const count = limit ?? Math.max(log.lines.length, log.recordedIds);
  const differing: number[] = [];
  for (let index = 0; index < count; index += 1) if (log.recordedId(index) !== log.lines[index]?.id) differing.push(index);
  const [index] = differing;
  if (index === undefined) return [];
  return [problem('ids-differ', { index, entryId: log.lines[index]?.id ?? log.recordedId(index), count: several(differing.length) })];
}

function headProblems(
  log: LogContents,
  checked: CheckedHeads,
  { entriesAreWrong, allowTail }: { entriesAreWrong: boolean; allowTail: boolean },
): VerificationProblem[] {
  const { signedSize } = checked;
  const unvouched = entryAt(log, Math.max(0, Math.min(signedSize, log.lines.length - 1)));
  if (!log.hasCheckpoint) return [problem('checkpoint-missing', { ...unvouched, at: 'checkpoint' })];
  const problems: VerificationProblem[] = [];
  for (const { at, what } of badHeads(checked, entriesAreWrong)) {
    const earlier = problems.find((each) => each.what === what);
    if (earlier === undefined) problems.push(problem(what, { ...unvouched, at }));
    else earlier.count = (earlier.count ?? 1) + 1;
  }
  const newest = checked.heads.at(-1)?.checkpoint?.size ?? log.lines.length;
  if (signedSize > newest) problems.push(problem('checkpoint-not-newest', { ...entryAt(log, newest), at: 'checkpoint' }));
  const tail = log.lines.length - signedSize;
  if (problems.length === 0 && !entriesAreWrong && tail > 0 && !allowTail) {
    problems.push(problem('tail-unsigned', { ...entryAt(log, signedSize), count: several(tail) }));
  }
  return problems;
}

function badHeads({ heads }: CheckedHeads, entriesAreWrong: boolean): { at: string; what: VerificationProblemCode }[] {
  // A changed entry changes every root after it: that is one finding, already made.
  const follows = (what: VerificationProblemCode): boolean => what === 'checkpoint-root' || what === 'checkpoint-beyond-entries';
  return heads.flatMap(({ at, problem: what }) => (what === undefined || (entriesAreWrong && follows(what)) ? [] : { at, what }));
}

function entryAt(log: LogContents, index: number): { index: number; entryId: string | undefined } {
  return { index, entryId: log.lines[index]?.id ?? log.recordedId(index) };
}

function several(count: number): number | undefined {
  return count > 1 ? count : undefined;
}
