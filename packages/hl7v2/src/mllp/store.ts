/** What a message is known by when it comes again. */
export interface AcknowledgementKey {
  /** MSH-3 and MSH-4 as sent. */
  readonly sender: string;
  /** MSH-10. */
  readonly controlId: string;
  /** SHA-256 of the message without its header, hexadecimal. */
  readonly digest: string;
}

/** The acknowledgements a message was given, in the bytes they were sent in. */
export interface KeptAcknowledgements {
  readonly accept?: Uint8Array;
  readonly application?: Uint8Array;
}

/**
 * Remembers what was answered, so that a message sent again gets the answer it had and is not taken twice.
 *
 * A message that was committed but whose acknowledgement could not be kept comes to `onMessage` once more: that has to be
 * idempotent anyway. An implementation may forget; it MUST NOT give an answer for another digest.
 */
export interface AcknowledgementStore {
  find(key: AcknowledgementKey): Promise<KeptAcknowledgements | undefined>;
  save(key: AcknowledgementKey, acknowledgements: KeptAcknowledgements): Promise<void>;
}

/** Remembers the last `max` messages in memory, for tests and for listeners whose `onMessage` recognises repeats itself. */
export function createMemoryAcknowledgements(max = 10_000): AcknowledgementStore {
  const kept = new Map<string, KeptAcknowledgements>();
  const nameOf = ({ sender, controlId, digest }: AcknowledgementKey): string => JSON.stringify([sender, controlId, digest]);
  return {
    find: (key) => Promise.resolve(kept.get(nameOf(key))),
    save(key, acknowledgements) {
      kept.set(nameOf(key), { ...kept.get(nameOf(key)), ...acknowledgements });
      const oldest = kept.size > max ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      return Promise.resolve();
    },
  };
}
