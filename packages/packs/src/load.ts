import { verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ZhidaError, isRecord } from '@zhida/core';
import { type PackManifest, packDigest } from './digest.js';
import type { LegalPack } from './legal.js';
import type { RulePack } from './rule-pack.js';
import { wrongDate } from './validity.js';

export interface LoadOptions {
  /**
   * Ed25519 public key in PEM. With it the pack must carry a signature beside it, `FILE.sig`: base64url of Ed25519 over
   * {@link signedBytes}.
   */
  readonly publicKey?: string;
}

const RULE_PACK_LISTS = ['concepts', 'guards', 'headings', 'rules', 'suppressors', 'folds'] as const;
const RULE_PACK_RECORDS = ['cues', 'codeSets', 'results', 'conditions', 'gestation', 'paediatric', 'weighing'] as const;

/**
 * Reads a rule pack from a file and checks that it is whole.
 *
 * @throws ZhidaError `ZD_ERR_PACK_INVALID` when the file is no pack, its digest or its dates are wrong, or a required signature is missing
 * or wrong. What its rules say is checked by `createDetector`.
 */
export async function loadRulePack(file: string, options: LoadOptions = {}): Promise<RulePack> {
  const pack = await loadPack(file, options);
  for (const name of RULE_PACK_LISTS) if (!Array.isArray(pack[name])) throw invalid(`the pack has no list "${name}"`, name);
  for (const name of RULE_PACK_RECORDS) if (!isRecord(pack[name])) throw invalid(`the pack has no object "${name}"`, name);
  return pack as unknown as RulePack;
}

/** Reads a legal pack from a file. @throws ZhidaError `ZD_ERR_PACK_INVALID`, as {@link loadRulePack} */
export async function loadLegalPack(file: string, options: LoadOptions = {}): Promise<LegalPack> {
  const pack = await loadPack(file, options);
  if (!isRecord(pack['sentences'])) throw invalid('the pack has no object "sentences"', 'sentences');
  return pack as unknown as LegalPack;
}

/** The bytes a pack's signer signs: they name the purpose, so that the signature means nothing elsewhere. */
export function signedBytes({ id, version, digest }: PackManifest): Uint8Array {
  return new TextEncoder().encode(`zhida-pack-v1\n${id}\n${version}\n${digest}\n`);
}

async function loadPack(file: string, { publicKey }: LoadOptions): Promise<Record<string, unknown>> {
  const pack = await readJson(file);
  if (!isManifest(pack)) throw invalid('the file is no pack: id, version or digest is missing', 'digest');
  if ((await packDigest(pack)) !== pack.digest) throw invalid('the content does not have the digest the pack names', 'digest');
  const wrong = wrongDate({ effectiveFrom: pack['effectiveFrom'], effectiveTo: pack['effectiveTo'] });
  if (wrong !== undefined) throw invalid('the pack names a day that is none, or ends before it begins', wrong);
  if (publicKey !== undefined) await checkSignature(file, pack, publicKey);
  return pack;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_PACK_INVALID', 'the pack file cannot be read as JSON', { cause });
  }
}

async function checkSignature(file: string, pack: PackManifest, publicKey: string): Promise<void> {
  let signature: string;
  try {
    signature = await readFile(`${file}.sig`, 'utf8');
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_PACK_INVALID', 'the pack has no signature file beside it', { cause });
  }
  if (!verify(null, signedBytes(pack), publicKey, Buffer.from(signature.trim(), 'base64url')))
    throw invalid('the signature is not of this key', 'digest');
}

function isManifest(value: unknown): value is PackManifest & Record<string, unknown> {
  return isRecord(value) && ['id', 'version', 'digest'].every((name) => typeof value[name] === 'string');
}

function invalid(message: string, at: string): ZhidaError {
  return new ZhidaError('ZD_ERR_PACK_INVALID', message, { at });
}
