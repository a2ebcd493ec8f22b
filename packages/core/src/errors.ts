/** What a caller may do about a failure; services map each remedy to a status, a log level and an exit code. */
export type Remedy = 'fix-input' | 'fix-config' | 'retry' | 'call-a-human';

/** What each code means, and what the one who meets it can do. The documentation page is generated from this table. */
export const ERROR_CODES = {
  ZD_ERR_OPTION_INVALID: { remedy: 'fix-config', status: 500, summary: 'An option or setting is missing or out of its bounds.' },
  ZD_ERR_INPUT_UNREADABLE: {
    remedy: 'fix-input',
    status: 400,
    summary: 'The input is not what its format says: not JSON, not an object, or cut short.',
  },
  ZD_ERR_INPUT_TOO_LARGE: { remedy: 'fix-input', status: 413, summary: 'The input is larger than the stated limit.' },
  ZD_ERR_INPUT_TOO_DEEP: { remedy: 'fix-input', status: 400, summary: 'The input is nested deeper than the stated limit.' },
  ZD_ERR_JSON_NOT_CANONICAL: {
    remedy: 'fix-input',
    status: 400,
    summary: 'A value has no canonical JSON form (undefined, NaN, lone surrogate).',
  },
  ZD_ERR_PACK_INVALID: {
    remedy: 'fix-config',
    status: 500,
    summary: 'A rule or legal pack does not keep its schema, or its digest or signature is wrong.',
  },
  ZD_ERR_MAPPING_INVALID: { remedy: 'fix-config', status: 500, summary: 'A mapping file is missing or does not keep its schema.' },
  ZD_ERR_TOKEN_INVALID: { remedy: 'fix-input', status: 401, summary: 'No valid credential came with the request.' },
  ZD_ERR_SCOPE_MISSING: { remedy: 'call-a-human', status: 403, summary: 'The credential is valid but does not allow this act.' },
  ZD_ERR_NOT_FOUND: { remedy: 'fix-input', status: 404, summary: 'There is nothing here, or it belongs to another facility.' },
  ZD_ERR_CONFLICT: { remedy: 'call-a-human', status: 409, summary: 'The state has moved on; read it again before acting.' },
  ZD_ERR_IDEMPOTENCY_KEY_MISSING: { remedy: 'fix-input', status: 400, summary: 'A report needs an Idempotency-Key header.' },
  ZD_ERR_IDEMPOTENCY_CONFLICT: {
    remedy: 'call-a-human',
    status: 409,
    summary: 'The same key came with another body; the first report stands.',
  },
  ZD_ERR_MODE_REFUSED: { remedy: 'fix-config', status: 422, summary: 'The mode is not this service’s own.' },
  ZD_ERR_BUSY: { remedy: 'retry', status: 503, summary: 'Nothing was taken; try again after Retry-After.' },
  ZD_ERR_DATABASE_UNAVAILABLE: { remedy: 'retry', status: 503, summary: 'The database cannot be reached or refuses to write.' },
  ZD_ERR_DATABASE_NOT_DURABLE: {
    remedy: 'fix-config',
    status: 500,
    summary: 'The database may lose a committed row: fsync, synchronous_commit or full_page_writes is off.',
  },
  ZD_ERR_DATABASE_START: { remedy: 'fix-config', status: 500, summary: 'The embedded database did not start.' },
  ZD_ERR_DATABASE_STOP: { remedy: 'call-a-human', status: 500, summary: 'The embedded database server does not end.' },
  ZD_ERR_MIGRATION: { remedy: 'fix-config', status: 500, summary: 'The database schema could not be brought to this version.' },
  ZD_ERR_PORT_TAKEN: { remedy: 'fix-config', status: 500, summary: 'Another program listens on this port.' },
  ZD_ERR_KEY_MISSING: { remedy: 'fix-config', status: 500, summary: 'A key this act needs is not in the key directory.' },
  ZD_ERR_KEY_FILE: { remedy: 'fix-config', status: 500, summary: 'A key file cannot be read or is open to other users.' },
  ZD_ERR_TRUST_FILE: { remedy: 'fix-config', status: 400, summary: 'A trust file does not keep its schema or is out of its time.' },
  ZD_ERR_TRUST_FINGERPRINT: { remedy: 'call-a-human', status: 400, summary: 'The fingerprint read out does not match the trust file.' },
  ZD_ERR_PARTY_UNKNOWN: { remedy: 'call-a-human', status: 401, summary: 'The sender is not one of the pinned parties.' },
  ZD_ERR_SIGNATURE_MISMATCH: { remedy: 'call-a-human', status: 401, summary: 'No pinned key verifies this signature.' },
  ZD_ERR_SIGNATURE_EXPIRED: { remedy: 'retry', status: 401, summary: 'The signed time is outside the tolerance.' },
  ZD_ERR_ENVELOPE_UNREADABLE: {
    remedy: 'fix-input',
    status: 400,
    summary: 'The envelope is not a JWE around a JWS of the expected type, or names other algorithms.',
  },
  ZD_ERR_ENVELOPE_AUDIENCE: { remedy: 'fix-config', status: 400, summary: 'The envelope is addressed to another party.' },
  ZD_ERR_RECEIPT_MISMATCH: { remedy: 'call-a-human', status: 409, summary: 'The receipt speaks of another delivery, report or payload.' },
  ZD_ERR_PAYLOAD_CONFLICT: { remedy: 'call-a-human', status: 409, summary: 'The same delivery id came with other payload bytes.' },
  ZD_ERR_SEALED_UNREADABLE: { remedy: 'call-a-human', status: 500, summary: 'A sealed value cannot be opened with the keys at hand.' },
  ZD_ERR_REASON_MISSING: { remedy: 'fix-input', status: 400, summary: 'This act needs a reason.' },
  ZD_ERR_AUDIT_CORRUPT: { remedy: 'call-a-human', status: 500, summary: 'The audit trail does not prove itself.' },
  ZD_ERR_QUEUE_UNAVAILABLE: { remedy: 'retry', status: 503, summary: 'The queue cannot be reached; the sweep goes on without it.' },
  ZD_ERR_MLLP: { remedy: 'retry', status: 502, summary: 'An MLLP connection closed or gave no matching acknowledgement in time.' },
  ZD_ERR_MLLP_REFUSED: {
    remedy: 'call-a-human',
    status: 502,
    summary: 'The other end of an MLLP connection answered that it does not take the message.',
  },
  ZD_ERR_EGRESS_REFUSED: {
    remedy: 'fix-config',
    status: 500,
    summary: 'An endpoint is in a network nothing may be sent to; its policy has to permit that network by name.',
  },
  ZD_ERR_HTTP: { remedy: 'retry', status: 502, summary: 'Another service did not answer as its contract says.' },
} as const satisfies Record<string, { remedy: Remedy; status: number; summary: string }>;

/** Stable and documented: switch on the code, never on the message. */
export type ZhidaErrorCode = keyof typeof ERROR_CODES;

/**
 * An expected failure. `at` is a location (`notes[2].text`, `Observation.code`, `line 12`); neither it nor the message
 * ever holds a value from a record: errors are logged, and a log is not a chart.
 */
export class ZhidaError extends Error {
  override readonly name = 'ZhidaError';
  readonly code: ZhidaErrorCode;
  readonly at: string | undefined;

  constructor(code: ZhidaErrorCode, message: string, options: { at?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.at = options.at;
  }

  get remedy(): Remedy {
    return ERROR_CODES[this.code].remedy;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** True for an expected failure, also one thrown by another copy of this package. */
export function isZhidaError(error: unknown): error is ZhidaError {
  return error instanceof Error && error.name === 'ZhidaError' && 'code' in error;
}
