import { fingerprint } from '@zhida/core';

/** What every pack of data carries in front: its name, its version and the hash of everything else in it. */
export interface PackManifest {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
}

/** The digest a pack should carry: lower-case hex SHA-256 of the JCS form of the pack without its `digest`. */
export async function packDigest(pack: PackManifest): Promise<string> {
  const { digest: _carried, ...content } = pack;
  return await fingerprint(content);
}
