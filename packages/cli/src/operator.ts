import { type Clock, type Json, systemClock, ZhidaError, isErrorCode } from '@zhida/core';
import { type KeyDirectory, openKeyDirectory, signAssertion } from '@zhida/signing';
import type { Command } from 'commander';

/** Who asks a running relay, and by whose keys. */
export interface OperatorOptions {
  readonly keys: string;
  readonly relay?: string;
  readonly facility: string;
  readonly account: string;
}

/** A command's surroundings: where it writes, where it leaves its exit code, and whose time it is. */
export interface OperatorIo {
  readonly stdout: { write(text: string): unknown };
  exitCode?: number | string | null | undefined;
  readonly clock?: Clock;
}

const SECONDS = 300;
const TIMEOUT_MS = 60_000;

/** The options of every command that acts at a running relay as a named person. */
export function asOperator(command: Command): Command {
  return command
    .requiredOption('--keys <folder>', 'key directory of the gateway, which the relay has pinned')
    .requiredOption('--facility <code>', '统一社会信用代码 of the reporting facility')
    .requiredOption('--account <name>', 'the person who answers for it, as the audit log names them')
    .option('--relay <party>', 'the relay, relay:…; not needed where only one is pinned');
}

/** What is asked of the relay, and as what. */
export interface RelayRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array | string;
  /** @defaultValue what the duty desk may do */
  readonly scope?: string;
}

/** One request to the relay. @throws ZhidaError with the relay's own code; `ZD_ERR_HTTP` if it does not answer as a relay does. */
export async function askRelay(
  { clock = systemClock }: Pick<OperatorIo, 'clock'>,
  options: OperatorOptions,
  { method, path, body, scope = 'delivery:operate report:read' }: RelayRequest,
): Promise<Json> {
  const keys = await openKeyDirectory(options.keys, { clock });
  const relay = relayOf(keys, options.relay);
  const claims = {
    audience: relay.party,
    scope,
    facility: options.facility,
    extra: { sub: options.account },
  };
  const token = await signAssertion({ keys, ...claims, lifetimeSeconds: SECONDS, now: clock.now() });
  const answer = await send(`${relay.baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
  if (answer.status === 200) return answer.value;
  const { code, at } = (answer.value ?? {}) as { code?: unknown; at?: unknown };
  const place = { at: typeof at === 'string' ? at : 'relay' };
  if (isErrorCode(code)) throw new ZhidaError(code, 'the relay refused', place);
  throw new ZhidaError('ZD_ERR_HTTP', `the relay refused: status ${answer.status}`, place);
}

/** Every page of a list of the relay: `path` with its query, and the member of the answer that holds the rows. */
export async function askForAll<Row>(
  io: Pick<OperatorIo, 'clock'>,
  options: OperatorOptions,
  { path, member }: { readonly path: `/v1/${string}?${string}`; readonly member: string },
): Promise<Row[]> {
  const rows: Row[] = [];
  let next: string | null = '';
  while (next !== null) {
    const answer = await askRelay(io, options, { method: 'GET', path: `${path}after=${next}` });
    const page = answer as unknown as Readonly<Record<string, readonly Row[]>> & { readonly next: string | null };
    rows.push(...(page[member] ?? []));
    next = page.next;
  }
  return rows;
}

function relayOf(keys: KeyDirectory, named: string | undefined): { readonly party: string; readonly baseUrl: string } {
  const relays = keys.trusted.all().filter(({ role, party }) => role === 'relay' && (named === undefined || party === named));
  const [relay] = relays;
  if (relay !== undefined && relays.length === 1) return relay;
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'exactly one pinned relay has to be meant', { at: '--relay' });
}

async function send(url: string, init: RequestInit): Promise<{ readonly status: number; readonly value: Json }> {
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, value: (await response.json()) as Json };
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not answer', { at: 'relay', cause });
  }
}
