import type { ProfileRecipient } from '@zhida/packs';
import type { GatewayContext } from '../context.js';
import type { DeskLine, DeskRelay, DeskReport } from './desk-relay.js';
import { heldPresses, pressedWhere } from './held.js';

/** How far the police, or civil affairs, are: the furthest of their lines. */
export type LineMark = 'none' | 'held' | 'by-hand' | 'open' | 'stored' | 'attested' | 'accepted';
/** What a person does next about a row. */
export type NextStep = 'held' | 'refused' | 'call' | 'call-again' | 'attest' | 'urge' | 'wait';

/** One row of the desk; nothing of a child. */
export interface DeskRow {
  /** `null` for a press the relay has not taken. */
  readonly reportId: string | null;
  readonly number: string | null;
  readonly kind: string;
  readonly mode: string;
  readonly departments: readonly string[];
  readonly pressedAtMs: number;
  readonly police: LineMark;
  readonly civilAffairs: LineMark;
  readonly next: NextStep;
  /** The number to call. */
  readonly phone: string;
}

export interface DeskRows {
  readonly rows: readonly DeskRow[];
  /** Older reports wait too. */
  readonly more: boolean;
}

/** 110 is answered everywhere; a station's own number is the profile's. */
export const EMERGENCY = '110';
const RANKS: readonly LineMark[] = ['none', 'held', 'by-hand', 'open', 'stored', 'attested', 'accepted'];

/** All that waits for the police, from the ledger. @throws ZhidaError as {@link DeskRelay} */
export async function waitingRows(context: GatewayContext, relay: DeskRelay): Promise<DeskRows> {
  const { reports, more } = await relay.waiting();
  const pressed = await pressedWhere(
    context,
    reports.map(({ reportId }) => reportId),
  );
  return { rows: reports.map((report) => rowOf(context, report, pressed.get(report.reportId))), more };
}

/** What waits in this gateway, so that no press is unseen while the relay is away (INV-2). */
export async function heldRows(context: GatewayContext): Promise<DeskRow[]> {
  const held = await heldPresses(context);
  return held.map(({ departments, pressedAtMs, exercise, refused }) => ({
    reportId: null,
    number: null,
    kind: 'initial',
    mode: exercise ? 'exercise' : context.mode,
    departments,
    pressedAtMs,
    police: 'none',
    civilAffairs: 'none',
    next: refused ? 'refused' : 'held',
    phone: EMERGENCY,
  }));
}

interface Pressed {
  readonly departments: readonly string[];
  readonly pressedAtMs: number;
}

/** The row of one report. */
export function rowOf(context: GatewayContext, report: DeskReport, pressed?: Pressed): DeskRow {
  const { reportId, number, kind, mode, lines, createdAt } = report;
  return {
    reportId,
    number,
    kind,
    mode,
    departments: pressed?.departments ?? [],
    pressedAtMs: Math.min(pressed?.pressedAtMs ?? Infinity, Date.parse(createdAt)),
    police: markOf(lines, 'police'),
    civilAffairs: markOf(lines, 'civil-affairs'),
    next: nextStep(report),
    phone: toldByPhone(context, report).find(({ kind: told }) => told === 'police')?.phone ?? EMERGENCY,
  };
}

/** Those who were told and have a telephone, in the order of the profile. */
export function toldByPhone({ profile }: GatewayContext, { lines }: DeskReport): ProfileRecipient[] {
  const told = new Set(lines.map(({ recipient }) => recipient.party));
  return profile.recipients
    .filter(({ party, phone }) => phone !== '' && told.has(party))
    .toSorted((one, other) => one.priority - other.priority);
}

function markOf(lines: readonly DeskLine[], kind: string): LineMark {
  const marks = lines.filter(({ recipient }) => recipient.kind === kind).map(markOfLine);
  return marks.reduce<LineMark>((far, mark) => (RANKS.indexOf(mark) > RANKS.indexOf(far) ? mark : far), 'none');
}

/** An attestation stops the escalation, also where the system has the report too. */
export function markOfLine({ state, attestedAt, holdReason }: DeskLine): LineMark {
  if (state === 'accepted') return 'accepted';
  if (attestedAt !== null) return 'attested';
  if (state !== 'open' || holdReason === null || holdReason === 'pull') return state;
  return holdReason === 'no-system' ? 'by-hand' : 'held';
}

function nextStep({ lines, calls }: DeskReport): NextStep {
  if (!calls.some(({ outcome }) => outcome === 'answered')) return calls.length === 0 ? 'call' : 'call-again';
  const police = lines.filter(({ recipient }) => recipient.kind === 'police');
  if (police.some(({ attestable }) => attestable)) return 'attest';
  return police.some(({ state }) => state === 'stored') ? 'urge' : 'wait';
}
