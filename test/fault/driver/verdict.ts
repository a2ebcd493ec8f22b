import { auditOrigin, publicKeyOfSigner, verifyAuditDirectory } from '@zhida/audit-log';
import { createSequencer } from '@zhida/audit-log/postgres';
import { reconcileLedger } from '@zhida/relay';
import type { MoodyAgency } from './agency.js';
import { everShown, type Shown, shownFalsely } from './shown.js';
import type { Stack } from './stack.js';

/** What a press was answered with. */
export interface Answered {
  readonly reportId: string;
  readonly number: string;
  /** Of a later report of a case: its first. */
  readonly chainId?: string;
}

/** What is wrong, in sentences with ids; `[]` is what a relay owes. */
export interface Verdict {
  readonly lost: string[];
  readonly false: string[];
  readonly duplicate: string[];
  readonly counts: VerdictCounts;
}

/** What there was of everything, none of it missing where nothing is lost. */
export interface VerdictCounts {
  readonly attempts: number;
  readonly accepted: number;
  readonly stopped: number;
  readonly feedback: number;
  readonly calls: number;
  /** Follow-ups, corrections and error notices. */
  readonly later: number;
  readonly attachments: number;
  readonly attestations: number;
  /** States of deliveries that were shown, each held against what was true then. */
  readonly shown: number;
  /** Of them those that somebody asked a relay for. */
  readonly seen: number;
  readonly saidTwice: number;
  readonly outOfOrder: number;
}

/** What the relays have answered for, and what they showed to those who asked. */
export interface Told {
  readonly answered: ReadonlyMap<string, Answered>;
  /** Ids of telephone calls. */
  readonly calls: ReadonlySet<string>;
  /** Attachment id → its report and the SHA-256 of its bytes, lower-case hex. */
  readonly attachments: ReadonlyMap<string, { readonly reportId: string; readonly sha256: string }>;
  /** Delivery id → epoch milliseconds at which a person began to say that it was handed over. */
  readonly attested: ReadonlyMap<string, number>;
  readonly seen: readonly Shown[];
}

/** What is held against it. */
export interface Judged extends Pick<Stack, 'ledger' | 'relayKeys' | 'auditDirectory'> {
  readonly agencies: readonly Pick<MoodyAgency, 'truth' | 'conflicts' | 'getsAttachments' | 'attachmentsOf' | 'saidTwice'>[];
}

/** Holds the healed ledger and the agencies' inboxes against what was answered. */
export async function judge(stack: Judged, told: Told): Promise<Verdict> {
  const { ledger, agencies } = stack;
  const effects = agencies.map((agency) => effectsAt(agency, told.answered));
  const conflicts = await Promise.all(agencies.map(async (agency) => agency.conflicts()));
  const shown = [...(await everShown(ledger.pool)), ...told.seen];
  return {
    lost: [
      ...(await pressesLost(stack, told.answered)),
      ...effects.flatMap(({ lost }) => lost),
      ...(await statementsLost(stack)),
      ...(await attestationsLost(stack, told.attested)),
      ...(await callsLost(stack, told.calls)),
      ...(await attachmentsLost(stack, told.attachments)),
      ...(await reconcileLedger(ledger.pool)).differences.map(({ what, count }) => `${what}: ${count}`),
      ...(await auditBroken(stack)),
    ],
    false: shownFalsely(shown, { agencies, attested: told.attested }),
    duplicate: [
      ...effects.flatMap(({ duplicate }) => duplicate),
      ...conflicts.filter((count) => count > 0).map((count) => `${count} deliveries of one agency came with other bytes`),
      ...(await statementsTwice(stack)),
    ],
    counts: { ...(await countsOf(stack, told)), shown: shown.length },
  };
}

async function countsOf({ ledger, agencies }: Judged, told: Told): Promise<Omit<VerdictCounts, 'shown'>> {
  const { rows } = await ledger.pool.query<{ attempts: number }>('select count(*) as attempts from attempts');
  const sum = (of: (agency: Judged['agencies'][number]) => number): number => agencies.reduce((total, agency) => total + of(agency), 0);
  const acts = (stage: string): number => sum(({ truth }) => [...truth.acts.values()].filter((act) => act.stage === stage).length);
  return {
    attempts: rows[0]?.attempts ?? 0,
    accepted: acts('accepted'),
    stopped: acts('stopped-using'),
    feedback: sum(({ truth }) => truth.feedback.size),
    calls: told.calls.size,
    later: [...told.answered.values()].filter(({ chainId }) => chainId !== undefined).length,
    attachments: told.attachments.size,
    attestations: told.attested.size,
    seen: told.seen.length,
    saidTwice: sum((agency) => agency.saidTwice()),
    outOfOrder: sum(({ truth }) => truth.outOfOrder),
  };
}

/** Every press that was answered is the report the answer named, in the case it belongs to. */
async function pressesLost({ ledger }: Judged, answered: ReadonlyMap<string, Answered>): Promise<string[]> {
  const { rows } = await ledger.pool.query<{ press_id: string; report_id: string; number: string; chain_id: string }>(
    'select press_id, report_id, number, chain_id from reports',
  );
  const byPress = new Map(rows.map((report) => [report.press_id, `${report.report_id} ${report.number} ${report.chain_id}`]));
  return [...answered]
    .filter(([pressId, { reportId, number, chainId = reportId }]) => byPress.get(pressId) !== `${reportId} ${number} ${chainId}`)
    .map(([pressId]) => `press ${pressId}`);
}

/** Every answered report has one effect at an agency, under one receipt. */
function effectsAt(
  { truth }: Pick<MoodyAgency, 'truth'>,
  answered: ReadonlyMap<string, Answered>,
): { lost: string[]; duplicate: string[] } {
  const counts = new Map<string, number>();
  for (const { reportId } of truth.stored.values()) counts.set(reportId, (counts.get(reportId) ?? 0) + 1);
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

/** Every receipt and every feedback of an agency has reached the ledger, and each has moved its delivery. */
async function statementsLost({ ledger, agencies }: Judged): Promise<string[]> {
  const { rows: states } = await ledger.pool.query<{ delivery_id: string; state: string }>('select delivery_id, state from deliveries');
  const stateOf = new Map(states.map(({ delivery_id: id, state }) => [id, state]));
  const feedback = await idsOf(ledger, 'select feedback_id as id from feedback');
  const receipts = await idsOf(ledger, `select receipt_id as id from receipts where kind = 'receipt'`);
  return agencies.flatMap(({ truth }) => [
    ...[...truth.stored.keys()].filter((id) => stateOf.get(id) === 'open').map((id) => `the receipt of ${id}`),
    ...[...truth.closed.keys()].filter((id) => stateOf.get(id) !== 'accepted').map((id) => `what closes ${id}`),
    ...[...truth.acts].filter(([id]) => !receipts.has(id)).map(([, { stage, deliveryId }]) => `the receipt ${stage} of ${deliveryId}`),
    ...[...truth.feedback].filter((id) => !feedback.has(id)).map((id) => `feedback ${id}`),
  ]);
}

/** An agency says each stage once, so that the ledger has it once, however often and in whatever order it came. */
async function statementsTwice({ ledger }: Judged): Promise<string[]> {
  const { rows } = await ledger.pool.query<{ delivery_id: string; stage: string }>(
    `select delivery_id, stage from receipts where kind = 'receipt' group by delivery_id, stage having count(*) > 1`,
  );
  return rows.map(({ delivery_id: id, stage }) => `the receipt ${stage} of ${id} is in the ledger more than once`);
}

async function attestationsLost({ ledger }: Judged, attested: ReadonlyMap<string, number>): Promise<string[]> {
  const known = await idsOf(ledger, `select delivery_id as id from receipts where kind = 'attestation'`);
  return [...attested.keys()].filter((id) => !known.has(id)).map((id) => `the attestation of ${id}`);
}

/** Every call that was answered for is beside its report. */
async function callsLost({ ledger }: Judged, calls: ReadonlySet<string>): Promise<string[]> {
  const known = await idsOf(ledger, 'select call_id as id from calls');
  return [...calls].filter((id) => !known.has(id)).map((id) => `call ${id}`);
}

/** Every attachment that was answered for is byte for byte at each agency that is to see it, and the ledger has the agency's word for it. */
async function attachmentsLost({ ledger, agencies: all }: Judged, attachments: Told['attachments']): Promise<string[]> {
  const agencies = all.filter((agency) => agency.getsAttachments);
  const { rows } = await ledger.pool.query<{ attachment_id: string; signed: number }>(
    'select attachment_id, count(*) as signed from attachment_receipts group by attachment_id',
  );
  const signed = new Map(rows.map((row) => [row.attachment_id, row.signed]));
  const lost = [...attachments.keys()].filter((id) => signed.get(id) !== agencies.length).map((id) => `a receipt of attachment ${id}`);
  for (const agency of agencies) {
    const deliveryOf = new Map([...agency.truth.stored].map(([deliveryId, { reportId }]) => [reportId, deliveryId]));
    for (const [id, { reportId, sha256 }] of attachments) {
      const held = await agency.attachmentsOf(deliveryOf.get(reportId) ?? '');
      if (held.get(id) !== sha256) lost.push(`attachment ${id} at an agency`);
    }
  }
  return lost;
}

async function idsOf({ pool }: Judged['ledger'], query: string): Promise<ReadonlySet<string>> {
  return new Set((await pool.query<{ id: string }>(query)).rows.map(({ id }) => id));
}

/** The last entries get their leaves here, as the next relay would give them; then the files must prove themselves. */
async function auditBroken({ ledger, relayKeys, auditDirectory }: Judged): Promise<string[]> {
  const name = auditOrigin(relayKeys);
  const signer = { name, privateKey: relayKeys.signingKey.privateKey };
  const sequencer = createSequencer({ pool: ledger.pool, directory: auditDirectory, origin: name, signer });
  try {
    await sequencer.runOnce();
    const result = await verifyAuditDirectory(auditDirectory, { publicKeys: [publicKeyOfSigner(signer)] });
    return result.ok ? [] : ['the audit log does not prove itself'];
  } catch (error) {
    return [`the audit log cannot be gone on with: ${(error as { code?: string }).code ?? 'unknown'}`];
  } finally {
    await sequencer.stop();
  }
}
