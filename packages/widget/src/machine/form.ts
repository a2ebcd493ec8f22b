import type { TriState } from '@zhida/core';
import type { PhoneAnswers, Report, ReportPatient, Whereabouts } from '@zhida/report';
import type { PressCase } from '../wire.js';

/** The answers of a choice, in the order of the screen. */
export const SEXES = ['female', 'male', 'unknown'] as const;
export const TRI_STATES = ['yes', 'no', 'unknown'] as const;

export type WhereStatus = NonNullable<Whereabouts['status']>;

/** What a person can say on S2; every field may stay as it is. */
export interface ConfirmForm {
  readonly name: string;
  readonly age: string;
  readonly sex: string;
  readonly where: WhereStatus;
  readonly observed: string;
  readonly speaker: 'child' | 'companion';
  readonly verbatim: string;
  readonly danger: TriState;
  readonly companion: TriState;
  readonly unsafeHome: TriState;
  readonly safeContact: string;
  /** Who really sits here, typed under `不是我？`; empty means the signed-in account. */
  readonly typedOperator: string;
}

const PHONE = /\+?\d[\d -]{5,17}\d/;
const OPPOSITE: Readonly<Record<TriState, TriState>> = { yes: 'no', no: 'yes', unknown: 'unknown' };

export function formOf({ prefill }: PressCase): ConfirmForm {
  const { patient = {}, whereabouts = {}, suspicion = {}, safety } = prefill;
  return {
    name: patient.name || '',
    age: patient.statedAge || '',
    sex: patient.sex || 'unknown',
    where: whereabouts.status || 'unknown',
    observed: suspicion.observed || '',
    speaker: 'child',
    verbatim: '',
    danger: 'unknown',
    companion: 'unknown',
    unsafeHome: OPPOSITE[safety?.safeToGoHome || 'unknown'],
    safeContact: '',
    typedOperator: '',
  };
}

/** A form from what was put aside; what cannot be used of it is as prefilled. */
export function formFromDraft(pressCase: PressCase, saved: unknown): ConfirmForm {
  const form = formOf(pressCase);
  if (typeof saved !== 'object' || saved === null) return form;
  const known = Object.entries(saved).filter(([name, value]) => name in form && typeof value === 'string');
  return known.reduce((merged, [name, value]) => ({ ...merged, [name]: value as string }), form);
}

export interface Pressed {
  /** RFC 3339, by the gateway's clock as far as the page knows it. */
  readonly createdAt: string;
  /** How far this machine's clock is from the gateway's. */
  readonly clockOffsetMs: number;
}

/** The report of S2: what the gateway filled in, with what the person said laid over it. */
export function reportFrom({ prefill }: PressCase, form: ConfirmForm, { createdAt, clockOffsetMs }: Pressed): Omit<Report, 'reportId'> {
  const { suspicion = {}, reporter = {}, whereabouts = {}, safety, contactPlan } = prefill;
  const verbatim = form.verbatim.trim();
  const typed = form.typedOperator.trim();
  const contact = contactFrom(form.safeContact);
  return {
    ...(prefill as Omit<Report, 'reportId' | 'createdAt'>),
    createdAt,
    clockOffsetMs,
    patient: patientFrom(prefill.patient, form),
    whereabouts: form.where === whereabouts.status ? whereabouts : { status: form.where },
    suspicion: {
      ...suspicion,
      observed: form.observed,
      ...(verbatim === '' ? {} : { statements: [{ speaker: form.speaker, verbatim, at: createdAt, prompted: false }] }),
    },
    safety: { ...safety, immediateDanger: form.danger, safeToGoHome: OPPOSITE[form.unsafeHome] },
    ...companionsFrom(prefill.companions, form.companion),
    ...(contact === undefined ? {} : { contactPlan: { ...contactPlan, safeContact: contact } }),
    // The typed name goes beside the account of the ticket; the relay seals what its schema does not know.
    reporter: typed === '' ? reporter : ({ ...reporter, identityBasis: 'typed', typedOperator: typed } as Report['reporter'] & object),
  };
}

/** What is said on the telephone, with the answers of the form. */
export function phoneAnswers({ phone }: PressCase, form: ConfirmForm | undefined, number: string): PhoneAnswers {
  const { answers } = phone;
  if (form === undefined) return { ...answers, number };
  return {
    number,
    where: form.where,
    danger: form.danger === 'yes',
    companion: form.companion === 'yes' || (form.companion === 'no' && answers.companion !== 'alone') ? form.companion : answers.companion,
  };
}

function patientFrom(patient: ReportPatient = {}, form: ConfirmForm): ReportPatient {
  const changed: Record<string, string> = {};
  if (form.name.trim() !== (patient.name || '')) changed['name'] = form.name.trim();
  if (form.age.trim() !== (patient.statedAge || '')) changed['statedAge'] = form.age.trim();
  if (form.sex !== (patient.sex || 'unknown')) changed['sex'] = form.sex;
  return { ...patient, ...changed };
}

function companionsFrom(companions: Report['companions'], mayBeInvolved: TriState): Pick<Report, 'companions'> {
  if (mayBeInvolved === 'unknown') return companions === undefined ? {} : { companions };
  // Nobody came with a child of whom it is recorded that she came alone; the answer makes no person up.
  if (mayBeInvolved === 'no' && companions?.length === 0) return { companions };
  const present = companions === undefined || companions.length === 0 ? [{}] : companions;
  return { companions: present.map((person) => ({ ...person, mayBeInvolved })) };
}

/** One line such as `外婆 13800000000`: the number is the telephone, the rest says who. */
function contactFrom(line: string): { name?: string; phone?: string } | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const phone = (PHONE.exec(text) || [''])[0];
  const name = text.replace(phone, '').trim();
  return { ...(name === '' ? {} : { name }), ...(phone === '' ? {} : { phone }) };
}
