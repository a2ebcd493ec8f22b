import { sign, verify } from 'node:crypto';
import { ZhidaError } from '@zhida/core';
import { type CheckpointSigner, type LogPublicKey, checkKeyName, noteKeyId, privateKeyObject, publicKeyOfSigner } from './log-key.js';

const KEY_ID_BYTES = 4;
const MAX_SIGNATURES = 100;
const MAX_NOTE_CHARACTERS = 1_000_000;
/** Em dash, space, key name, space, base64: the signature line of C2SP signed-note. */
const SIGNATURE_LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** A text and who claims to have signed it; nothing is checked yet. */
export interface SignedNote {
  /** What is signed: ends with a newline. */
  text: string;
  signatures: NoteSignature[];
}

/** One signature line. */
export interface NoteSignature {
  name: string;
  keyId: Uint8Array;
  signature: Uint8Array;
}

/** Signs a text as a C2SP signed note. @throws ZhidaError `ZD_ERR_OPTION_INVALID` when the text would not read back as it was. */
export function signNote(text: string, signer: CheckpointSigner): string {
  if (!isNoteText(text)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'this text cannot be a signed note', { at: 'text' });
  const name = checkKeyName(signer.name);
  const signature = sign(null, Buffer.from(text, 'utf8'), privateKeyObject(signer.privateKey));
  const keyId = noteKeyId(name, publicKeyOfSigner(signer).raw);
  return `${text}\n\u2014 ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`;
}

/** Takes a signed note apart. @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` when it does not keep the format. */
export function parseNote(note: string): SignedNote {
  const split = note.lastIndexOf('\n\n');
  const text = note.slice(0, split + 1);
  if (note.length > MAX_NOTE_CHARACTERS || split < 0 || !note.endsWith('\n') || !isNoteText(text)) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this is not a signed note');
  }
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a signed note has too many signatures');
  return { text, signatures: lines.map(parseSignatureLine) };
}

/**
 * The known keys that signed this note. Signatures of unknown keys are passed over; one bad signature of a known key
 * makes the whole note worthless (C2SP signed-note).
 *
 * @throws ZhidaError `ZD_ERR_SIGNATURE_MISMATCH` when no known key signed it, or one did and the signature is wrong.
 */
export function verifyNote(note: SignedNote, keys: readonly LogPublicKey[]): LogPublicKey[] {
  const signers: LogPublicKey[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    for (const known of keys) {
      if (known.name !== undefined && known.name !== name) continue;
      if (Buffer.compare(noteKeyId(name, known.raw), keyId) !== 0) continue;
      if (!verify(null, Buffer.from(note.text, 'utf8'), known.key, signature)) {
        throw new ZhidaError('ZD_ERR_SIGNATURE_MISMATCH', 'a signature of a known key is wrong');
      }
      signers.push(known);
    }
  }
  if (signers.length === 0) throw new ZhidaError('ZD_ERR_SIGNATURE_MISMATCH', 'no key that was given has signed this');
  return signers;
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  // Only one spelling of the same bytes: otherwise a note could be changed without breaking its signature.
  if (name === '' || bytes.length <= KEY_ID_BYTES || bytes.toString('base64') !== encoded) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a signature line of the note is malformed');
  }
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

function isNoteText(text: string): boolean {
  // Newline is the only character below U+0020 a note may hold, and its text must end with one.
  return text.length > 1 && text.endsWith('\n') && Array.from(text).every((character) => character >= ' ' || character === '\n');
}
