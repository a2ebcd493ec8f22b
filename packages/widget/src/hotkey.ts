/** A key combination such as `Ctrl+Shift+H`. */
export interface Hotkey {
  readonly key: string;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
}

export const DEFAULT_HOTKEY = 'Ctrl+Shift+H';

/** Reads a combination; undefined when it names no key, and then there is none. */
export function parseHotkey(text: string): Hotkey | undefined {
  const parts = text.split('+').map((part) => part.trim().toLowerCase());
  const key = parts.find((part) => part !== '' && !['ctrl', 'shift', 'alt'].includes(part));
  if (key === undefined) return undefined;
  return { key, ctrl: parts.includes('ctrl'), shift: parts.includes('shift'), alt: parts.includes('alt') };
}

// A browser that fills in a form by itself sends a `keydown` without a key.
export function isHotkey(event: KeyboardEvent, { key, ctrl, shift, alt }: Hotkey): boolean {
  return (event.key || '').toLowerCase() === key && event.ctrlKey === ctrl && event.shiftKey === shift && event.altKey === alt;
}
