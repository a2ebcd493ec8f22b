import { asUnavailable } from '@zhida/database';
import type { Tenant } from '../ledger/context.js';
import type { IntakeContext } from './accept.js';
import { type ReportToWrite, type WrittenReport, writeReports } from './write-report.js';

/** Writes reports; a promise that resolves is a report that is committed (INV-1). */
export interface ReportWriter {
  /** @throws what the transaction of this report threw. */
  write(tenant: Tenant, context: IntakeContext, toWrite: ReportToWrite): Promise<WrittenReport>;
}

interface Waiting {
  readonly context: IntakeContext;
  readonly toWrite: ReportToWrite;
  readonly settle: { readonly resolve: (written: WrittenReport) => void; readonly reject: (error: unknown) => void };
}

interface Lane {
  readonly waiting: Waiting[];
  underWay: number;
}

/** More would make the last of them wait for the first. */
const TOGETHER_MAX = 32;
/** A transaction that hangs must not hold up the presses behind it: after this time another begins beside it. */
const PATIENCE_MS = 500;

/**
 * Presses of one hospital wait for one another in any case, for the row that gives their numbers. So those that come while a
 * transaction is under way share the next one: one commit makes all of them durable, and none is answered before it.
 */
export function createReportWriter(): ReportWriter {
  const lanes = new Map<Tenant, Lane>();

  function laneOf(tenant: Tenant): Lane {
    const lane = lanes.get(tenant) ?? { waiting: [], underWay: 0 };
    lanes.set(tenant, lane);
    return lane;
  }

  async function writeOn(tenant: Tenant, lane: Lane): Promise<void> {
    lane.underWay += 1;
    for (let group = takeGroup(lane.waiting); group !== undefined; group = takeGroup(lane.waiting)) await writeGroup(tenant, group);
    lane.underWay -= 1;
  }

  return {
    write(tenant, context, toWrite) {
      if (goesAlone(toWrite)) return writeAlone(tenant, { context, toWrite });
      const lane = laneOf(tenant);
      return new Promise((resolve, reject) => {
        const waiting: Waiting = { context, toWrite, settle: { resolve, reject } };
        lane.waiting.push(waiting);
        if (lane.underWay === 0) return void writeOn(tenant, lane);
        setTimeout(() => {
          if (lane.waiting.includes(waiting)) void writeOn(tenant, lane);
        }, PATIENCE_MS).unref();
      });
    },
  };
}

/** Its place in a chain, or its paper form, may be what another transaction is writing just now: it waits for that one by itself. */
function goesAlone({ pressed: { report } }: ReportToWrite): boolean {
  const named = report.chain?.id ?? report.reportId;
  return named !== report.reportId || report.paper?.number !== undefined;
}

/** The numbers of a transaction are those of one day. */
function takeGroup(waiting: Waiting[]): [Waiting, ...Waiting[]] | undefined {
  const [first] = waiting;
  if (first === undefined) return undefined;
  const { day } = first.toWrite.today;
  const other = waiting.findIndex(({ toWrite }) => toWrite.today.day !== day);
  const [head = first, ...rest] = waiting.splice(0, Math.min(TOGETHER_MAX, other < 0 ? waiting.length : other));
  return [head, ...rest];
}

/** Never rejects. What one report alone is refused for must not cost the others their commit, so then each is written by itself. */
async function writeGroup(tenant: Tenant, group: readonly [Waiting, ...Waiting[]]): Promise<void> {
  const [first, ...others] = group;
  const { context } = first;
  try {
    const written = await context.ledger.db
      .transaction()
      .execute(async (tx) => writeReports(tenant, tx, context, [first.toWrite, ...others.map(({ toWrite }) => toWrite)]));
    for (const [index, report] of written.entries()) group[index]?.settle.resolve(report);
  } catch (error) {
    if (others.length === 0 || asUnavailable(error) !== undefined) for (const { settle } of group) settle.reject(error);
    else await Promise.all(group.map(async (each) => writeAlone(tenant, each).then(each.settle.resolve, each.settle.reject)));
  }
}

async function writeAlone(tenant: Tenant, { context, toWrite }: Pick<Waiting, 'context' | 'toWrite'>): Promise<WrittenReport> {
  const [written] = await context.ledger.db.transaction().execute(async (tx) => writeReports(tenant, tx, context, [toWrite]));
  if (written === undefined) throw new TypeError('a report was written and not answered');
  return written;
}
