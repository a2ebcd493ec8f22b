import type { FaultResult, FaultRun } from './run.js';

/** From so many reports on a run is long enough for every kind of fault and for somebody to ask how a report stands. */
const LONG_ENOUGH = 200;

/** Why a run does not pass, in sentences: the harm it found, and what it was to do and did not, of which its 0 would say nothing. */
export function failuresOf({ reports, everyBoundary = false }: FaultRun, result: FaultResult): string[] {
  const { boundaries, counts, faults } = result;
  const failures = [...result.lost, ...result.false, ...result.duplicate];
  // A run for every boundary ends as soon as no new one comes; what it pressed and got no answer for is among the lost.
  if (!everyBoundary && result.reports !== reports) failures.push(`${result.reports} of ${reports} reports were answered for`);
  if (everyBoundary) failures.push(...boundaries.left.map((place) => `nobody died ${place}`));
  if (boundaries.known === 0) failures.push('no place at a statement was seen');
  if (result.reports < LONG_ENOUGH) return failures;
  if (counts.seen === 0) failures.push('nobody who asked was shown a state');
  failures.push(...Object.entries(faults).flatMap(([fault, count]) => (count === 0 ? [`never was: ${fault}`] : [])));
  return failures;
}
