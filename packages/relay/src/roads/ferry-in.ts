import { sha256Hex } from '@zhida/signing';
import { mkdir, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { asUnavailable } from '@zhida/database';
import type { Logger } from 'pino';
import type { LedgerContext } from '../ledger/context.js';
import { writeWhole } from './ferry-out.js';
import { ShareHangs, type Shares } from './shares.js';
import { type RecordedStatement, recordStatement, STATEMENT_KINDS, type StatementKind } from './statements.js';

/** A one-way gate: whose it is, and the directories on this side of it. */
export interface Gate {
  readonly party: string;
  readonly in: string;
  readonly out: string;
}

/** `receipts-….jws`, `feedback-….jws` and so on: the kind, and a name of its own. */
const STATEMENT_FILE = /^(attachment-receipts|exchanges|receipts|feedback|openings)-[A-Za-z0-9_-]{1,80}\.jws$/;
/** A file that cannot be read may still be copied; after this long without a new byte it is set aside. */
const COPYING_MS_MAX = 600_000;
const FILES_MAX = 500;
/** Larger than any statement. */
const FILE_BYTES_MAX = 64 * 1024;
/** How often what was set aside is read again. */
const AGAIN_MS = 3_600_000;
const REFUSED = 'refused';
/** Refusals that another copy of the same bytes cannot mend. */
const FINAL = new Set(['ZD_ERR_RECEIPT_MISMATCH', 'ZD_ERR_CONFLICT', 'ZD_ERR_MODE_REFUSED', 'ZD_ERR_ENVELOPE_AUDIENCE']);

interface Seen {
  readonly bytes: number;
  readonly sinceMs: number;
}

/** What the roads by file work with. */
export interface FerryDeps {
  readonly ledger: LedgerContext;
  readonly shares: Shares;
  readonly log: Logger;
}

/** Reads what the gate has brought; @returns how many statements were recorded. */
export type FerryReader = () => Promise<number>;

/**
 * Takes signed statements in by files, in any order and any number of times. A file goes away once the ledger has it; one that is
 * half copied stays until the rest of it comes; one that no copy can mend goes to `refused/`, where a person finds it. What lies there is
 * read again each hour, because its agency, which has laid it down, will not come again with it: a key that was pinned since makes it good.
 * A directory that hangs ends the look.
 */
export function ferryReader(deps: FerryDeps, directory: string, gates: readonly Gate[]): FerryReader {
  const { ledger, shares, log } = deps;
  const seen = new Map<string, Seen>();
  const on = async <Value>(ask: () => Promise<Value>): Promise<Value> => shares.on(directory, ask);
  const takeRefused = refusedReader(deps, { directory, gates });

  async function take(name: string, kind: StatementKind): Promise<boolean> {
    const path = join(directory, name);
    try {
      const { size } = await on(async () => stat(path));
      if (size > FILE_BYTES_MAX) return await setAside(name, 'ZD_ERR_INPUT_TOO_LARGE');
      await recordFile(deps, { directory, gates }, path, kind);
      seen.delete(name);
      return true;
    } catch (error) {
      if (error instanceof ShareHangs) throw error;
      const { code } = asUnavailable(error) ?? (error as { code?: unknown });
      await wait(name, path, code);
      return false;
    }
  }

  async function wait(name: string, path: string, code: unknown): Promise<void> {
    if (code === 'ENOENT') seen.delete(name);
    // A statement is no worse for a database that was away, however long.
    if (typeof code !== 'string' || code === 'ENOENT' || code === 'ZD_ERR_DATABASE_UNAVAILABLE') return;
    if (FINAL.has(code)) return void (await setAside(name, code));
    const bytes = await on(async () =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    const before = seen.get(name);
    const nowMs = ledger.clock.now();
    if (before === undefined || before.bytes !== bytes) seen.set(name, { bytes, sinceMs: nowMs });
    else if (nowMs - before.sinceMs > COPYING_MS_MAX) await setAside(name, code);
  }

  async function setAside(name: string, code: string): Promise<false> {
    const refused = join(directory, REFUSED);
    await on(async () => {
      await mkdir(refused, { recursive: true, mode: 0o700 });
      await rename(join(directory, name), join(refused, name));
    });
    seen.delete(name);
    log.error({ code }, 'a ferried statement cannot be taken; it lies in refused/');
    return false;
  }

  return async () => {
    const names = await on(async () => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return readdir(directory);
    });
    let taken = await takeRefused();
    for (const { name, kind } of statementsAmong(names)) if (await take(name, kind)) taken += 1;
    return taken;
  };
}

/** A directory that a gate lays files down in, and the gates that do. */
interface Inbound {
  readonly directory: string;
  readonly gates: readonly Gate[];
}

/** Records what a file says. */
async function recordFile(
  { ledger, shares, log }: FerryDeps,
  { directory, gates }: Inbound,
  path: string,
  kind: StatementKind,
): Promise<void> {
  const text = await shares.on(directory, async () => readFile(path, 'utf8'));
  const { repeat, about, statement } = await recordStatement(ledger, kind, text.trim());
  await answer(shares, gates, { about, statement });
  // Only now: a crash before this line reads it again, and the ledger counts it once.
  await shares.on(directory, async () => unlink(path));
  log.info({ ...about, repeat, kind }, 'statement ferried');
}

/**
 * Reads what was set aside again, once an hour; it was reported when it was set aside. So many at one look, and each look goes on behind the
 * last name of the one before until all were read: what stays refused must not keep what comes after it from being taken.
 */
function refusedReader(deps: FerryDeps, inbound: Inbound): FerryReader {
  const folder = join(inbound.directory, REFUSED);
  let readAtMs = Number.NEGATIVE_INFINITY;
  let after = '';

  async function isTaken(name: string, kind: StatementKind): Promise<boolean> {
    const path = join(folder, name);
    try {
      const { size } = await deps.shares.on(inbound.directory, async () => stat(path));
      if (size > FILE_BYTES_MAX) return false;
      await recordFile(deps, inbound, path, kind);
      return true;
    } catch (error) {
      if (error instanceof ShareHangs) throw error;
      return false;
    }
  }

  return async () => {
    const nowMs = deps.ledger.clock.now();
    // The clock may also have been put back.
    if (after === '' && Math.abs(nowMs - readAtMs) < AGAIN_MS) return 0;
    readAtMs = nowMs;
    const names = await deps.shares.on(inbound.directory, async () => readdir(folder).catch(() => []));
    const page = statementsAmong(names.filter((name) => name > after));
    let taken = 0;
    for (const { name, kind } of page) if (await isTaken(name, kind)) taken += 1;
    after = page.length < FILES_MAX ? '' : (page.at(-1)?.name ?? '');
    return taken;
  };
}

/** Not too many at once. What is no statement, the gate's own files for one, stays where it is and does not use up the number of one look. */
function statementsAmong(names: readonly string[]): { readonly name: string; readonly kind: StatementKind }[] {
  const statements = names.toSorted().flatMap((name) => {
    const kind = STATEMENT_KINDS.find((known) => known === STATEMENT_FILE.exec(name)?.[1]);
    return kind === undefined ? [] : [{ name, kind }];
  });
  return statements.slice(0, FILES_MAX);
}

/** This relay's own word goes back by the same gate. That of one day has one name, so that a gate that stands still piles nothing up. */
async function answer(
  shares: Shares,
  gates: readonly Gate[],
  { about, statement }: Pick<RecordedStatement, 'about' | 'statement'>,
): Promise<void> {
  const gate = gates.find(({ party }) => party === about['party']);
  if (gate === undefined || statement === undefined) return;
  const name = sha256Hex(`${gate.party} ${about['day']}`).slice(0, 32);
  await writeWhole(shares, gate.out, `exchanges-${name}.jws`, [statement]);
}
