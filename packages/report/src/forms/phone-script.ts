import type { ScreenLocale } from '@zhida/core';
import { ageInYears } from '../age-band.js';
import { findCode } from '../codes/code-system.js';
import { SEX } from '../codes/person.js';
import { HARM_TYPES, LOCAL_SITUATIONS, SITUATIONS } from '../codes/situations.js';
import type { PhoneTexts } from '../locales/locale.js';
import { localeOf } from '../locales/locale-of.js';
import type { Pregnancy, Report } from '../report.js';
import { MODE_NOTICES } from '../views/render-view.js';
import { fillPlaces, type PhoneAnswers, type PhoneTemplate, sayByPhone } from './say-by-phone.js';

/** How the script is to be read out. */
export interface PhoneScriptOptions {
  readonly locale: ScreenLocale;
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
  const template = phoneTemplate(report, options.locale);
  return sayByPhone(template, template.answers, options.short === true);
}

/** The script as far as the report decides it, with the places left that a page fills in. */
export function phoneTemplate(report: Report, locale: ScreenLocale): PhoneTemplate {
  const texts = localeOf(locale).phone;
  const { numberFull, numberShort, submitted, whereabouts, danger, companion } = texts;
  const notice = report.mode === 'production' ? '' : MODE_NOTICES[report.mode];
  const values = {
    facility: statedOr(report.facility.name, texts.ownHospital),
    department: statedOr(report.department, '', locale === 'en' ? ', ' : ''),
    approach: approachOf(report, texts),
    duty: statedOr(report.facility.dutyContact?.title, texts.duty),
    phone: statedOr(report.facility.dutyContact?.phone, '', locale === 'en' ? ' ' : ''),
  };
  return {
    full: notice + fillPlaces(texts.full, { ...values, ...childWords(report, texts) }),
    short: notice + fillPlaces(texts.short, values),
    words: { numberFull, numberShort, submitted, whereabouts, danger, companion },
    answers: answersOf(report),
  };
}

function answersOf(report: Report): PhoneAnswers {
  return {
    number: report.number ?? '',
    where: report.whereabouts?.status ?? 'unknown',
    danger: report.safety?.immediateDanger === 'yes',
    companion: companionAnswer(report),
  };
}

function childWords(report: Report, texts: PhoneTexts): Record<string, string> {
  const sex = findCode(SEX, report.patient?.sex)?.code;
  return {
    age: ageWords(ageInYears(report), texts),
    child: texts.child[sex === 'male' || sex === 'female' ? sex : 'unknown'],
    finding: findingWords(report, texts),
  };
}

function ageWords(years: number | undefined, texts: PhoneTexts): string {
  if (years === undefined) return texts.ageUnknown;
  return years === 0 ? texts.ageUnderOne : fillPlaces(texts.age, { years: String(years) });
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
  const { gestationalAgeDays, conceivedBefore14, conceptionFrom, conceptionTo } = pregnancy ?? {};
  if (typeof gestationalAgeDays === 'number' || conceivedBefore14 === 'yes') return true;
  return [conceptionFrom, conceptionTo].some((day) => day !== undefined && day !== '');
}

function companionAnswer(report: Report): PhoneAnswers['companion'] {
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

function statedOr(text: string | undefined, instead: string, before = ''): string {
  const stated = text?.trim() ?? '';
  return NOT_STATED.has(stated) ? instead : `${before}${stated}`;
}
