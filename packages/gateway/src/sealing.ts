import type { Sealer } from '@zhida/signing';
import type { Sealing } from './options.js';

const LENGTH_BYTES = 2;

/** Binds the at-rest sealer to text; `purpose` is authenticated, so that one sealed column cannot be passed off as another. */
export function createSealing(sealer: Sealer): Sealing {
  return {
    create() {
      const { dataKey, wrapped } = sealer.newDataKey();
      return { wrapped, seal: (text, purpose) => sealer.seal(dataKey, new TextEncoder().encode(text), purpose) };
    },
    open(wrapped, sealed, purpose) {
      return new TextDecoder().decode(sealer.open(sealer.unwrap(wrapped), sealed, purpose));
    },
    sealWhole(bytes, purpose) {
      const { dataKey, wrapped } = sealer.newDataKey();
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(wrapped.length);
      return Buffer.concat([length, wrapped, sealer.seal(dataKey, bytes, purpose)]);
    },
  };
}
