import type { Sex } from '@zhida/core';
import type { Assessment, Indication } from '@zhida/detect';
import { clinicalSentence, legalPack, nationalWording } from '@zhida/packs';
import type { Selectable } from 'kysely';
import type { Clinician } from '../access/clinician.js';
import { loadEncounter } from '../encounters/store.js';
import type { GatewayContext } from '../options.js';
import type { PromptTable } from '../schema.js';
import { describeEvidence, type EvidenceLine } from './evidence.js';
import { prefillReport } from './prefill.js';
import { ticketFor } from './ticket.js';

export type Locale = 'zh' | 'en';

/** What the browser is told (design 4.2b). */
export interface PromptView {
  readonly schemaVersion: '1';
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly mode: string;
  readonly level: string;
  readonly statutory: boolean;
  readonly occurrence: number;
  readonly deferrals: number;
  readonly encounter: { readonly id: string; readonly revision: number; readonly visitNumber: string; readonly location: string };
  readonly patient: { readonly maskedName: string; readonly sex: Sex; readonly ageText: string };
  readonly reasons: readonly PromptReason[];
  readonly recipients: readonly { readonly kind: string; readonly name: string }[];
  readonly dutyContact: { readonly title: string; readonly phone: string };
  readonly reports: readonly { readonly number: string; readonly at: string }[];
  readonly decisionCodes: readonly string[];
  readonly prefill: Record<string, unknown>;
  readonly pressId: string;
  readonly ticket: string;
}

export interface PromptReason {
  readonly ruleId: string;
  readonly family: string;
  readonly questionSet: string;
  readonly found: string;
  readonly why: string;
  readonly doNow: string;
  readonly preserve: readonly { readonly text: string; readonly deadlineHours: number }[];
  readonly legalSentences: readonly { readonly id: string; readonly text: string }[];
  readonly evidence: readonly EvidenceLine[];
}

export const DECISION_CODES = [
  'wrong-patient',
  'over-18',
  'result-corrected',
  'coding-error',
  'clear-accident',
  'assessed-not-now',
] as const;
export type DecisionCode = (typeof DECISION_CODES)[number];

/** Red fixed by law leaves only factual reasons: nobody may find a pregnancy under 14 unconvincing (moments S5). */
export function decisionCodesFor(statutory: boolean): readonly DecisionCode[] {
  return statutory ? DECISION_CODES.slice(0, 4) : DECISION_CODES;
}

/** Renders a stored prompt for one clinician, with a press ticket of their own; undefined when the visit is no longer kept. */
export async function viewPrompt(
  context: GatewayContext,
  row: Selectable<PromptTable>,
  clinician: Clinician,
  locale: Locale,
): Promise<PromptView | undefined> {
  const visit = await loadEncounter(context.database.db, context, row.encounter_id);
  if (visit === undefined) return undefined;
  const { snapshot, assessment } = visit;
  const shown = assessment.indications.filter(
    (indication) => !indication.silent && (indication.level === 'red' || indication.level === 'orange'),
  );
  return {
    schemaVersion: '1',
    id: row.id,
    version: row.version,
    state: row.state,
    mode: context.mode,
    level: row.level,
    statutory: row.statutory,
    occurrence: row.occurrence,
    deferrals: row.deferrals,
    encounter: { id: snapshot.id, revision: visit.revision, visitNumber: snapshot.visitNumber ?? '', location: snapshot.location ?? '' },
    patient: {
      maskedName: maskName(snapshot.patient?.name),
      sex: snapshot.patient?.sex ?? 'unknown',
      ageText: ageText(assessment, locale),
    },
    reasons: shown.map((indication) => ({
      ...reasonOf(indication, locale),
      evidence: indication.evidence.map((evidence) => describeEvidence(snapshot, evidence)),
    })),
    recipients: context.profile.recipients.map((recipient) => ({ kind: recipient.kind, name: recipient.name[locale] })),
    dutyContact: context.facility.dutyContact,
    reports: await reportsOf(context, row.id),
    decisionCodes: decisionCodesFor(row.statutory),
    prefill: prefillReport(context, { ...visit, promptId: row.id }),
    ...(await ticketFor(context, clinician, { id: row.id, encounterId: snapshot.id })),
  };
}

function reasonOf(indication: Indication, locale: Locale): Omit<PromptReason, 'evidence'> {
  const wording = nationalWording[indication.ruleId];
  return {
    ruleId: indication.ruleId,
    family: indication.family,
    questionSet: wording?.questionSet ?? '',
    found: wording?.found[locale] ?? indication.summary[locale],
    why: wording?.why[locale] ?? '',
    doNow: wording?.doNow[locale] ?? '',
    preserve: (wording?.preserve ?? []).map((item) => ({ text: item.text[locale], deadlineHours: item.deadlineHours })),
    legalSentences: uniqueSentences(indication.legalBasis.map((id) => clinicalSentence(legalPack, id, locale))),
  };
}

/** Unverified sentences all fall back to the same article, which is shown once (INV-17). */
function uniqueSentences(sentences: readonly { id: string; text: string }[]): { id: string; text: string }[] {
  return sentences.filter((sentence, index) => sentences.findIndex((other) => other.id === sentence.id) === index);
}

async function reportsOf(context: GatewayContext, promptId: string): Promise<{ number: string; at: string }[]> {
  const rows = await context.database.db
    .selectFrom('presses')
    .select(['answer', 'submitted_at'])
    .where('facility', '=', context.facility.code)
    .where('prompt_id', '=', promptId)
    .where('state', '=', 'submitted')
    .orderBy('submitted_at')
    .execute();
  return rows.map((row) => ({ number: (row.answer as { number: string }).number, at: row.submitted_at?.toISOString() ?? '' }));
}

/** 张晓婷 → 张*婷, 张三 → 张*: enough to recognise the patient in front of you, not to read the name over a shoulder. */
export function maskName(name: string | undefined): string {
  const letters = [...(name ?? '').trim()];
  const [first] = letters;
  if (first === undefined) return '不详';
  return letters.length > 2 ? `${first}*${letters.at(-1)}` : `${first}*`;
}

function ageText(assessment: Assessment, locale: Locale): string {
  const age = assessment.age;
  if (age === undefined || age === null) return locale === 'zh' ? '年龄不详' : 'age unknown';
  if (age.years >= 2) return locale === 'zh' ? `${age.years}岁` : `${age.years} y`;
  return locale === 'zh' ? `${age.months}月龄` : `${age.months} mo`;
}
