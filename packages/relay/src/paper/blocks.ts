import { invariant, ZhidaError } from '@zhida/core';
import { formatPaperNumber, type PaperNumber, parsePaperNumber } from '@zhida/report';
import { sql } from 'kysely';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Reader, type Tenant } from '../ledger/context.js';
import type { RelayProfile } from '../options.js';

/** What paper numbers are made of. */
export interface PaperContext {
  readonly ledger: LedgerContext;
  readonly profile: RelayProfile;
}

/** A block of numbers, and what became of them. */
export interface PaperBlock {
  readonly first: string;
  readonly last: string;
  readonly count: number;
  readonly handedTo: string;
  readonly handedOutAt: string;
  readonly entered: number;
  readonly void: number;
  /** Passed over: a later form of the block was entered, this one was not. */
  readonly gaps: readonly string[];
}

/** What became of one number. */
export interface PaperNumberState {
  readonly number: string;
  readonly state: 'open' | 'entered' | 'void';
  /** The report it was entered as, and that report's own number. */
  readonly reportId: string | null;
  readonly reportNumber: string | null;
}

/** Most forms in one block: a pad, not a year. */
export const BLOCK_MAX = 500;

/** Hands out the next numbers of this facility; no number is ever in two blocks. */
export async function handOutBlock(
  tenant: Tenant,
  context: PaperContext,
  { count, handedTo, by }: { readonly count: number; readonly handedTo: string; readonly by: string },
): Promise<PaperBlock> {
  const { ledger } = context;
  const { first, last } = await ledger.db.transaction().execute(async (tx) => {
    const raised = await sql<{ last: number }>`
      insert into paper_serials as serials (facility, last) values (${tenant}, ${count})
      on conflict (facility) do update set last = serials.last + ${count} returning last`.execute(tx);
    const end = raised.rows[0]?.last;
    invariant(end !== undefined, 'an upsert returns its row');
    const block = { facility: tenant, first: end - count + 1, last: end, handed_to: handedTo };
    await tx
      .insertInto('paper_blocks')
      .values({ ...block, handed_out_at: dateNow(ledger.clock), handed_out_by: by })
      .execute();
    const subject = { facility: tenant, first: numberOf(tenant, context, block.first), last: numberOf(tenant, context, end) };
    await audit(tx, ledger, { actor: by, action: 'paper.handed-out', subject });
    return block;
  });
  const blocks = await listBlocks(tenant, context);
  const block = blocks.find((candidate) => candidate.first === numberOf(tenant, context, first));
  invariant(block !== undefined, `a block of ${last - first + 1} was just written`);
  return block;
}

/** Every block of this facility, oldest first. */
export async function listBlocks(tenant: Tenant, context: PaperContext): Promise<PaperBlock[]> {
  const { rows } = await sql<{
    first: number;
    last: number;
    handed_to: string;
    handed_out_at: Date;
    entered: number;
    voided: number;
    gaps: number[];
  }>`
    select block.first, block.last, handed_to, handed_out_at,
      count(used.report_id)::integer as entered, count(used.void_reason)::integer as voided,
      array(select serial from generate_series(block.first, block.last) as serial
        where serial < (select max(n.serial) from paper_numbers n where n.facility = block.facility and n.report_id is not null
            and n.serial between block.first and block.last)
          and not exists (select from paper_numbers n where n.facility = block.facility and n.serial = serial.serial)
        order by serial) as gaps
    from paper_blocks block
      left join paper_numbers used on used.facility = block.facility and used.serial between block.first and block.last
    where block.facility = ${tenant}
    group by block.facility, block.first order by block.first`.execute(context.ledger.db);
  return rows.map((row) => ({
    first: numberOf(tenant, context, row.first),
    last: numberOf(tenant, context, row.last),
    count: row.last - row.first + 1,
    handedTo: row.handed_to,
    handedOutAt: row.handed_out_at.toISOString(),
    entered: row.entered,
    void: row.voided,
    gaps: row.gaps.map((serial) => numberOf(tenant, context, serial)),
  }));
}

/**
 * What became of a number, so that a screen can say so before a form is typed in.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` for a number in no block of this facility.
 */
export async function findPaperNumber(tenant: Tenant, context: PaperContext, text: string): Promise<PaperNumberState> {
  const { db } = context.ledger;
  const serial = await serialOf(tenant, db, context.profile, text);
  if (serial === undefined) throw unknownNumber();
  const row = await db
    .selectFrom('paper_numbers')
    .leftJoin('reports', 'reports.report_id', 'paper_numbers.report_id')
    .select(['paper_numbers.report_id', 'number'])
    .where('paper_numbers.facility', '=', tenant)
    .where('serial', '=', serial)
    .executeTakeFirst();
  const state = row === undefined ? 'open' : row.report_id === null ? 'void' : 'entered';
  return { number: numberOf(tenant, context, serial), state, reportId: row?.report_id ?? null, reportNumber: row?.number ?? null };
}

/**
 * Strikes a number off: its form was spoilt, or never written.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` for a number in no block; `ZD_ERR_CONFLICT` if it was entered or struck off before.
 */
export async function voidPaperNumber(
  tenant: Tenant,
  context: PaperContext,
  { text, reason, by }: { readonly text: string; readonly reason: string; readonly by: string },
): Promise<void> {
  const { ledger, profile } = context;
  await ledger.db.transaction().execute(async (tx) => {
    const serial = await serialOf(tenant, tx, profile, text);
    if (serial === undefined) throw unknownNumber();
    const settled = { facility: tenant, serial, report_id: null, settled_at: dateNow(ledger.clock), settled_by: by, void_reason: reason };
    const { numInsertedOrUpdatedRows: written } = await tx
      .insertInto('paper_numbers')
      .values(settled)
      .onConflict((on) => on.doNothing())
      .executeTakeFirstOrThrow();
    if (written === 0n) throw new ZhidaError('ZD_ERR_CONFLICT', 'this number was entered or struck off before', { at: 'number' });
    await audit(tx, ledger, { actor: by, action: 'paper.void', subject: { facility: tenant, number: numberOf(tenant, context, serial) } });
  });
}

function unknownNumber(): ZhidaError {
  return new ZhidaError('ZD_ERR_NOT_FOUND', 'no block of this facility has this number', { at: 'number' });
}

function numberOf(tenant: Tenant, { profile }: Pick<PaperContext, 'profile'>, serial: number): string {
  const hospitalIndex = profile.hospitalIndex[tenant];
  invariant(hospitalIndex !== undefined, 'every facility of this relay has its index');
  return formatPaperNumber({ regionCode: profile.regionCode, hospitalIndex, serial });
}

/** The serial of a typed number; `undefined` if it is none, of another hospital, or in no block. */
export async function serialOf(tenant: Tenant, db: Reader, profile: RelayProfile, text: string): Promise<number | undefined> {
  const parts: PaperNumber | undefined = parsePaperNumber(text);
  if (parts === undefined || parts.regionCode !== profile.regionCode || parts.hospitalIndex !== profile.hospitalIndex[tenant])
    return undefined;
  const block = await db
    .selectFrom('paper_blocks')
    .select('first')
    .where('facility', '=', tenant)
    .where('first', '<=', parts.serial)
    .where('last', '>=', parts.serial)
    .executeTakeFirst();
  return block === undefined ? undefined : parts.serial;
}
