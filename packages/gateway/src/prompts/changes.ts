import type { PromptChanges } from '../options.js';

export function createPromptChanges(): PromptChanges {
  const listeners = new Set<(promptId: string) => void>();
  return {
    publish(promptId) {
      for (const listener of listeners) listener(promptId);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
