import { ageInYears } from '../age-band.js';
import { findCode } from '../codes/code-system.js';
import { SEX } from '../codes/person.js';
import { HARM_TYPES, LOCAL_SITUATIONS, SITUATIONS } from '../codes/situations.js';
import type { LocaleName, PhoneTexts } from '../locales/locale.js';
import { phoneEn } from '../locales/phone-en.js';
import { phoneZhCn } from '../locales/phone-zh-cn.js';
import type { Pregnancy, Report } from '../report.js';
import { type PhoneFacts, sayByPhone } from './say-by-phone.js';

/** How the script is to be read out. */
export interface PhoneScriptOptions {
  readonly locale: LocaleName;
  /** Somebody stands beside: nothing of the child is said. */
  readonly short?: boolean;
}

const TEXTS: Readonly<Record<LocaleName, PhoneTexts>> = { 'zh-CN': phoneZhCn, en: phoneEn };
const APPROACHES = ['female-officer', 'plain-clothes'] as const;
const PREGNANT = 'pregnant';

/**
 * What to say to 110. It names no person: age, sex, place, kind of finding and whether the companion may be involved come
 * from coded fields, never from what somebody typed about the child. Until the report has a number, nothing is said of
 * papers submitted online.
 */
export function phoneScript(report: Report, options: PhoneScriptOptions): string {
  return sayByPhone(phoneFacts(report), TEXTS[options.locale], options.short === true);
}

/** What the script says of a report: codes and the hospital's own names, nothing typed about the child. */
export function phoneFacts(report: Report): PhoneFacts {
  const sex = findCode(SEX, report.patient?.sex)?.code;
  const approach = report.contactPlan?.approach ?? [];
  const wanted = APPROACHES.filter((code) => approach.includes(code));
  return {
    mode: report.mode,
    facility: report.facility.name ?? '',
    department: report.department ?? '',
    duty: report.facility.dutyContact?.title ?? '',
    phone: report.facility.dutyContact?.phone ?? '',
    number: report.number ?? '',
    years: ageInYears(report) ?? null,
    sex: sex === 'male' || sex === 'female' ? sex : 'unknown',
    where: report.whereabouts?.status ?? 'unknown',
    finding: findingOf(report),
    danger: report.safety?.immediateDanger === 'yes',
    companion: companionAnswer(report),
    approach: wanted.length === 0 ? APPROACHES : wanted,
  };
}

function findingOf(report: Report): string {
  if (isPregnant(report.clinical?.pregnancy)) return PREGNANT;
  const { situations = [], localSituations = [], harmTypes = [] } = report.suspicion ?? {};
  const codes = [
    ...situations.map((text) => findCode(SITUATIONS, text)?.code),
    ...localSituations.map((text) => findCode(LOCAL_SITUATIONS, text)?.code),
    ...harmTypes.map((text) => findCode(HARM_TYPES, text)?.code),
  ];
  return codes.find((code) => code !== undefined && Object.hasOwn(phoneZhCn.findings, code)) ?? '';
}

function isPregnant(pregnancy: Pregnancy | undefined): boolean {
  const { gestationalAgeDays, conceivedBefore14, conceptionFrom, conceptionTo } = pregnancy ?? {};
  if (typeof gestationalAgeDays === 'number' || conceivedBefore14 === 'yes') return true;
  return [conceptionFrom, conceptionTo].some((day) => day !== undefined && day !== '');
}

function companionAnswer(report: Report): PhoneFacts['companion'] {
  const { companions } = report;
  if (companions === undefined) return 'unknown';
  if (companions.length === 0) return 'alone';
  const answers = companions.map(({ mayBeInvolved }) => mayBeInvolved ?? 'unknown');
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}
