import { readFile, stat } from 'node:fs/promises';
import { isZhidaError } from '@zhida/core';
import { verifyEntryProof } from '../entry-proof.js';
import { type LogPublicKey, parseVkey, readPublicKeys } from '../log-key.js';
import { verifyAuditDirectory } from './verify-directory.js';
import { type Language, describeProof, describeVerification, languageOf } from './wording.js';

/** Where the command writes and what it knows of its surroundings; `process` fits. */
export interface CommandIo {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  env: Readonly<Record<string, string | undefined>>;
}

/** What the command is asked to verify. */
export interface VerifyCommand {
  /** An audit directory, or the proof of one entry. */
  path: string;
  /** Each a verifier key, or a file with a verifier key, a JWK, a JWK set or a trust file. */
  keys: readonly string[];
  json?: boolean;
  allowTail?: boolean;
}

/** Verified · the log does not prove itself · nothing could be verified. */
export const VERIFY_EXIT = { ok: 0, failed: 1, unreadable: 2 } as const;

/** Verifies and prints. Returns the exit code and never throws for what it is given to read. */
export async function runVerify(command: VerifyCommand, io: CommandIo): Promise<number> {
  const language = languageOf(io.env);
  try {
    const publicKeys = await readKeys(command.keys);
    const isProof = (await stat(command.path)).isFile();
    return isProof ? await verifyProofFile(command, publicKeys, language, io) : await verifyDirectory(command, publicKeys, language, io);
  } catch (error) {
    const code = isZhidaError(error) ? error.code : 'ZD_ERR_INPUT_UNREADABLE';
    const why = isZhidaError(error) ? error.message : fileError(error);
    if (command.json === true) io.stdout.write(`${JSON.stringify({ ok: false, error: { code, message: why } })}\n`);
    io.stderr.write(`${{ zh: '无法校验', en: 'cannot verify' }[language]}: ${code}: ${why}\n`);
    return VERIFY_EXIT.unreadable;
  }
}

async function verifyDirectory(command: VerifyCommand, publicKeys: LogPublicKey[], language: Language, io: CommandIo): Promise<number> {
  const result = await verifyAuditDirectory(command.path, { publicKeys, allowTail: command.allowTail === true });
  io.stdout.write(command.json === true ? `${JSON.stringify(result)}\n` : describeVerification(result, language));
  return result.ok ? VERIFY_EXIT.ok : VERIFY_EXIT.failed;
}

async function verifyProofFile(command: VerifyCommand, publicKeys: LogPublicKey[], language: Language, io: CommandIo): Promise<number> {
  try {
    const proven = verifyEntryProof(await readFile(command.path, 'utf8'), publicKeys);
    const { entry, index, checkpoint } = proven;
    const facts = { ok: true, entry, index, size: checkpoint.size, rootHash: Buffer.from(checkpoint.root).toString('hex') };
    io.stdout.write(command.json === true ? `${JSON.stringify(facts)}\n` : describeProof(proven, language));
    return VERIFY_EXIT.ok;
  } catch (error) {
    if (!isZhidaError(error) || (error.code !== 'ZD_ERR_SIGNATURE_MISMATCH' && error.code !== 'ZD_ERR_AUDIT_CORRUPT')) throw error;
    if (command.json === true) io.stdout.write(`${JSON.stringify({ ok: false, error: { code: error.code, message: error.message } })}\n`);
    else io.stdout.write(`${{ zh: '证明不成立', en: 'the proof does not hold' }[language]}: ${error.message}\n`);
    return VERIFY_EXIT.failed;
  }
}

/**
 * Reads keys as a person gives them: a verifier key, or the name of a file with a verifier key, a JWK, a JWK set or a trust file.
 *
 * @throws ZhidaError `ZD_ERR_KEY_FILE`, `ZD_ERR_KEY_MISSING`; a file system error when there is no such file.
 */
export async function readKeys(keys: readonly string[]): Promise<LogPublicKey[]> {
  return (await Promise.all(keys.map(keysFrom))).flat();
}

async function keysFrom(key: string): Promise<LogPublicKey[]> {
  let text: string;
  try {
    text = await readFile(key, 'utf8');
  } catch (error) {
    // A verifier key itself, not a file's name: `name+keyid+base64`.
    if (/\+[0-9a-f]{8}\+/.test(key)) return [parseVkey(key)];
    throw error;
  }
  return readPublicKeys(text);
}

function fileError(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  return `a file cannot be read (${code})`;
}
