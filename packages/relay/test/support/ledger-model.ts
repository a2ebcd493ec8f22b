import { createId } from '@zhida/core';
import type { ReceiptStage } from '@zhida/signing';
import { expect } from 'vitest';
import type { DeliveryState } from '../../src/index.js';
import { FACILITY, type Fixture } from './fixture.js';
import { postReceipt } from './receipts.js';
import { type Arrival, type Behaviour, answers } from './scripted-agency.js';

const RANKS: readonly DeliveryState[] = ['open', 'attested', 'stored', 'accepted'];

/** One delivery as the world outside the relay knows it: what was given as proof of it, and what the relay has confirmed. */
export interface Known {
  readonly deliveryId: string;
  readonly reportId: string;
  readonly party: string;
  readonly kind: string;
  /** The furthest proof anybody has signed for it: no screen may say more. */
  given: DeliveryState;
  /** The furthest proof the relay has answered for: no screen may say less. */
  confirmed: DeliveryState;
}

/** What one run of events has made true outside the relay. It is told by agencies and operators alone, never by the ledger. */
export interface World {
  readonly fixture: Fixture;
  readonly known: Known[];
  readonly feedback: string[];
  /** Telephone calls the relay has answered for. */
  readonly calls: string[];
}

export type Mood = 'stores' | 'accepts' | 'stores-unheard' | 'refuses' | 'gone' | 'breaks' | 'says-ok' | 'wrong-hash' | 'wrong-signer';
export const MOODS: readonly Mood[] = [
  'stores',
  'accepts',
  'stores-unheard',
  'refuses',
  'gone',
  'breaks',
  'says-ok',
  'wrong-hash',
  'wrong-signer',
];

function furthest(one: DeliveryState, other: DeliveryState): DeliveryState {
  return RANKS.indexOf(one) < RANKS.indexOf(other) ? other : one;
}

/** Design 4.3: an error notice is closed by 已停止使用 alone, everything else by 已受理. */
function provedBy(stage: ReceiptStage, kind: string): DeliveryState {
  return stage === (kind === 'error-notice' ? 'stopped-using' : 'accepted') ? 'accepted' : 'stored';
}

function give(known: Known, state: DeliveryState): void {
  known.given = furthest(known.given, state);
}

export function confirm(known: Known, state: DeliveryState): void {
  give(known, state);
  known.confirmed = furthest(known.confirmed, state);
}

/** An agency of this mood. What it signs is noted before it is sent, because nobody knows whether it is heard. */
export function behaviourOf(world: World, mood: Mood): Behaviour {
  const { fixture } = world;
  const sign = async (arrival: Arrival, agency: Fixture['police'], stage: 'stored' | 'accepted'): Promise<string> => {
    const known = world.known.find(({ deliveryId }) => deliveryId === arrival.claims.deliveryId);
    if (known !== undefined) give(known, provedBy(stage, known.kind));
    return agency.receipt(arrival, stage === 'stored' ? {} : { stage, receiptId: createId('rcp') });
  };
  const jose = { 'content-type': 'application/jose' };
  switch (mood) {
    case 'stores':
      return async (arrival, response, agency) => void response.writeHead(200, jose).end(await sign(arrival, agency, 'stored'));
    case 'accepts':
      return async (arrival, response, agency) => void response.writeHead(200, jose).end(await sign(arrival, agency, 'accepted'));
    case 'stores-unheard':
      return async (arrival, response, agency) => {
        await sign(arrival, agency, 'stored');
        response.destroy();
      };
    case 'refuses':
      return answers(503);
    case 'gone':
      return answers(410);
    case 'breaks':
      return (_arrival, response) => void response.destroy();
    case 'says-ok':
      return answers(200, { 'content-type': 'application/json' }, '{"ok":true}');
    case 'wrong-hash':
      return async (arrival, response, agency) =>
        void response
          .writeHead(200, jose)
          .end(await agency.receipt(arrival, { payloadSha256: '0'.repeat(64), stage: 'accepted', receiptId: createId('rcp') }));
    case 'wrong-signer':
      return async (arrival, response, agency) => {
        const keys = agency === fixture.police ? fixture.parties.civilAffairs : fixture.parties.police;
        response.writeHead(200, jose).end(await agency.receipt(arrival, { stage: 'accepted', receiptId: createId('rcp') }, keys));
      };
  }
}

/** Posts a receipt of what has arrived there; one that was never sent there has no hash to name. */
export async function receipt(world: World, known: Known, stage: ReceiptStage): Promise<void> {
  const { fixture } = world;
  const { arrivals, keys } = known.party === fixture.police.keys.party ? fixture.police : fixture.civilAffairs;
  const arrival = arrivals.find(({ claims }) => claims.deliveryId === known.deliveryId);
  if (arrival === undefined) return;
  give(known, provedBy(stage, known.kind));
  const { statusCode } = await postReceipt(fixture, arrival, { stage }, keys);
  expect(statusCode).toBe(200);
  confirm(known, provedBy(stage, known.kind));
}

interface DeliveryFacts {
  delivery_id: string;
  state: DeliveryState;
  hold_reason: string | null;
  audited: number;
}

/** The invariants, read from the ledger, from the status a reporter sees, and from the stream's last row. */
export async function check({ fixture, known, feedback, calls }: World): Promise<void> {
  if (known.length === 0) return;
  const ids = known.map(({ deliveryId }) => deliveryId);
  const { rows } = await fixture.database.pool.query<DeliveryFacts>(
    `select delivery_id, state, hold_reason,
       (select count(*) from receipts r where r.delivery_id = d.delivery_id and kind in ('receipt', 'attestation')) as audited
     from deliveries d where delivery_id = any($1)`,
    [ids],
  );
  // INV-2: nothing is lost, and nothing is closed without proof (INV-5).
  expect(rows.map((row) => row.delivery_id).toSorted()).toEqual(ids.toSorted());
  for (const row of rows) {
    const of = known.find(({ deliveryId }) => deliveryId === row.delivery_id);
    if (of === undefined) throw new Error('the ledger told of another delivery');
    const between = [of.confirmed, row.state, of.given].map((state) => RANKS.indexOf(state));
    expect(between, `${of.confirmed} ≤ ${row.state} ≤ ${of.given}`).toEqual(between.toSorted((a, b) => a - b));
    expect(row.state === 'open' || row.audited > 0).toBe(true);
  }
  for (const reportId of new Set(known.map((of) => of.reportId))) {
    const status = await fixture.relay.ledger.status(FACILITY, reportId);
    const states = new Map(rows.map((row) => [row.delivery_id, row.state]));
    expect(status?.lines.map((line) => line.state)).toEqual(status?.lines.map((line) => states.get(line.deliveryId)));
    const police = status?.lines.find(({ recipient }) => recipient.kind === 'police')?.state ?? 'open';
    expect(status?.headline).toBe(police === 'open' ? 'submitted' : police);
    const { rows: last } = await fixture.database.pool.query(
      'select status from report_events where report_id = $1 order by version desc limit 1',
      [reportId],
    );
    expect(last[0]?.status.lines.map((line: { state: string }) => line.state)).toEqual(status?.lines.map((line) => line.state));
  }
  const { rows: kept } = await fixture.database.pool.query('select feedback_id from feedback where feedback_id = any($1)', [feedback]);
  expect(kept).toHaveLength(feedback.length);
  const { rows: logged } = await fixture.database.pool.query('select call_id from calls where call_id = any($1)', [calls]);
  expect(logged).toHaveLength(calls.length);
}
