import { createHash } from 'node:crypto';

/** SHA-256 of bytes, or of a text in UTF-8: 64 lower-case hexadecimal digits, as payloads and statements are told apart by. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
