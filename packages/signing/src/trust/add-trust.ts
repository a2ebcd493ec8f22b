import { join } from 'node:path';
import { canonicalJson, ZhidaError } from '@zhida/core';
import type { KeyDirectory } from '../keys/key-directory.js';
import { replaceFile } from '../keys/file-system.js';
import { trustFileName } from '../party.js';
import { inWindow } from '../time.js';
import { matchesFingerprint } from './fingerprint.js';
import { readTrustFile, type TrustFile } from './trust-file.js';
import { isSignedByPinned } from './trust-signature.js';
import { requireSameMode } from './trust-store.js';
import type { TrustedParty } from './trusted-party.js';

export interface AddTrustOptions {
  /** As read out by telephone. Without one, the file must be signed by a key already pinned for its party. */
  readonly fingerprint?: string;
}

export interface AddedTrust {
  readonly trusted: TrustedParty;
  readonly change: 'added' | 'replaced' | 'unchanged';
}

/**
 * Pins a party: from now on its keys are those of this file and no others. The same file again changes nothing.
 *
 * @throws ZhidaError `ZD_ERR_TRUST_FILE` for a file that is none, is out of its time, is our own, or (when it comes with a
 * signature alone) is not newer than the one pinned; `ZD_ERR_MODE_REFUSED` for one of the other mode;
 * `ZD_ERR_TRUST_FINGERPRINT` when the fingerprint is another, or there is neither a fingerprint nor a pinned signature.
 */
export async function addTrust(keys: KeyDirectory, input: unknown, { fingerprint }: AddTrustOptions = {}): Promise<AddedTrust> {
  const file = readTrustFile(input);
  const { party } = file;
  if (party === keys.party) throw new ZhidaError('ZD_ERR_TRUST_FILE', 'a party does not pin itself', { at: 'party' });
  requireSameMode(file, keys, 'mode');
  const nowMs = keys.clock.now();
  if (!inWindow(file, nowMs)) throw new ZhidaError('ZD_ERR_TRUST_FILE', 'the trust file is out of its time', { at: 'notBefore, notAfter' });
  await keys.trusted.reload();
  const pinned = keys.trusted.party(party);
  if (fingerprint !== undefined) requireFingerprint(file, fingerprint);
  if (pinned !== undefined && canonicalJson(pinned.file) === canonicalJson(file)) return { trusted: pinned, change: 'unchanged' };
  if (fingerprint === undefined) requirePinnedSignature(file, pinned, nowMs);
  await replaceFile(join(keys.directory, 'trust', trustFileName(party)), `${JSON.stringify(file, null, 2)}\n`);
  await keys.trusted.reload();
  const trusted = keys.trusted.party(party);
  if (trusted === undefined) throw new ZhidaError('ZD_ERR_KEY_FILE', 'the trust file was written and cannot be read back', { at: 'trust' });
  return { trusted, change: pinned === undefined ? 'added' : 'replaced' };
}

function requireFingerprint(file: TrustFile, fingerprint: string): void {
  if (!matchesFingerprint(file, fingerprint)) {
    throw new ZhidaError('ZD_ERR_TRUST_FINGERPRINT', 'the fingerprint is not that of this file: do not trust it, call the party', {
      at: 'fingerprint',
    });
  }
}

function requirePinnedSignature(file: TrustFile, pinned: TrustedParty | undefined, nowMs: number): void {
  if (pinned === undefined || !isSignedByPinned(file, pinned, nowMs)) {
    throw new ZhidaError('ZD_ERR_TRUST_FINGERPRINT', 'no key pinned for this party signed the file: the fingerprint is needed', {
      at: 'fingerprint',
    });
  }
  // An old file signed in its day would bring back keys that were taken out since.
  if (Date.parse(file.notBefore) <= Date.parse(pinned.notBefore)) {
    throw new ZhidaError('ZD_ERR_TRUST_FILE', 'the file is not newer than the one pinned', { at: 'notBefore' });
  }
}
