import { ZhidaError } from '@zhida/core';
import { type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.js';
import { type AuditEntry, readAuditEntry } from './entry.js';
import type { LogPublicKey } from './log-key.js';
import { inclusionProof, verifyInclusion } from './merkle.js';
import { HASH_BYTES, leafHash } from './tree-hash.js';

/** First line of C2SP tlog-proof. */
const HEADER = 'c2sp.org/tlog-proof@v1';

/** What a good proof shows. */
export interface ProvenEntry {
  entry: AuditEntry;
  index: number;
  checkpoint: VerifiedCheckpoint;
}

/**
 * Proof that one entry is in the log, as C2SP tlog-proof: its bytes (base64, `extra` line), its index, the audit path, and the
 * checkpoint it leads to. Whoever holds the log's key checks it without the log.
 *
 * @param leafHashes leaves under the checkpoint, in order
 */
export function formatEntryProof(entryBytes: Uint8Array, index: number, leafHashes: readonly Uint8Array[], checkpoint: string): string {
  const path = inclusionProof(leafHashes, index).map(base64);
  return `${[HEADER, `extra ${base64(entryBytes)}`, `index ${index}`, ...path].join('\n')}\n\n${checkpoint}`;
}

/**
 * Checks a proof made by {@link formatEntryProof} against keys the caller trusts.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` when it does not keep the format, `ZD_ERR_SIGNATURE_MISMATCH` when no given key
 * signed its checkpoint, `ZD_ERR_AUDIT_CORRUPT` when the entry does not lead to the checkpoint.
 */
export function verifyEntryProof(proof: string, publicKeys: readonly LogPublicKey[]): ProvenEntry {
  const split = proof.indexOf('\n\n');
  const [header, extra = '', place = '', ...path] = proof.slice(0, Math.max(0, split)).split('\n');
  const index = /^index (0|[1-9]\d{0,15})$/.exec(place)?.[1];
  if (header !== HEADER || !extra.startsWith('extra ') || index === undefined) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this is not the proof of an entry');
  }
  const bytes = strictBase64(extra.slice('extra '.length));
  const entry = readAuditEntry(bytes);
  const checkpoint = verifyCheckpoint(proof.slice(split + 2), publicKeys);
  const claim = {
    index: Number(index),
    size: checkpoint.size,
    leafHash: leafHash(bytes),
    proof: path.map(strictBase64),
    root: checkpoint.root,
  };
  if (entry.origin !== checkpoint.origin || claim.proof.some((hash) => hash.length !== HASH_BYTES) || !verifyInclusion(claim)) {
    throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', `entry ${entry.id} does not lead to the signed checkpoint`, { at: `entries[${index}]` });
  }
  return { entry, index: claim.index, checkpoint };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function strictBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a line of the proof is not base64');
  return bytes;
}
