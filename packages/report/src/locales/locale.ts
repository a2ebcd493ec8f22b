import type { Mode, ScreenLocale } from '@zhida/core';
import type { ReportKind } from '../report.js';

/** Words of the paper form. */
export interface FormTexts {
  readonly title: Readonly<Record<ReportKind, string>>;
  readonly stripe: Readonly<Record<Exclude<Mode, 'production'>, string>>;
  readonly number: string;
  readonly incidentNumbers: string;
  readonly restricted: string;
  readonly general: string;
  readonly handledBy: string;
  readonly seal: string;
  readonly receivedBy: string;
  readonly time: string;
  readonly slip: string;
  readonly slipText: string;
  readonly yes: string;
  readonly no: string;
  readonly listSeparator: string;
  readonly entrySeparator: string;
  readonly colon: string;
}

/** Words of the telephone script; `{…}` are filled in. */
export interface PhoneTexts {
  readonly full: string;
  readonly short: string;
  /** Around the number, in the full and the short script; empty when there is no number yet. */
  readonly numberFull: string;
  readonly numberShort: string;
  /** Said only once the report has a number, because only then it is stored. */
  readonly submitted: string;
  readonly ownHospital: string;
  readonly duty: string;
  readonly age: string;
  readonly ageUnderOne: string;
  readonly ageUnknown: string;
  readonly child: Readonly<Record<'male' | 'female' | 'unknown', string>>;
  readonly whereabouts: Readonly<Record<'in-facility' | 'left' | 'transferred' | 'deceased' | 'unknown', string>>;
  readonly danger: string;
  readonly companion: Readonly<Record<'yes' | 'no' | 'unknown' | 'alone', string>>;
  readonly pregnant: string;
  /** By code of the situation or harm type. */
  readonly findings: Readonly<Record<string, string>>;
  readonly suspected: string;
  readonly approach: Readonly<Record<'female-officer' | 'plain-clothes', string>>;
  readonly and: string;
}

export interface Locale {
  readonly name: ScreenLocale;
  readonly form: FormTexts;
  readonly phone: PhoneTexts;
  /** Labels by path, and by the member's own name where no path is listed. */
  readonly labels: Readonly<Record<string, string>>;
  /** Words of the schema's closed codes, by `path=code` and by the code alone. */
  readonly codes: Readonly<Record<string, string>>;
}
