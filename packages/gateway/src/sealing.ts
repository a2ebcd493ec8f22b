import type { Sealer } from '@zhida/signing';

/** Seals and opens what the gateway stores about people. `place` names row and column and is authenticated with the value. */
export interface Sealing {
  /** A new data key, wrapped for storage beside what it seals. */
  create(): SealedRow;
  open(wrapped: Uint8Array, sealed: Uint8Array, place: string): Uint8Array;
  /** Seals one more value under the key of a row that has one already. */
  sealInto(wrapped: Uint8Array, bytes: Uint8Array, place: string): Uint8Array;
  /** Seals bytes under a key of their own that travels wrapped in front of them. */
  sealWhole(bytes: Uint8Array, place: string): Uint8Array;
}

export interface SealedRow {
  readonly wrapped: Uint8Array;
  readonly seal: (bytes: Uint8Array, place: string) => Uint8Array;
}

const LENGTH_BYTES = 2;

export function createSealing(sealer: Sealer): Sealing {
  return {
    create() {
      const { dataKey, wrapped } = sealer.newDataKey();
      return { wrapped, seal: (bytes, place) => sealer.seal(dataKey, bytes, place) };
    },
    open: (wrapped, sealed, place) => sealer.open(sealer.unwrap(wrapped), sealed, place),
    sealInto: (wrapped, bytes, place) => sealer.seal(sealer.unwrap(wrapped), bytes, place),
    sealWhole(bytes, place) {
      const { dataKey, wrapped } = sealer.newDataKey();
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(wrapped.length);
      return Buffer.concat([length, wrapped, sealer.seal(dataKey, bytes, place)]);
    },
  };
}

export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
