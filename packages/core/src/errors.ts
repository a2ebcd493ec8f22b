/** What a caller may do about a failure; services map each remedy to a status, a log level and an exit code. */
export type Remedy = 'fix-input' | 'fix-config' | 'retry' | 'call-a-human';

/** What the one who meets a code can do, and the status it is answered with. */
export const REMEDIES = {
  ZD_ERR_OPTION_INVALID: ['fix-config', 500],
  ZD_ERR_INPUT_UNREADABLE: ['fix-input', 400],
  ZD_ERR_INPUT_TOO_LARGE: ['fix-input', 413],
  ZD_ERR_INPUT_TOO_DEEP: ['fix-input', 400],
  ZD_ERR_JSON_NOT_CANONICAL: ['fix-input', 400],
  ZD_ERR_PACK_INVALID: ['fix-config', 500],
  ZD_ERR_MAPPING_INVALID: ['fix-config', 500],
  ZD_ERR_TOKEN_INVALID: ['fix-input', 401],
  ZD_ERR_SCOPE_MISSING: ['call-a-human', 403],
  ZD_ERR_NOT_FOUND: ['fix-input', 404],
  ZD_ERR_CONFLICT: ['call-a-human', 409],
  ZD_ERR_IDEMPOTENCY_KEY_MISSING: ['fix-input', 400],
  ZD_ERR_IDEMPOTENCY_CONFLICT: ['call-a-human', 409],
  ZD_ERR_MODE_REFUSED: ['fix-config', 422],
  ZD_ERR_BUSY: ['retry', 503],
  ZD_ERR_DATABASE_UNAVAILABLE: ['retry', 503],
  ZD_ERR_DATABASE_NOT_DURABLE: ['fix-config', 500],
  ZD_ERR_DATABASE_START: ['fix-config', 500],
  ZD_ERR_DATABASE_STOP: ['call-a-human', 500],
  ZD_ERR_MIGRATION: ['fix-config', 500],
  ZD_ERR_PORT_TAKEN: ['fix-config', 500],
  ZD_ERR_KEY_MISSING: ['fix-config', 500],
  ZD_ERR_KEY_FILE: ['fix-config', 500],
  ZD_ERR_TRUST_FILE: ['fix-config', 400],
  ZD_ERR_TRUST_FINGERPRINT: ['call-a-human', 400],
  ZD_ERR_PARTY_UNKNOWN: ['call-a-human', 401],
  ZD_ERR_SIGNATURE_MISMATCH: ['call-a-human', 401],
  ZD_ERR_SIGNATURE_EXPIRED: ['retry', 401],
  ZD_ERR_ENVELOPE_UNREADABLE: ['fix-input', 400],
  ZD_ERR_ENVELOPE_AUDIENCE: ['fix-config', 400],
  ZD_ERR_RECEIPT_MISMATCH: ['call-a-human', 409],
  ZD_ERR_PAYLOAD_CONFLICT: ['call-a-human', 409],
  ZD_ERR_SEALED_UNREADABLE: ['call-a-human', 500],
  ZD_ERR_REASON_MISSING: ['fix-input', 400],
  ZD_ERR_AUDIT_CORRUPT: ['call-a-human', 500],
  ZD_ERR_QUEUE_UNAVAILABLE: ['retry', 503],
  ZD_ERR_MLLP: ['retry', 502],
  ZD_ERR_MLLP_REFUSED: ['call-a-human', 502],
  ZD_ERR_EGRESS_REFUSED: ['fix-config', 500],
  ZD_ERR_HTTP: ['retry', 502],
} as const satisfies Record<string, readonly [remedy: Remedy, status: number]>;

/** Stable and documented: switch on the code, never on the message. */
export type ZhidaErrorCode = keyof typeof REMEDIES;

/** True for one of our codes, whoever said it. */
export function isErrorCode(code: unknown): code is ZhidaErrorCode {
  return typeof code === 'string' && Object.hasOwn(REMEDIES, code);
}

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
    return REMEDIES[this.code][0];
  }

  get status(): number {
    return REMEDIES[this.code][1];
  }
}

/** True for an expected failure, also one thrown by another copy of this package. */
export function isZhidaError(error: unknown): error is ZhidaError {
  return error instanceof Error && error.name === 'ZhidaError' && 'code' in error;
}
