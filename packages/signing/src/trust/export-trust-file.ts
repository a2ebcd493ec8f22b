import { ZhidaError } from '@zhida/core';
import { jwksOf } from '../keys/jwks.js';
import type { KeyDirectory } from '../keys/key-directory.js';
import { inWindow } from '../time.js';
import { normalBaseUrl, readTrustFile, type TrustFile } from './trust-file.js';
import { signTrustFile } from './trust-signature.js';

export interface ExportTrustOptions {
  /** Where the others reach this party: http or https, without credentials, query or fragment. */
  readonly baseUrl: string;
  /** RFC 3339 with offset. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/**
 * The trust file of this party: its public keys and where it listens, signed by its oldest signing key still in its time, so
 * that whoever pinned that key takes the file without a telephone call. Whoever did not needs the fingerprint.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for a base URL that is none, `ZD_ERR_TRUST_FILE` for a time that is none.
 */
export function exportTrustFile(keys: KeyDirectory, options: ExportTrustOptions): TrustFile {
  const { notBefore, notAfter } = options;
  const baseUrl = normalBaseUrl(options.baseUrl);
  if (baseUrl === undefined) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the base URL must be http or https, without credentials, query or fragment', {
      at: 'baseUrl',
    });
  }
  const { party, role, mode } = keys;
  const file: TrustFile = readTrustFile({ v: '1', party, role, mode, baseUrl, jwks: jwksOf(keys), notBefore, notAfter });
  const oldest = keys.signingKeys.find((key) => inWindow(key, keys.clock.now())) ?? keys.signingKey;
  return { ...file, signature: signTrustFile(file, oldest) };
}
