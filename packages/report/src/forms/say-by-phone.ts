import type { Mode } from '@zhida/core';
import type { PhoneTexts } from '../locales/locale.js';
import { checkReportNumber } from '../report-number.js';
import { MODE_NOTICES } from '../views/mode-notices.js';

/** What is said on the telephone, in codes and the hospital's own names. */
export interface PhoneFacts {
  readonly mode: Mode;
  readonly facility: string;
  readonly department: string;
  /** Who answers for the hospital day and night, and where. */
  readonly duty: string;
  readonly phone: string;
  /** Empty until the relay has given one. */
  readonly number: string;
  readonly years: number | null;
  readonly sex: 'male' | 'female' | 'unknown';
  readonly where: keyof PhoneTexts['whereabouts'];
  /** `pregnant`, a code of {@link PhoneTexts.findings}, or empty. */
  readonly finding: string;
  readonly danger: boolean;
  readonly companion: keyof PhoneTexts['companion'];
  readonly approach: readonly (keyof PhoneTexts['approach'])[];
}

const NOT_STATED = new Set(['', '不详', 'unknown']);

/** The script in the words of one locale; apart from reading a report, so that a page can say it without the reader. */
export function sayByPhone(facts: PhoneFacts, texts: PhoneTexts, short: boolean): string {
  const number = spokenNumber(facts.number);
  const values = {
    facility: statedOr(facts.facility, texts.ownHospital),
    department: statedOr(facts.department, '', texts.beforeDepartment),
    number: number === '' ? '' : fill(short ? texts.numberShort : texts.numberFull, { number }),
    submitted: number === '' ? '' : texts.submitted,
    approach: facts.approach.map((code) => texts.approach[code]).join(texts.and),
    duty: statedOr(facts.duty, texts.duty),
    phone: statedOr(facts.phone, '', texts.beforePhone),
  };
  const notice = facts.mode === 'production' ? '' : MODE_NOTICES[facts.mode];
  return `${notice}${fill(short ? texts.short : texts.full, short ? values : { ...values, ...childWords(facts, texts) })}`;
}

function childWords({ years, sex, where, finding, danger, companion }: PhoneFacts, texts: PhoneTexts): Record<string, string> {
  return {
    age: ageWords(years, texts),
    child: texts.child[sex],
    where: texts.whereabouts[where],
    finding: finding === 'pregnant' ? texts.pregnant : (texts.findings[finding] ?? texts.suspected),
    danger: danger ? texts.danger : '',
    companion: texts.companion[companion],
  };
}

function ageWords(years: number | null, texts: PhoneTexts): string {
  if (years === null) return texts.ageUnknown;
  return years === 0 ? texts.ageUnderOne : fill(texts.age, { years: String(years) });
}

/** The last two groups of the number are enough on the telephone. */
function spokenNumber(number: string): string {
  return checkReportNumber(number) ? number.trim().split('-').slice(-2).join('-') : number.trim();
}

function statedOr(text: string, instead: string, before = ''): string {
  const stated = text.trim();
  return NOT_STATED.has(stated) ? instead : `${before}${stated}`;
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_placeholder, name: string) => values[name] ?? '');
}
