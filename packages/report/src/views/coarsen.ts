import { isRecord, formatPartialDate, type Json } from '@zhida/core';
import { dayOf } from '../age-band.js';
import { findCode } from '../codes/code-system.js';
import { HARM_TYPES, type HarmGroup, LOCAL_SITUATIONS, SITUATIONS } from '../codes/situations.js';

type Members = { readonly [key: string]: Json };
/** Gives what is left of a value, or `undefined` when nothing may be shown. `path` is the row's path. */
type Coarsen = (value: Json, path: string, zone: string | undefined) => Json | undefined;

/** What the harm type `sexual` is called for civil affairs: harm to the person. */
const PERSONAL_HARM = '人身';

/** Every `K …` of the view matrix by the words that follow the K. */
export const COARSENINGS = {
  date: (value, _path, zone) => dateText(value, 'YYYY-MM-DD', zone),
  '6-digit': (value) => regionOf(value, 6),
  '9-digit': (value) => regionOf(value, 9),
  'yes/no': yesOrNo,
  group: groupsOf,
  'sexual as 人身': (value) => texts(value).map((code) => (findCode(HARM_TYPES, code)?.code === 'sexual' ? PERSONAL_HARM : code)),
  'month, 6-digit, kind': eventOutline,
  'education-support': (value) => texts(value).filter((need) => need === 'education-support'),
  'relationship, attitude': (value) => only(value, ['relationship', 'attitude']),
  'relationship, accessToChild': (value) => only(value, ['relationship', 'accessToChild']),
  'relationship, specialDuty': (value) => only(value, ['relationship', 'specialDuty']),
  'kind, status, volatileUntil': (value) => only(value, ['kind', 'status', 'volatileUntil']),
  incidentNumber: (value) => only(value, ['incidentNumber']),
} as const satisfies Record<string, Coarsen>;
export type Coarsening = keyof typeof COARSENINGS;

/** Applies one coarsening; an empty result is nothing at all. */
export function coarsen(name: Coarsening, value: Json, path: string, zone?: string): Json | undefined {
  const apply: Coarsen = COARSENINGS[name];
  const result = apply(value, path, zone);
  return isEmpty(result) ? undefined : result;
}

/** True for nothing, and for an object or list without members. */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function dateText(value: Json, form: 'YYYY-MM-DD' | 'YYYY-MM', zone?: string): string | undefined {
  if (typeof value !== 'string') return undefined;
  // A partial date is already as coarse as it can be; anything that is no time at all is not shown.
  if (/^\d{4}(?:-\d{2})?$/.test(value)) return value;
  const day = dayOf(value, zone);
  if (day === undefined) return undefined;
  return formatPartialDate(form === 'YYYY-MM' ? { year: day.year, month: day.month } : day);
}

function regionOf(place: Json, digits: number): Json | undefined {
  const regionCode = membersOf(place)?.['regionCode'];
  if (typeof regionCode !== 'string' || !/^\d{6,}$/.test(regionCode)) return undefined;
  return { regionCode: regionCode.slice(0, digits) };
}

function eventOutline(value: Json, _path: string, zone?: string): Json | undefined {
  const event = membersOf(value) ?? {};
  const place = membersOf(event['place'] ?? null) ?? {};
  const month = dateText(event['occurredAt'] ?? null, 'YYYY-MM', zone);
  const outline = { ...membersOf(regionOf(place, 6) ?? null), ...(place['kind'] === undefined ? {} : { kind: place['kind'] }) };
  return { ...(month === undefined ? {} : { occurredAt: month }), ...(isEmpty(outline) ? {} : { place: outline }) };
}

/** A list: is there anything. A place of learning: is one known. A tri-state is a yes or no already. */
function yesOrNo(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.length > 0 ? 'yes' : 'no';
  const members = membersOf(value);
  if (members === undefined) return value;
  return Object.values(members).some((member) => member !== '' && member !== null) ? 'yes' : undefined;
}

function groupsOf(value: Json, path: string): Json {
  const system = { 'suspicion.situations': SITUATIONS, 'suspicion.localSituations': LOCAL_SITUATIONS }[path] ?? HARM_TYPES;
  // A code nobody knows is "other": its text could say more than the group.
  return [...new Set(texts(value).map((code): HarmGroup => findCode(system, code)?.group ?? 'other'))];
}

function only(value: Json, keys: readonly string[]): Json | undefined {
  if (Array.isArray(value)) return value.flatMap((item: Json) => pick(item, keys));
  return pick(value, keys)[0];
}

function pick(value: Json, keys: readonly string[]): Json[] {
  const members = membersOf(value) ?? {};
  const picked = Object.fromEntries(keys.flatMap((key) => (members[key] === undefined ? [] : [[key, members[key]]])));
  return isEmpty(picked) ? [] : [picked];
}

function membersOf(value: Json): Members | undefined {
  return isRecord(value) ? value : undefined;
}

function texts(value: Json): string[] {
  return Array.isArray(value) ? value.filter((item: Json): item is string => typeof item === 'string') : [];
}
