import type { PhoneTexts } from '../locales/locale.js';

/**
 * The telephone script with everything filled in that a report's codes and the hospital's own names say, and the words for
 * what may still be answered. A page fills it without reading a report; nothing in it was typed about the child.
 */
export interface PhoneTemplate {
  readonly full: string;
  readonly short: string;
  readonly words: Pick<PhoneTexts, 'numberFull' | 'numberShort' | 'submitted' | 'whereabouts' | 'danger' | 'companion'>;
  /** What the report says so far. */
  readonly answers: PhoneAnswers;
}

/** What a person at the screen, and then the relay, answer. */
export interface PhoneAnswers {
  /** Empty until the relay has given one. */
  readonly number: string;
  readonly where: keyof PhoneTexts['whereabouts'];
  readonly danger: boolean;
  readonly companion: keyof PhoneTexts['companion'];
}

const LAST_TWO_GROUPS = /^\d{6}-\d{6}-(\d+-\d)$/;

/** The script as it is read out. Until there is a number, nothing is said of papers submitted online. */
export function sayByPhone({ full, short, words }: PhoneTemplate, answers: PhoneAnswers, beside: boolean): string {
  const { where, danger, companion } = answers;
  const number = answers.number.trim().replace(LAST_TWO_GROUPS, '$1');
  return fillPlaces(beside ? short : full, {
    number: number === '' ? '' : fillPlaces(beside ? words.numberShort : words.numberFull, { number }),
    submitted: number === '' ? '' : words.submitted,
    where: words.whereabouts[where],
    danger: danger ? words.danger : '',
    companion: words.companion[companion],
  });
}

/** Puts values into `{name}` places; a place that has no value yet stays for the next filling. */
export function fillPlaces(template: string, values: Readonly<Record<string, string | undefined>>): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : value;
  });
}
