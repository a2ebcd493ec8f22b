import { type EncounterSnapshot, isoNow, type Sex } from '@zhida/core';
import type { Assessment, Indication } from '@zhida/detect';
import { clinicalSentence, legalPack, nationalWording, toldAtOnce } from '@zhida/packs';
import { type PhoneTemplate, phoneTemplate, type Report } from '@zhida/report';
import type { PayloadMode } from '@zhida/signing';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import type { OpenedVisit } from '../encounters/store.js';
import type { LocaleName, PromptTexts } from '../locales/locale.js';
import { fill, textsOf } from '../locales/texts-of.js';
import type { Adviser } from '../options.js';
import type { Gone, PromptLevel, PromptState } from '../schema.js';
import type { GivenAnswers, StoredAnswers } from './answers.js';
import { withAnswers } from './answers-in-report.js';
import type { PromptRow } from './change.js';
import { decisionCodesFor } from './decision-codes.js';
import type { Draft } from './drafts.js';
import { type ToKeep, toKeep } from './evidence-acts.js';
import { describeEvidence, type EvidenceLine, uniqueLines } from './evidence.js';
import { maskName, maskNamesIn } from './mask.js';
import { type PrefilledReport, prefillReport } from './prefill.js';
import type { PromptQuestionSet } from './questionnaire.js';
import { questionSetsOf } from './questions.js';
import { promptingIndications } from './reasons.js';
import type { KnownReport, PromptReport } from './reports.js';
import { isUnanswered } from './states.js';
import { ticketFor } from './ticket.js';
import type { Told } from './told.js';

/** Completed years below which a pregnancy is always to be reported (Opinion art. 4.2). */
const STATUTORY_UNDER_YEARS = 14;
/** 刑事诉讼法 art. 111. */
const REPORTER_PROTECTION = 'cn-cpl-111';

/** What the browser is told. `prefill` alone holds what names the child: it becomes the report. */
export interface PromptView {
  readonly schemaVersion: '1';
  readonly id: string;
  readonly version: number;
  readonly state: PromptState;
  readonly mode: PayloadMode;
  readonly level: PromptLevel;
  readonly statutory: boolean;
  readonly occurrence: number;
  readonly deferrals: number;
  /** When a deferred prompt is shown again. */
  readonly dueAt: string | null;
  /** When what was reported was taken back by its source: the screen offers 更正. */
  readonly correctedAt: string | null;
  /** A result that came when the child had left already: before anybody calls the child back, the police are asked how. */
  readonly leftBeforeResult: boolean;
  /** S7: how the child has left while a report is open or a red unanswered, and nobody has said so yet; null when this person is not asked. */
  readonly leftAs: Gone | null;
  /** S7: what an order puts at risk while nobody has said whether it is kept; empty when this person is not asked. */
  readonly toKeep: readonly ToKeep[];
  /** Since when the relay refuses what was pressed, while nothing of it stands: it is to be pressed again. */
  readonly refusedAt: string | null;
  readonly encounter: { readonly id: string; readonly revision: number; readonly visitNumber: string; readonly location: string };
  readonly patient: { readonly id: string; readonly maskedName: string; readonly sex: Sex; readonly ageText: string };
  readonly reasons: readonly PromptReason[];
  /** What an orange prompt asks before it is decided; each set once, however many reasons ask for it. */
  readonly questionSets: readonly PromptQuestionSet[];
  /** What this clinician has answered of them so far. */
  readonly answers: GivenAnswers | null;
  readonly recipients: readonly PromptRecipient[];
  readonly dutyContact: { readonly title: string; readonly phone: string };
  readonly securityContact: { readonly phone: string } | null;
  readonly reports: readonly PromptReport[];
  readonly decisionCodes: readonly string[];
  /** Whom one may ask first (想先请教). */
  readonly advisers: readonly Adviser[];
  /** Who sits at the screen, as the HIS's own sign-in says. */
  readonly operator: { readonly name: string; readonly role: string };
  /** The law that keeps a reporter's name secret is among the verified sentences (INV-17). */
  readonly reporterProtected: boolean;
  /** What is said on the telephone. */
  readonly phone: PhoneTemplate;
  /** What this clinician has put aside. */
  readonly draft: Draft | null;
  readonly prefill: PrefilledReport;
  readonly pressId: string;
  readonly ticket: string;
}

export interface PromptRecipient {
  readonly kind: string;
  readonly name: string;
  readonly phone: string;
}

export interface PromptReason {
  readonly ruleId: string;
  readonly family: string;
  readonly questionSet: string;
  readonly found: string;
  readonly why: string;
  readonly doNow: string;
  readonly preserve: readonly { readonly text: string; readonly deadlineHours: number }[];
  readonly legalSentences: readonly ShownSentence[];
  readonly evidence: readonly EvidenceLine[];
}

/** A sentence a clinical screen may show; the widget renders no other (INV-17). */
export interface ShownSentence {
  readonly id: string;
  readonly text: string;
  readonly verified: true;
}

/** What one prompt is rendered from; `visits` begins with the one that speaks for it. */
export interface PromptMaterial {
  readonly prompt: PromptRow;
  readonly visits: readonly [OpenedVisit, ...OpenedVisit[]];
  readonly reports: readonly KnownReport[];
  /** One of them, or one the relay has not taken yet, is this clinician's. */
  readonly reportedBySelf: boolean;
  readonly refusedAt: Date | null;
  readonly told: Told;
  readonly draft: Draft | null;
  readonly answers: StoredAnswers | null;
}

/** Renders a prompt for one clinician, with a press ticket of their own. */
export async function viewPrompt(
  context: GatewayContext,
  material: PromptMaterial,
  clinician: Clinician,
  locale: LocaleName,
): Promise<PromptView> {
  const { prompt, visits, reports, refusedAt, told, draft, answers: stored } = material;
  const [main] = visits;
  const { snapshot } = main;
  const answers = answersOf(stored, snapshot.patient?.id ?? '');
  const questionSets = questionSetsOf(visits, locale);
  const prefill = withAnswers(prefillReport(context, prompt, main, { visits, reports, told }), questionSets, answers?.answers ?? {});
  const leftBeforeResult = snapshot.event?.kind === 'result' && prefill.whereabouts?.status === 'left';
  return {
    schemaVersion: '1',
    id: prompt.id,
    version: prompt.version,
    state: prompt.state,
    mode: prefill.mode,
    level: prompt.level,
    statutory: prompt.statutory,
    occurrence: prompt.occurrence,
    deferrals: prompt.deferrals,
    ...timesOf(prompt, refusedAt),
    leftBeforeResult,
    ...asksOf(material, leftBeforeResult),
    encounter: encounterView(main),
    patient: patientView(main, prefill.mode, locale),
    reasons: reasonsOfVisits(visits, locale),
    questionSets,
    answers: answers === null ? null : { savedAt: answers.savedAt, answers: answers.answers },
    recipients: recipientsOf(context, locale),
    dutyContact: context.facility.dutyContact,
    securityContact: context.facility.securityContact ?? null,
    reports: reports.map(({ number, at, sameChild, addable }) => ({ number, at, sameChild, addable })),
    decisionCodes: decisionCodesFor(prompt.statutory),
    advisers: advisersOf(context, locale),
    operator: { name: clinician.name, role: clinician.role },
    reporterProtected: clinicalSentence(legalPack, REPORTER_PROTECTION, locale).id === REPORTER_PROTECTION,
    prefill,
    phone: phoneOf(context, prefill, locale),
    draft,
    ...(await ticketFor(context, clinician, { id: prompt.id, encounterId: snapshot.id, mode: prefill.mode })),
  };
}

/**
 * What this person is asked: of a red nobody has answered, and of a report they can add to. A result that came after the child had left says
 * what to do by itself.
 */
function asksOf({ prompt, reports, reportedBySelf }: PromptMaterial, leftBeforeResult: boolean): Pick<PromptView, 'leftAs' | 'toKeep'> {
  const isReported = prompt.state === 'reported';
  const isAsked = isReported ? reportedBySelf || reports.some(({ addable }) => addable) : isUnanswered(prompt) && prompt.level === 'red';
  if (!isAsked) return { leftAs: null, toKeep: [] };
  return { leftAs: leftBeforeResult && !isReported ? null : prompt.left_as, toKeep: toKeep(prompt) };
}

function timesOf(prompt: PromptRow, refusedAt: Date | null): Pick<PromptView, 'dueAt' | 'correctedAt' | 'refusedAt'> {
  return {
    dueAt: prompt.due_at?.toISOString() ?? null,
    correctedAt: prompt.corrected_at?.toISOString() ?? null,
    refusedAt: prompt.state === 'reported' ? null : (refusedAt?.toISOString() ?? null),
  };
}

/** What was answered of another child is nobody's answer here. */
function answersOf(stored: StoredAnswers | null, patientId: string): StoredAnswers | null {
  return stored?.patientId === patientId ? stored : null;
}

/** The patient as a screen may name him, after the mark of an exercise. */
export function patientView({ snapshot, assessment }: OpenedVisit, mode: PayloadMode, locale: LocaleName): PromptView['patient'] {
  const texts = textsOf(locale);
  return {
    id: snapshot.patient?.id ?? '',
    maskedName: `${mode === 'exercise' ? texts.exercise : ''}${maskName(snapshot.patient?.name ?? '') || texts.notKnown}`,
    sex: snapshot.patient?.sex ?? 'unknown',
    ageText: ageText(assessment, texts),
  };
}

export function encounterView({ snapshot, revision }: OpenedVisit): PromptView['encounter'] {
  return { id: snapshot.id, revision, visitNumber: snapshot.visitNumber ?? '', location: snapshot.location ?? '' };
}

export function recipientsOf({ profile, facility }: GatewayContext, locale: LocaleName): PromptRecipient[] {
  return toldAtOnce(profile, facility.code).map(({ kind, name, phone }) => ({ kind, name: name[locale], phone }));
}

/** Whom the hospital names; where it names nobody there, the procuratorate of the profile. */
function advisersOf({ profile, facility }: GatewayContext, locale: LocaleName): Adviser[] {
  const named = facility.advisers ?? [];
  if (named.some(({ kind }) => kind === 'procuratorate')) return [...named];
  const offices = profile.recipients.filter(
    ({ kind, phone, regionCode = profile.regionCode }) => kind === 'procuratorate' && phone !== '' && regionCode === profile.regionCode,
  );
  return [...named, ...offices.map(({ name, phone }) => ({ kind: 'procuratorate', name: name[locale], phone }) as const)];
}

/** The script of the case as it is prefilled; it is read out before anybody has pressed. */
export function phoneOf({ clock }: GatewayContext, prefill: PrefilledReport, locale: LocaleName): PhoneTemplate {
  const report = { ...prefill, reportId: '', createdAt: isoNow(clock) } as Report;
  return phoneTemplate(report, locale === 'en' ? 'en' : 'zh-CN');
}

/** One reason per rule, with the evidence of every visit of the episode. */
export function reasonsOfVisits(visits: readonly OpenedVisit[], locale: LocaleName): PromptReason[] {
  const texts = textsOf(locale);
  const reasons = new Map<string, PromptReason>();
  for (const { snapshot, assessment } of visits) {
    for (const indication of promptingIndications(assessment)) {
      const lines = [
        ...indication.evidence.map((evidence) => describeEvidence(snapshot, evidence, texts)),
        ...bornLine(snapshot, assessment, indication, texts),
      ];
      const masked = lines.map((line) => ({
        ...line,
        value: maskNamesIn(line.value, snapshot),
        source: maskNamesIn(line.source, snapshot),
      }));
      const known = reasons.get(indication.ruleId);
      const evidence = uniqueLines([...(known?.evidence ?? []), ...masked]);
      reasons.set(indication.ruleId, { ...(known ?? wordsOf(indication, locale)), evidence });
    }
  }
  return [...reasons.values()];
}

/** What makes a pregnancy statutory is the age, so the chart's birth date stands beside the finding. */
function bornLine({ patient }: EncounterSnapshot, { age }: Assessment, { family }: Indication, texts: PromptTexts): EvidenceLine[] {
  const { birthDate } = patient ?? {};
  if (family !== 'pregnancy' || birthDate === undefined || age === null || age.years >= STATUTORY_UNDER_YEARS) return [];
  return [{ label: texts.evidence.birthDate, value: fill(texts.bornUnderFourteen, { date: birthDate }), source: '', at: '' }];
}

function wordsOf(indication: Indication, locale: LocaleName): Omit<PromptReason, 'evidence'> {
  const wording = nationalWording[indication.ruleId];
  return {
    ruleId: indication.ruleId,
    family: indication.family,
    questionSet: wording?.questionSet ?? '',
    found: indication.summary[locale],
    why: wording?.why[locale] ?? '',
    doNow: wording?.doNow[locale] ?? '',
    preserve: (wording?.preserve ?? []).map((item) => ({ text: item.text[locale], deadlineHours: item.deadlineHours })),
    legalSentences: legalSentencesOf(indication.legalBasis, locale),
  };
}

/** Unverified sentences all fall back to the same article, which is said once (INV-17). */
function legalSentencesOf(legalBasis: readonly string[], locale: LocaleName): ShownSentence[] {
  const sentences = legalBasis.map((id) => ({ ...clinicalSentence(legalPack, id, locale), verified: true }) as const);
  return [...new Map(sentences.map((sentence) => [sentence.id, sentence])).values()];
}

function ageText({ age }: Assessment, texts: PromptTexts): string {
  if (age === null) return texts.ageUnknown;
  const { years, months } = age;
  if (years >= 2 || (months === null && years >= 1)) return fill(texts.ageYears, { count: String(years) });
  if (months === null) return texts.ageUnknown;
  return months === 0 ? texts.ageDays : fill(texts.ageMonths, { count: String(months) });
}
