import { type EncounterSnapshot, formatPartialDate, localDate, parseInstant } from '@zhida/core';
import { type Texts, fill, wordOf } from '../locales/texts.js';

/** The value a path like `notes[2].text` leads to. */
export function valueAt(snapshot: EncounterSnapshot, path: string): unknown {
  return path.split(/[.[\]]+/).reduce<unknown>((found, key) => {
    if (key === '' || typeof found !== 'object' || found === null) return found;
    return Object.hasOwn(found, key) ? (found as Record<string, unknown>)[key] : undefined;
  }, snapshot);
}

/** `notes[2].text` becomes 现病史, `conditions[0].code` 诊断; a place without a name keeps its path, which is where a vendor has to look. */
export function labelOf(at: string, snapshot: EncounterSnapshot, texts: Texts): string {
  const earlier = /^history\[\d+\]\.(?=notes|conditions)/.exec(at)?.[0];
  const own = earlier === undefined ? at : at.slice(earlier.length);
  const label = sectionOf(at, snapshot, texts) || placeOf(own, texts) || own;
  return earlier === undefined ? label : fill(texts.earlier, { label });
}

function sectionOf(at: string, snapshot: EncounterSnapshot, texts: Texts): string {
  const note = /^(.*notes\[\d+\])\.text$/.exec(at)?.[1];
  const section = note === undefined ? undefined : valueAt(snapshot, `${note}.section`);
  return note === undefined ? '' : wordOf(texts.sections, typeof section === 'string' ? section : 'other');
}

function placeOf(at: string, texts: Texts): string {
  const name = at.replace(/\[\d+\].*$/, '');
  return wordOf(texts.places, name) || wordOf(texts.places, name.split('.')[0]);
}

/** What stands at a place that is no text: a code with its words, a result with its name. */
export function valueText(at: string, snapshot: EncounterSnapshot, texts: Texts): { value: string; words: string } {
  const found = valueAt(snapshot, at);
  if (found === null) return { value: texts.nothingThere, words: '' };
  if (at.startsWith('patient.identifiers')) return { value: maskedId(plain(found)), words: '' };
  if (at === 'disposition') return { value: wordOf(texts.dispositions, plain(found)) || plain(found), words: '' };
  if (/^history\[\d+\]$/.test(at)) return { value: dayOf(plain(valueAt(snapshot, `${at}.start`))), words: '' };
  const fact = /^(.*)\.(?:code|value)$/.exec(at)?.[1];
  if (fact === undefined) return { value: plain(found), words: '' };
  const words = plain(valueAt(snapshot, `${fact}.text`)) || plain(valueAt(snapshot, `${fact}.name`));
  return { value: `${plain(found)}${unitOf(at, fact, snapshot)}`, words };
}

function unitOf(at: string, fact: string, snapshot: EncounterSnapshot): string {
  const unit = at.endsWith('.value') ? plain(valueAt(snapshot, `${fact}.unit`)) : '';
  return unit === '' ? '' : ` ${unit}`;
}

/** Of an identity number only the birth date is a reason; the rest of it is nobody's business here. */
function maskedId(value: string): string {
  return value.length < 15 ? '*'.repeat(value.length) : `${'*'.repeat(6)}${value.slice(6, 14)}${'*'.repeat(value.length - 14)}`;
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The day of a time, by the clocks of the hospital and not by the offset it was written with; what is no time stays as it is. */
export function dayOf(time: string): string {
  const instant = parseInstant(time);
  return instant === undefined ? time.slice(0, 10) : formatPartialDate(localDate(instant));
}
