/** Tells open streams of this process that a prompt may have changed. It carries nothing: a stream reads the rows itself. */
export interface PromptChanges {
  publish(): void;
  /** @returns how to stop. */
  subscribe(listener: () => void): () => void;
}

export function createPromptChanges(): PromptChanges {
  const listeners = new Set<() => void>();
  return {
    publish() {
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
