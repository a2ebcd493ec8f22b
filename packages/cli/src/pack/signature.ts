import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { ZhidaError, isRecord } from '@zhida/core';
import { type PackManifest, packDigest } from '@zhida/packs';
import { loadLegalPack, loadRulePack, signedBytes } from '@zhida/packs/load';

/** The pack that was signed or verified: what its signature speaks of. */
type SignedPack = PackManifest;

const DIGEST = /("digest"\s*:\s*)"[^"]*"/g;

/**
 * Signs a rule pack or a legal pack: writes the digest of its content into the file, which stays as it was typed otherwise, and the
 * signature beside it as `FILE.sig`.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE`, `ZD_ERR_PACK_INVALID`; `ZD_ERR_OPTION_INVALID` for a key that is no Ed25519 private key in PEM
 */
export async function signPack(file: string, keyFile: string): Promise<SignedPack> {
  const key = await privateKeyOf(keyFile);
  const text = await textOf(file);
  const pack = manifestOf(text, file);
  const digest = await packDigest(pack);
  if (digest !== pack.digest) {
    // A digest of another object in the file would be written over too.
    if (text.match(DIGEST)?.length !== 1) throw new ZhidaError('ZD_ERR_PACK_INVALID', 'the file has not one member "digest"', { at: file });
    await writeFile(file, text.replace(DIGEST, `$1"${digest}"`));
  }
  const signed = { ...pack, digest };
  await writeFile(`${file}.sig`, `${sign(null, signedBytes(signed), key).toString('base64url')}\n`);
  return await verifyPack(file, undefined);
}

/** Checks a pack's form, its digest and, with a key, its signature. @throws ZhidaError `ZD_ERR_PACK_INVALID`; `ZD_ERR_INPUT_UNREADABLE` */
export async function verifyPack(file: string, keyFile: string | undefined): Promise<SignedPack> {
  const options = keyFile === undefined ? {} : { publicKey: await textOf(keyFile) };
  const isLegal = 'sentences' in manifestOf(await textOf(file), file);
  const { id, version, digest } = await (isLegal ? loadLegalPack(file, options) : loadRulePack(file, options));
  return { id, version, digest };
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the file cannot be read', { at: file, cause });
  });
}

function manifestOf(text: string, file: string): PackManifest {
  let pack: unknown;
  try {
    pack = JSON.parse(text);
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the file cannot be read as JSON', { at: file, cause });
  }
  if (!isRecord(pack) || !['id', 'version', 'digest'].every((name) => typeof pack[name] === 'string'))
    throw new ZhidaError('ZD_ERR_PACK_INVALID', 'the file is no pack: id, version or digest is missing', { at: file });
  return pack as unknown as PackManifest;
}

async function privateKeyOf(file: string): Promise<KeyObject> {
  const text = await textOf(file);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the key is no private key in PEM', { at: '--key', cause });
  }
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a pack is signed with an Ed25519 key', { at: '--key' });
}
