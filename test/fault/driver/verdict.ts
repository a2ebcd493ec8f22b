import { publicKeyOfSigner, auditOrigin, verifyAuditDirectory } from '@zhida/audit-log';
import { createSequencer } from '@zhida/audit-log/postgres';
import { reconcileLedger } from '@zhida/relay';
import type { MoodyAgency } from './agency.js';
import type { Stack } from './stack.js';

/** What a press was answered with. */
export interface Answered {
  readonly reportId: string;
  readonly number: string;
}

/** What is wrong, in sentences with ids; `[]` is what a relay owes. */
export interface Verdict {
  readonly lost: string[];
  readonly false: string[];
  readonly duplicate: string[];
  readonly attempts: number;
  readonly accepted: number;
  readonly feedback: number;
  readonly calls: number;
}

/** What the relays have answered for. */
export interface Told {
  readonly answered: ReadonlyMap<string, Answered>;
  /** Ids of telephone calls. */
  readonly calls: ReadonlySet<string>;
}

/** What is held against it. */
export interface Judged extends Pick<Stack, 'ledger' | 'relayKeys' | 'auditDirectory'> {
  readonly agencies: readonly Pick<MoodyAgency, 'truth' | 'conflicts'>[];
}

interface Shown {
  readonly delivery_id: string;
  readonly state: 'open' | 'attested' | 'stored' | 'accepted';
}

/** Deliveries the ledger shows as further than their agency truly is. The ledger is read first: truth only grows. */
export async function shownFalsely({ ledger, agencies }: Pick<Judged, 'ledger' | 'agencies'>): Promise<string[]> {
  const { rows } = await ledger.pool.query<Shown>(`select delivery_id, state from deliveries where state <> 'open'`);
  const stored = (id: string): boolean => agencies.some(({ truth }) => truth.stored.has(id));
  const accepted = (id: string): boolean => agencies.some(({ truth }) => truth.accepted.has(id));
  return rows
    .filter(({ delivery_id: id, state }) => !stored(id) || (state === 'accepted' && !accepted(id)) || state === 'attested')
    .map(({ delivery_id: id, state }) => `${id} is shown as ${state}`);
}

/** Holds the healed ledger and the agencies' inboxes against what was answered. */
export async function judge(stack: Judged, { answered, calls }: Told): Promise<Verdict> {
  const { ledger, agencies } = stack;
  const effects = agencies.map((agency) => effectsAt(agency, answered));
  const conflicts = await Promise.all(agencies.map(async (agency) => agency.conflicts()));
  const { rows } = await ledger.pool.query<{ attempts: number }>('select count(*) as attempts from attempts');
  const sum = (of: 'accepted' | 'feedback'): number => agencies.reduce((total, { truth }) => total + truth[of].size, 0);
  return {
    lost: [
      ...(await pressesLost(stack, answered)),
      ...effects.flatMap(({ lost }) => lost),
      ...(await statementsLost(stack)),
      ...(await callsLost(stack, calls)),
      ...(await reconcileLedger(ledger.pool)).differences.map(({ what, count }) => `${what}: ${count}`),
      ...(await auditBroken(stack)),
    ],
    false: await shownFalsely(stack),
    duplicate: [
      ...effects.flatMap(({ duplicate }) => duplicate),
      ...conflicts.filter((count) => count > 0).map((count) => `${count} deliveries of one agency came with other bytes`),
    ],
    attempts: rows[0]?.attempts ?? 0,
    accepted: sum('accepted'),
    feedback: sum('feedback'),
    calls: calls.size,
  };
}

/** Every press that was answered is the report the answer named. */
async function pressesLost({ ledger }: Judged, answered: ReadonlyMap<string, Answered>): Promise<string[]> {
  const { rows } = await ledger.pool.query<{ press_id: string; report_id: string; number: string }>(
    'select press_id, report_id, number from reports',
  );
  const byPress = new Map(rows.map((report) => [report.press_id, `${report.report_id} ${report.number}`]));
  return [...answered]
    .filter(([pressId, { reportId, number }]) => byPress.get(pressId) !== `${reportId} ${number}`)
    .map(([pressId]) => `press ${pressId}`);
}

/** Every answered report has one effect at an agency, under one receipt. */
function effectsAt(
  { truth }: Pick<MoodyAgency, 'truth'>,
  answered: ReadonlyMap<string, Answered>,
): { lost: string[]; duplicate: string[] } {
  const counts = new Map<string, number>();
  for (const reportId of truth.stored.values()) counts.set(reportId, (counts.get(reportId) ?? 0) + 1);
  const reports = [...answered.values()].map(({ reportId }) => reportId);
  return {
    lost: reports.filter((reportId) => !counts.has(reportId)).map((reportId) => `report ${reportId} at an agency`),
    duplicate: [
      ...reports
        .filter((reportId) => (counts.get(reportId) ?? 0) > 1)
        .map((reportId) => `report ${reportId} has several deliveries at one agency`),
      ...[...truth.contradicted].map((deliveryId) => `${deliveryId} has several receipts`),
    ],
  };
}

/** Every acceptance and every feedback an officer gave has reached the ledger. */
async function statementsLost({ ledger, agencies }: Judged): Promise<string[]> {
  const { rows: states } = await ledger.pool.query<Shown>('select delivery_id, state from deliveries');
  const stateOf = new Map(states.map(({ delivery_id: id, state }) => [id, state]));
  const { rows: known } = await ledger.pool.query<{ feedback_id: string }>('select feedback_id from feedback');
  const feedback = new Set(known.map(({ feedback_id: id }) => id));
  return agencies.flatMap(({ truth }) => [
    ...[...truth.stored.keys()].filter((id) => stateOf.get(id) === 'open').map((id) => `the receipt of ${id}`),
    ...[...truth.accepted].filter((id) => stateOf.get(id) !== 'accepted').map((id) => `the acceptance of ${id}`),
    ...[...truth.feedback].filter((id) => !feedback.has(id)).map((id) => `feedback ${id}`),
  ]);
}

/** Every call that was answered for is beside its report. */
async function callsLost({ ledger }: Judged, calls: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await ledger.pool.query<{ call_id: string }>('select call_id from calls');
  const known = new Set(rows.map(({ call_id: id }) => id));
  return [...calls].filter((id) => !known.has(id)).map((id) => `call ${id}`);
}

/** The last entries get their leaves here, as the next relay would give them; then the files must prove themselves. */
async function auditBroken({ ledger, relayKeys, auditDirectory }: Judged): Promise<string[]> {
  const name = auditOrigin(relayKeys);
  const signer = { name, privateKey: relayKeys.signingKey.privateKey };
  const sequencer = createSequencer({ pool: ledger.pool, directory: auditDirectory, origin: name, signer });
  await sequencer.runOnce();
  await sequencer.stop();
  const result = await verifyAuditDirectory(auditDirectory, { publicKeys: [publicKeyOfSigner(signer)] });
  return result.ok ? [] : ['the audit log does not prove itself'];
}
