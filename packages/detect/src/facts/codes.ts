import type { CodeSet } from '@zhida/packs';

/** A test for codes in normal form. */
export type CodeMatcher = (code: string) => boolean;

const SEPARATORS = new Set('+*/;,†‡|＋＊／；，');
const ICD10_LENGTH_MAX = 8;
const KNOWN_CODES_MAX = 4096;

/**
 * The codes in one field, in normal form `T74.1`: full width folded, upper case, no spaces, dagger and asterisk pairs apart,
 * the dot put in, national suffixes (`T74.100x001`) left behind it where a prefix test does not see them.
 */
export function icd10Codes(field: string): string[] {
  const codes: string[] = [];
  let piece = '';
  for (let index = 0; index <= field.length; index += 1) {
    const character = field.charAt(index);
    if (character !== '' && !SEPARATORS.has(character)) piece += character;
    else {
      const code = icd10Code(piece);
      if (code !== undefined) codes.push(code);
      piece = '';
    }
  }
  return codes;
}

function icd10Code(raw: string): string | undefined {
  let text = '';
  for (const character of raw) {
    const code = character.charCodeAt(0);
    const half = code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : character;
    if (half.trim() !== '') text += half.toUpperCase();
  }
  if (text.length < 3 || !isUpper(text, 0) || !isNumeral(text, 1) || !(isNumeral(text, 2) || isUpper(text, 2))) return undefined;
  const rest = text.charAt(3) === '.' ? text.slice(4) : text.slice(3);
  return rest === '' ? text.slice(0, 3) : `${text.slice(0, 3)}.${rest}`.slice(0, ICD10_LENGTH_MAX);
}

/** Digits of an ICD-9-CM-3 procedure code with its dot: `69.0100` → `69.0100`; `undefined` when it is none. */
export function icd9Code(field: string): string | undefined {
  const text = field.trim();
  return isNumeral(text, 0) && isNumeral(text, 1) && (text.length === 2 || text.charAt(2) === '.') ? text : undefined;
}

/** Compiles a code set: prefixes and ranges of whole categories. */
export function compileCodeSet(set: CodeSet): CodeMatcher {
  const include = set.include.map(compileItem);
  const exclude = (set.exclude ?? []).map(compileItem);
  return (code) => include.some((matches) => matches(code)) && !exclude.some((matches) => matches(code));
}

function compileItem(item: string): CodeMatcher {
  const dash = item.indexOf('-');
  if (dash < 0 || !isUpper(item, 0)) return (code) => code.startsWith(item);
  const [from, to] = [item.slice(0, dash), item.slice(dash + 1)];
  return (code) => code.slice(0, from.length) >= from && code.slice(0, to.length) <= to;
}

/** Names of the code sets the codes of an encounter belong to. What one code belongs to is looked up once. */
export function createCodeSets(
  sets: Readonly<Record<string, CodeSet>>,
): (codes: readonly { readonly system: string; readonly code: string }[]) => ReadonlySet<string> {
  const matchers = Object.entries(sets).map(([name, set]) => ({ name, system: set.system, matches: compileCodeSet(set) }));
  const seen = new Map<string, readonly string[]>();
  return (codes) => {
    const found = new Set<string>();
    for (const { system, code } of codes) {
      const key = `${system} ${code}`;
      let names = seen.get(key);
      if (names === undefined) {
        names = matchers.filter((set) => set.system === system && set.matches(code)).map(({ name }) => name);
        // Codes are few; a feed of rubbish must not fill the memory.
        if (seen.size < KNOWN_CODES_MAX) seen.set(key, names);
      }
      for (const name of names) found.add(name);
    }
    return found;
  };
}

/** True where a coding system may carry ICD-10: named so, or not named at all. */
export function mayBeIcd10(system: string | undefined): boolean {
  if (system === undefined) return true;
  const name = system.toLowerCase();
  return name.includes('icd-10') || name.includes('icd10') || name.includes('icd.10');
}

function isUpper(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a;
}

function isNumeral(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}
