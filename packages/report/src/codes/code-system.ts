import type { ScreenLocale } from '@zhida/core';
/** One code with its words; `aliases` are words that hospitals write for it. */
export interface CodeEntry {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly aliases?: readonly string[];
  /** The same notion in another system, by that system's name. */
  readonly maps?: Readonly<Record<string, string>>;
}

/** A code list of one version. A code that is not in it is no error: it travels as text. */
export interface CodeSystem<Entry extends CodeEntry = CodeEntry> {
  readonly id: string;
  readonly version: string;
  /** The standard or document the list follows, and how far it was compared with it. */
  readonly source: string;
  readonly entries: readonly Entry[];
}

const indexes = new WeakMap<CodeSystem, ReadonlyMap<string, CodeEntry>>();

/** The entry whose code, words or alias is this text; letters match in either case. */
export function findCode<Entry extends CodeEntry>(system: CodeSystem<Entry>, text: string | undefined): Entry | undefined {
  const wanted = text?.trim().toLowerCase() ?? '';
  return indexOf(system).get(wanted) as Entry | undefined;
}

function indexOf(system: CodeSystem): ReadonlyMap<string, CodeEntry> {
  const known = indexes.get(system);
  if (known !== undefined) return known;
  const index = new Map<string, CodeEntry>();
  for (const entry of system.entries) {
    for (const word of [entry.code, entry.zh, entry.en, ...(entry.aliases ?? [])]) index.set(word.toLowerCase(), entry);
  }
  indexes.set(system, index);
  return index;
}

/** The words of a code for a reader; a text that is no code of the system is shown as it came. */
export function displayOf(system: CodeSystem, text: string, locale: ScreenLocale): string {
  const entry = findCode(system, text);
  if (entry === undefined) return text;
  return locale === 'en' ? entry.en : entry.zh;
}
