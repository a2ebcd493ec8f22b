import { canonicalBytes } from './canonical-json.js';

/**
 * Lower-case hex SHA-256 of the RFC 8785 form of a value: equal for equal JSON, whatever the order of its members.
 *
 * @throws ZhidaError `ZD_ERR_JSON_NOT_CANONICAL`, `ZD_ERR_INPUT_TOO_DEEP` as `canonicalJson` does. What `readSnapshot` returned never does.
 */
export async function fingerprint(value: unknown): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', canonicalBytes(value) as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
