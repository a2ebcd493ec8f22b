import { ZhidaError } from '@zhida/core';

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

/** pg's own errors carry no code; these are the beginnings of their texts. */
const DRIVER_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Query read timeout',
];

/** SQLSTATE (PostgreSQL manual, appendix A): whole classes by two characters, single states by five. */
const STATES: readonly { state: string; why: string }[] = [
  { state: '08', why: 'the connection failed' },
  { state: '25006', why: 'it is read-only' },
  { state: '53100', why: 'its disk is full' },
  { state: '53', why: 'it is out of resources' },
  { state: '57014', why: 'the statement took too long' },
  { state: '57P', why: 'it is stopping or starting' },
  { state: '58030', why: 'its disk fails' },
];

/**
 * Says whether an error means "the database cannot take this now, try again": a `ZD_ERR_DATABASE_UNAVAILABLE` then, with
 * the error as its cause; undefined for every other error, which is a bug or the caller's own affair.
 */
export function asUnavailable(error: unknown): ZhidaError | undefined {
  const why = reasonOf(error);
  if (why === undefined) return undefined;
  return new ZhidaError('ZD_ERR_DATABASE_UNAVAILABLE', `the database cannot be used now: ${why}`, { cause: error });
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Several addresses of one name were tried and all failed.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).find((why) => why !== undefined);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NETWORK.has(code)) return 'it cannot be reached';
  if (code !== '') return STATES.find(({ state }) => code.startsWith(state) && code.length === 5)?.why;
  return DRIVER_MESSAGES.some((text) => error.message.startsWith(text)) ? 'the connection failed' : undefined;
}
