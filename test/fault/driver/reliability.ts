import { cpus } from 'node:os';
import type { FaultResult } from './run.js';

/** How many reports docs/reliability.md should speak of; what was pressed with fewer says so. */
export const RELIABILITY_REPORTS = 100_000;

/** docs/reliability.md as this run found it: what was broken, what came of it, and how to run it again. */
export function reliabilityPage(run: FaultResult): string {
  const rows = (entries: readonly (readonly [string, number | string])[]): string[] =>
    entries.map(([what, count]) => `| ${what} | ${count} |`);
  const harm = run.lost.length + run.false.length + run.duplicate.length;
  return [
    '# Reliability, measured',
    '',
    `\`pnpm fault --reports ${run.reports} --seed ${run.seed} --write\` wrote this page on ${cpus().length} processors with Node ${process.version}, in ${minutes(run.seconds)}.`,
    'Two relay processes over one ledger send to two agencies while all of it is broken by a seeded schedule; then it heals, and the ledger and the',
    'inboxes of the agencies are held against every answer that was given. It is not edited by hand.',
    '',
    run.reports >= RELIABILITY_REPORTS
      ? `${run.reports} reports were pressed.`
      : `${run.reports} reports were pressed, fewer than the ${RELIABILITY_REPORTS} this page is meant to speak of: run it with more where there is time.`,
    '',
    '| what came of it | count |',
    '|---|---|',
    ...rows([
      ['reports answered for', run.reports],
      ['of them follow-ups, corrections and error notices', run.counts.later],
      [
        '**lost**: an answered report, call, attachment, attestation, receipt, acceptance or feedback that is missing, or an audit log that does not prove itself',
        run.lost.length,
      ],
      ['**false**: shown as sent or accepted, at any instant of the run, when it was not', run.false.length],
      ['**duplicate**: more than one effect or receipt of a report at an agency, or of a receipt in the ledger', run.duplicate.length],
      ['attempts to deliver', run.counts.attempts],
      ['states of deliveries that were shown, each held against what was true then', run.counts.shown],
      ['of them in an answer to one who asked a relay', run.counts.seen],
      ['acceptances by officers', run.counts.accepted],
      ['error notices answered by 已停止使用', run.counts.stopped],
      ['feedbacks of officers', run.counts.feedback],
      ['receipts and feedbacks that agencies brought twice', run.counts.saidTwice],
      ['receipts and feedbacks that agencies brought out of their order', run.counts.outOfOrder],
      ['telephone calls of the hospital', run.counts.calls],
      ['attachments', run.counts.attachments],
      ['attestations of a hand-over', run.counts.attestations],
    ]),
    '',
    '| what was broken | times |',
    '|---|---|',
    ...rows(Object.entries(run.faults)),
    '',
    'Beside these, each relay process kills itself at a statement of its own, inside a transaction or changing something by itself: before it is sent, when it is',
    `on its way, or when its result has come. There are ${run.boundaries.known} such places; at ${run.boundaries.diedAt} of them one died.`,
    '',
    'A mood is how an agency behaves for a while: slow, away, breaking the connection, silent, taking and silent, answering without a receipt, with',
    'another’s key, with the receipt of another report or of another hash, posting its receipt before it',
    'answers, saying everything twice, or answering the last first and after what its officers have said.',
    '',
    harm === 0
      ? 'Nothing was lost, shown falsely or done twice.'
      : `**${harm} of these must not be.** A release waits until they are understood.`,
    '',
  ].join('\n');
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}
