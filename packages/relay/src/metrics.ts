import type { OpenCounts } from './ledger/listing.js';
import type { AttemptOutcome } from './schema.js';

/** What this process has counted since its start; what the ledger knows is asked of the ledger. */
export interface Metrics {
  readonly attempts: Record<AttemptOutcome, number>;
  readonly intake: Record<'accepted' | 'repeated' | 'refused' | 'failed' | 'busy', number>;
  readonly sweep: { runs: number; failures: number; handedToQueue: number; ranHere: number };
}

export function createMetrics(): Metrics {
  return {
    attempts: { receipted: 0, refused: 0, unknown: 0 },
    intake: { accepted: 0, repeated: 0, refused: 0, failed: 0, busy: 0 },
    sweep: { runs: 0, failures: 0, handedToQueue: 0, ranHere: 0 },
  };
}

/** What goes on in this process at this instant. */
export interface HappeningNow {
  readonly pressesUnderWay: number;
  readonly streams: number;
  readonly gatesHanging: number;
  readonly calendarYearsMissing: number;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus text format 0.0.4. Labels are facilities, states and fixed words; there is no id among them. */
export function renderMetrics(metrics: Metrics, ledgers: readonly { facility: string; counts: OpenCounts }[], now: HappeningNow): string {
  const perFacility = (pick: (counts: OpenCounts) => Readonly<Record<string, number>>, label: string): Sample[] =>
    ledgers.flatMap(({ facility, counts }) =>
      Object.entries(pick(counts)).map(([key, value]) => ({ labels: { facility, [label]: key }, value })),
    );
  const counted = (counts: Readonly<Record<string, number>>, label: string): Sample[] =>
    Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));
  const single = (pick: (counts: OpenCounts) => number): Sample[] =>
    ledgers.map(({ facility, counts }) => ({ labels: { facility }, value: pick(counts) }));
  return [
    metric(
      'zhida_relay_deliveries',
      'gauge',
      'Deliveries without a receipt, sent or held, by state; what a person has attested counts while it is sent',
      perFacility(({ sent, held }) => ({ ...sent, open: Object.values(held).reduce((sum, count) => sum + count, sent.open) }), 'state'),
    ),
    metric(
      'zhida_relay_deliveries_held',
      'gauge',
      'Deliveries in state open that are held, by reason',
      perFacility((counts) => counts.held, 'reason'),
    ),
    metric(
      'zhida_relay_oldest_due_seconds',
      'gauge',
      'Age of the longest due delivery',
      single((counts) => counts.oldestDueSeconds),
    ),
    metric('zhida_relay_attempts_total', 'counter', 'Attempts of this process by outcome', counted(metrics.attempts, 'outcome')),
    metric('zhida_relay_intake_total', 'counter', 'Presses at this process by result', counted(metrics.intake, 'result')),
    metric('zhida_relay_sweep_total', 'counter', 'What the sweep of this process did', counted({ ...metrics.sweep }, 'what')),
    metric('zhida_relay_presses_under_way', 'gauge', 'Presses this process works on', [{ labels: {}, value: now.pressesUnderWay }]),
    metric('zhida_relay_streams', 'gauge', 'Open status streams of this process', [{ labels: {}, value: now.streams }]),
    metric('zhida_relay_gates_hanging', 'gauge', 'Directories of one-way gates that do not answer this process', [
      { labels: {}, value: now.gatesHanging },
    ]),
    metric('zhida_relay_calendar_years_missing', 'gauge', 'Years of the next 60 days whose days off and worked weekends are not known', [
      { labels: {}, value: now.calendarYearsMissing },
    ]),
  ].join('');
}

function metric(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelsOf(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/[\\"\n]/g, '_')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
