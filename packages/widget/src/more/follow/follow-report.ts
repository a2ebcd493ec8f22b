import { DEFAULT_ZONE, type TriState } from '@zhida/core';
import type { Report, Whereabouts } from '@zhida/report';
import { followZhCN } from '../../locales/follow-zh-cn.js';
import type { ConfirmForm, Pressed, WhereStatus } from '../../machine/form.js';
import type { PressCase, ToKeep } from '../../wire.js';

/** What can be said after a report, in the order of its buttons. */
export const SAID = ['add', 'moved', 'wrong-patient', 'wrong-content'] as const;
/** Everything that is sent; `kept` has no page of its own, it is said where it is asked (S7). */
export const SENT = [...SAID, 'kept'] as const;
export type SaidCode = (typeof SENT)[number];
/** Pages of numbers to call, which say nothing to anybody. */
export const CARDS = ['help', 'obstructed'] as const;
export type FollowCode = (typeof SAID)[number] | (typeof CARDS)[number];

type GoneOrHere = Exclude<WhereStatus, 'unknown'>;

/** What is written on the page of one code; a field nobody touched is missing. */
export type FollowForm = Readonly<Record<string, string | undefined>>;

const PATIENT_FIELDS = ['name', 'statedAge', 'sex'] as const;

/** What the fields about the child show before anybody touches them: as it was reported. */
export function reportedPatient(
  { prefill: { patient = {} } }: Pick<PressCase, 'prefill'>,
  form: ConfirmForm | undefined,
): Record<string, string> {
  const { name = '', statedAge = '', sex = 'unknown' } = patient;
  return form === undefined ? { name, statedAge, sex } : { name: form.name, statedAge: form.age, sex: form.sex };
}

/** Whether the page says anything yet; 发错患者 says it all by itself. */
export function saysSomething(code: SaidCode, form: FollowForm, patient: Record<string, string>): boolean {
  if (code === 'wrong-patient' || code === 'kept') return true;
  if (code === 'moved') return whereIn(form) !== undefined;
  if (textIn(form, 'text') !== '') return true;
  return code === 'add' ? dangerIn(form) !== 'unknown' : Object.keys(changedPatient(form, patient)).length > 0;
}

/**
 * The report of one page. It holds what is new alone: case, child and hospital are the gateway's to add, from the report it follows, so
 * that nothing here can name another child.
 */
export function followReport(
  code: SaidCode,
  { prefill, mode }: PressCase,
  said: { readonly form: FollowForm; readonly confirmed: ConfirmForm | undefined; readonly toKeep: readonly ToKeep[] },
  pressed: Pressed,
): object {
  const { form, confirmed } = said;
  const typed = confirmed === undefined ? '' : confirmed.typedOperator.trim();
  const base = {
    mode,
    ...pressed,
    source: 'manual',
    reporter: typed === '' ? prefill.reporter : { ...prefill.reporter, identityBasis: 'typed', typedOperator: typed },
  };
  if (code === 'moved') return { ...base, kind: 'follow-up', ...movedIn(form, pressed), ...dangerSaid(form) };
  if (code === 'kept') return { ...base, kind: 'follow-up', ...keptIn(form, said.toKeep) };
  if (code === 'add') return { ...base, kind: 'follow-up', suspicion: { observed: textIn(form, 'text') }, ...dangerSaid(form) };
  if (code === 'wrong-patient') return { ...base, kind: 'error-notice', errorReason: 'wrong-patient', suspicion: {} };
  const patient = changedPatient(form, reportedPatient({ prefill }, confirmed));
  return {
    ...base,
    kind: 'correction',
    suspicion: { observed: textIn(form, 'text') },
    ...(Object.keys(patient).length > 0 ? { patient } : {}),
  };
}

/** The words go to Chinese agencies, whatever language the screen is in. */
function movedIn(form: FollowForm, { createdAt }: Pressed): Pick<Report, 'whereabouts' | 'suspicion'> {
  const where = whereaboutsIn(form, createdAt);
  const { codes, whereabouts } = followZhCN;
  return where === undefined ? {} : { whereabouts: where, suspicion: { observed: `${codes.moved}：${whereabouts[where.status]}` } };
}

function keptIn({ status, place = '' }: FollowForm, toKeep: readonly ToKeep[]): Pick<Report, 'evidence' | 'suspicion'> {
  const { codes, moment } = followZhCN;
  const isKept = status === 'kept';
  const said = { status: isKept ? 'kept' : 'unavailable', ...(place.trim() === '' ? {} : { place: place.trim() }) } as const;
  return {
    evidence: toKeep.map(({ kind, volatileUntil }) => ({ kind, ...said, ...(isKept ? { volatileUntil } : {}) })),
    suspicion: { observed: `${codes.kept}：${isKept ? moment.kept : moment.unavailable}` },
  };
}

/** Where the child has gone, as the page says; undefined while it says nothing. */
export function whereaboutsIn(form: FollowForm, now: string): (Whereabouts & { readonly status: GoneOrHere }) | undefined {
  const status = whereIn(form);
  if (status === undefined) return undefined;
  const [withWhom, destination, since] = [textIn(form, 'withWhom'), textIn(form, 'destination'), textIn(form, 'since')];
  return {
    status,
    ...(withWhom === '' ? {} : { withWhom }),
    ...(destination === '' ? {} : { destination }),
    ...(since === '' ? {} : { since: instantOf(since, now) }),
  };
}

/** `21:40` is the last time the hospital's clocks showed that; other words travel as they were written. */
export function instantOf(text: string, now: string): string {
  const [, hour, minute] = /^([01]?\d|2[0-3])[:：]?([0-5]\d)$/.exec(text) || [];
  if (hour === undefined || minute === undefined) return text;
  const day = (instant: number): string => new Date(instant).toLocaleString('sv-SE', { timeZone: DEFAULT_ZONE }).slice(0, 10);
  const at = (instant: number): string => `${day(instant)}T${`0${hour}`.slice(-2)}:${minute}:00+08:00`;
  const today = at(Date.parse(now));
  return Date.parse(today) <= Date.parse(now) ? today : at(Date.parse(now) - 86_400_000);
}

function changedPatient(form: FollowForm, reported: Record<string, string>): Record<string, string> {
  const changed: Record<string, string> = {};
  for (const field of PATIENT_FIELDS) {
    const text = textIn(form, field);
    if (form[field] !== undefined && text !== reported[field]) changed[field] = text;
  }
  return changed;
}

function dangerSaid(form: FollowForm): Pick<Report, 'safety'> {
  const immediateDanger = dangerIn(form);
  return immediateDanger === 'unknown' ? {} : { safety: { immediateDanger } };
}

export function dangerIn({ danger }: FollowForm): TriState {
  return danger === 'yes' || danger === 'no' ? danger : 'unknown';
}

export function whereIn({ where }: FollowForm): GoneOrHere | undefined {
  return where !== undefined && where in followZhCN.whereabouts ? (where as GoneOrHere) : undefined;
}

function textIn(form: FollowForm, name: string): string {
  return (form[name] || '').trim();
}
