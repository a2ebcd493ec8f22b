import type { ReportStatus, StatusLine } from '../wire.js';

/** How far a press has come, as this page knows it. */
export interface PressProgress {
  /**
   * `sending`: nobody has answered yet, for the first seconds. `held`: the gateway has it (201). `submitted`: the relay has it
   * (202). `undelivered`: nobody has answered for it. `refused`: it was answered with a refusal, by the gateway at once or by the
   * relay afterwards.
   */
  readonly stage: 'sending' | 'held' | 'submitted' | 'undelivered' | 'refused';
  readonly number: string;
  /** Stable code of a refusal. */
  readonly code: string;
  /** The first report under this key stands; another body was pressed after it. */
  readonly earlier: boolean;
  readonly status: ReportStatus | undefined;
}

export type HeadlineKey = 'sending' | 'held' | 'submitted' | 'stored' | 'accepted' | 'acceptedAs' | 'attested' | 'undelivered';

export interface Headline {
  readonly key: HeadlineKey;
  readonly at: string;
  readonly number: string;
  readonly agencyNumber: string;
}

/** The gateway or the relay has the report. */
export function isTaken(stage: PressProgress['stage'] | undefined): boolean {
  return stage === 'submitted' || stage === 'held';
}

const RANKS: readonly StatusLine['state'][] = ['open', 'attested', 'stored', 'accepted'];

/**
 * The one headline of S3. `submitted` is said only of a report with the relay's number, `stored` never as `accepted`, a
 * hand-over by a person never as either, and the furthest state of the police decides (INV-1, INV-5).
 */
export function headlineOf(progress: PressProgress): Headline {
  const { stage, status } = progress;
  const number = progress.number;
  const plain = (key: HeadlineKey): Headline => ({ key, at: '', number, agencyNumber: '' });
  if (stage === 'undelivered' || stage === 'refused') return plain('undelivered');
  if (stage === 'sending' || stage === 'held') return plain(stage);
  const furthest = status === undefined ? undefined : furthestOf(status.lines);
  if (furthest === undefined || furthest.state === 'open') return plain('submitted');
  const agencyNumber = furthest.agencyNumber || '';
  if (furthest.state === 'accepted') {
    return { key: agencyNumber === '' ? 'accepted' : 'acceptedAs', at: furthest.acceptedAt || '', number, agencyNumber };
  }
  if (furthest.state === 'stored') return { key: 'stored', at: furthest.storedAt || '', number, agencyNumber };
  return { key: 'attested', at: furthest.attestedAt || '', number, agencyNumber };
}

/** What a new status says of the press: a number of the relay makes it submitted, and nothing takes that back. */
export function withStatus(progress: PressProgress, status: ReportStatus): PressProgress {
  if (status.refused) return { ...progress, stage: 'refused', code: status.refused, status };
  if (status.number === undefined) return progress.stage === 'submitted' ? progress : { ...progress, stage: 'held', status };
  return { ...progress, stage: 'submitted', number: status.number, status };
}

function furthestOf(lines: readonly StatusLine[]): StatusLine | undefined {
  const police = lines.filter((line) => line.recipient.kind === 'police');
  const deciding = police.length > 0 ? police : lines;
  return deciding.reduce<StatusLine | undefined>(
    (best, line) => (best === undefined || RANKS.indexOf(line.state) > RANKS.indexOf(best.state) ? line : best),
    undefined,
  );
}
