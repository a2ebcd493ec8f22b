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

/**
 * An ICD-9-CM-3 procedure code with its dot, national extension and all: `69.0100x001`. One without a dot is read only where its system
 * says what it is (`6901`): other systems number procedures too. `undefined` when it is none.
 */
export function icd9Code(field: string, system?: string): string | undefined {
  const text = field.trim();
  const name = (system ?? '').toLowerCase();
  const isNamed = name.includes('icd-9') || name.includes('icd9');
  if (isNamed && text.length > 2 && [0, 1, 2, 3].every((at) => at >= text.length || isNumeral(text, at)))
    return `${text.slice(0, 2)}.${text.slice(2)}`;
  return isNumeral(text, 0) && isNumeral(text, 1) && (text.length === 2 || text.charAt(2) === '.') ? text : undefined;
}

/**
 * A code of a marital status as a desk sends it bare, in upper case and half width; `undefined` for words. GB/T 2261.2 (`20`), the one
 * digit of a front page (`2`), HL7 table 0002 and FHIR (`M`) do not contradict each other.
 */
export function maritalCode(field: string | undefined): string | undefined {
  const code = (field ?? '').normalize('NFKC').trim().toUpperCase();
  return /^(?:[A-Z]|\d{1,2})$/.test(code) ? code : undefined;
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

const ICD10_NAMES = ['icd-10', 'icd10', 'icd.10', 'i10', '临床版', '医保版', '14396', '2.16.840.1.113883.6.3', '2.16.840.1.113883.6.90'];
const OTHER_NAMES = ['snomed', 'sct', 'loinc', 'icd-9', 'icd9', 'icd-11', 'icd11', 'atc', 'cpt', 'rxnorm', 'icpc', '中医', 'tcm', '15657'];

/**
 * The ICD-10 codes of a diagnosis, whatever its coding system is called. Of a system nobody knows only what can hardly be anything else
 * counts: a code with its dot, and not of the letters by which the national codes of traditional medicine begin (A to E).
 */
export function diagnosisCodes(field: string, system: string | undefined): string[] {
  const codes = icd10Codes(field);
  if (system === undefined) return codes;
  const name = system.toLowerCase();
  if (ICD10_NAMES.some((known) => name.includes(known))) return codes;
  if (OTHER_NAMES.some((known) => name.includes(known)) || !field.includes('.')) return [];
  return codes.filter((code) => code.includes('.') && code.charAt(0) > 'E');
}

function isUpper(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a;
}

function isNumeral(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}
