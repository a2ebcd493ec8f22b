import { ageInYears } from '../age-band.js';
import { findCode } from '../codes/code-system.js';
import { SEX } from '../codes/person.js';
import { HARM_TYPES, LOCAL_SITUATIONS, SITUATIONS } from '../codes/situations.js';
import type { LocaleName, PhoneTexts } from '../locales/locale.js';
import { localeOf } from '../locales/locale-of.js';
import type { Pregnancy, Report } from '../report.js';
import { checkReportNumber } from '../report-number.js';
import { MODE_NOTICES } from '../views/render-view.js';

/** How the script is to be read out. */
export interface PhoneScriptOptions {
  readonly locale: LocaleName;
  /** Somebody stands beside: nothing of the child is said. */
  readonly short?: boolean;
}

const APPROACHES = ['female-officer', 'plain-clothes'] as const;
const NOT_STATED = new Set(['', '不详', 'unknown']);

/**
 * What to say to 110. It names no person: age, sex, place, kind of finding and whether the companion may be involved come
 * from coded fields, never from what somebody typed about the child. Until the report has a number, nothing is said of
 * papers submitted online.
 */
export function phoneScript(report: Report, options: PhoneScriptOptions): string {
  const texts = localeOf(options.locale).phone;
  const short = options.short === true;
  const number = spokenNumber(report.number);
  const values = {
    facility: statedOr(report.facility.name, texts.ownHospital),
    department: statedOr(report.department, '', options.locale === 'en' ? ', ' : ''),
    number: number === '' ? '' : fill(short ? texts.numberShort : texts.numberFull, { number }),
    submitted: number === '' ? '' : texts.submitted,
    approach: approachOf(report, texts),
    duty: statedOr(report.facility.dutyContact?.title, texts.duty),
    phone: statedOr(report.facility.dutyContact?.phone, '', options.locale === 'en' ? ' ' : ''),
  };
  const notice = report.mode === 'production' ? '' : MODE_NOTICES[report.mode];
  return `${notice}${fill(short ? texts.short : texts.full, short ? values : { ...values, ...childWords(report, texts) })}`;
}

function childWords(report: Report, texts: PhoneTexts): Record<string, string> {
  const sex = findCode(SEX, report.patient?.sex)?.code;
  return {
    age: ageWords(ageInYears(report), texts),
    child: texts.child[sex === 'male' || sex === 'female' ? sex : 'unknown'],
    where: texts.whereabouts[report.whereabouts?.status ?? 'unknown'],
    finding: findingWords(report, texts),
    danger: report.safety?.immediateDanger === 'yes' ? texts.danger : '',
    companion: texts.companion[companionAnswer(report)],
  };
}

function ageWords(years: number | undefined, texts: PhoneTexts): string {
  if (years === undefined) return texts.ageUnknown;
  return years === 0 ? texts.ageUnderOne : fill(texts.age, { years: String(years) });
}

function findingWords(report: Report, texts: PhoneTexts): string {
  if (isPregnant(report.clinical?.pregnancy)) return texts.pregnant;
  const { situations = [], localSituations = [], harmTypes = [] } = report.suspicion ?? {};
  const codes = [
    ...situations.map((text) => findCode(SITUATIONS, text)?.code),
    ...localSituations.map((text) => findCode(LOCAL_SITUATIONS, text)?.code),
    ...harmTypes.map((text) => findCode(HARM_TYPES, text)?.code),
  ];
  return codes.map((code) => texts.findings[code ?? '']).find((words) => words !== undefined) ?? texts.suspected;
}

function isPregnant(pregnancy: Pregnancy | undefined): boolean {
  const { gestationalAgeDays, conceptionFrom, conceptionTo } = pregnancy ?? {};
  return typeof gestationalAgeDays === 'number' || [conceptionFrom, conceptionTo].some((day) => day !== undefined && day !== '');
}

function companionAnswer(report: Report): 'yes' | 'no' | 'unknown' | 'alone' {
  const { companions } = report;
  if (companions === undefined) return 'unknown';
  if (companions.length === 0) return 'alone';
  const answers = companions.map(({ mayBeInvolved }) => mayBeInvolved ?? 'unknown');
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

function approachOf(report: Report, texts: PhoneTexts): string {
  const wanted = APPROACHES.filter((code) => (report.contactPlan?.approach ?? []).includes(code));
  return (wanted.length === 0 ? APPROACHES : wanted).map((code) => texts.approach[code]).join(texts.and);
}

/** The last two groups of the number are enough on the telephone. */
function spokenNumber(number: string | undefined): string {
  if (number === undefined) return '';
  return checkReportNumber(number) ? number.trim().split('-').slice(-2).join('-') : number.trim();
}

function statedOr(text: string | undefined, instead: string, before = ''): string {
  const stated = text?.trim() ?? '';
  return NOT_STATED.has(stated) ? instead : `${before}${stated}`;
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_placeholder, name: string) => values[name] ?? '');
}
