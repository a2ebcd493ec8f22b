import {
  type AgeBounds,
  type CalendarDate,
  type EncounterSnapshot,
  type Issue,
  type PartialDate,
  type StatedAge,
  type TriState,
  addDays,
  ageBounds,
  checkResidentId,
  compareDates,
  daysBetween,
  earliestBirth,
  isCompleteDate,
  isNobodysBirth,
  latestBirth,
  parsePartialDate,
  parseStatedAge,
} from '@zhida/core';
import type { AgeBasis } from '../assessment.js';

/** What is known of the patient's age on the day of the encounter. */
export interface AgeFact {
  readonly minor: TriState;
  readonly basis: AgeBasis | undefined;
  /** Undefined when nothing at all is known. */
  readonly bounds: AgeBounds | undefined;
  /** The span the birth date lies in; undefined when nothing is known. */
  readonly birth: { readonly earliest: CalendarDate; readonly latest: CalendarDate } | undefined;
  /** Completed months as somebody said them, where that is the basis. */
  readonly statedMonths: number | undefined;
  readonly monthsKnown: boolean;
  /** Path of the fact the age was read from. */
  readonly at: string;
}

interface Source {
  readonly basis: AgeBasis;
  readonly at: string;
  readonly birth: PartialDate | undefined;
  readonly stated: StatedAge | undefined;
}

const ADULT_YEARS = 18;
const UNKNOWN: AgeFact = {
  minor: 'unknown',
  basis: undefined,
  bounds: undefined,
  birth: undefined,
  statedMonths: undefined,
  monthsKnown: false,
  at: 'patient.birthDate',
};
const NO_AGE: StatedAge = { years: 0, months: 0, precision: 'days', approximate: true };

/** Reads the age from the best source there is; `textAge` is asked only when the patient's own fields say nothing. */
export function readAge(snapshot: EncounterSnapshot, on: CalendarDate, issues: Issue[], textAge: () => string | undefined): AgeFact {
  const source = chooseSource(snapshot, on, issues) ?? statedSource(textAge(), 'text', 'notes');
  if (source === undefined) {
    issues.push({ code: 'BIRTH_DATE_UNKNOWN', severity: 'warning', at: 'patient.birthDate' });
    return UNKNOWN;
  }
  if (source.birth !== undefined) return fromBirth(source, source.birth, on, issues);
  issues.push({ code: 'BIRTH_DATE_UNKNOWN', severity: 'warning', at: 'patient.birthDate' });
  return fromStated(source, on);
}

function chooseSource({ patient }: EncounterSnapshot, on: CalendarDate, issues: Issue[]): Source | undefined {
  const fromId = residentIdSource(patient?.identifiers ?? [], issues);
  const birth = patient?.birthDate === undefined ? undefined : parsePartialDate(patient.birthDate);
  if (birth === undefined || isFuture(birth, on) || isNobodysBirth(birth, on)) {
    if (birth !== undefined) nameImpossible(birth, on, fromId, issues);
    return fromId ?? statedSource(patient?.statedAge, 'stated', 'patient.statedAge');
  }
  const declared: Source = { basis: 'birth-date', at: 'patient.birthDate', birth, stated: undefined };
  if (fromId?.birth === undefined || agrees(birth, fromId.birth)) return declared;
  issues.push({ code: 'BIRTH_DATE_CONFLICT', severity: 'warning', at: 'patient.birthDate' });
  // Girls come under an adult's card and under a false birth date; the younger reading protects in both cases.
  return compareDates(earliestBirth(fromId.birth), latestBirth(birth)) > 0 ? fromId : declared;
}

/** That a birth date is not known at all is said where no other source is found. */
function nameImpossible(birth: PartialDate, on: CalendarDate, fromId: Source | undefined, issues: Issue[]): void {
  const code = isFuture(birth, on) ? 'BIRTH_DATE_IN_FUTURE' : fromId === undefined ? undefined : 'BIRTH_DATE_CONFLICT';
  if (code !== undefined) issues.push({ code, severity: 'warning', at: 'patient.birthDate' });
}

function residentIdSource(identifiers: readonly { system: string; value: string }[], issues: Issue[]): Source | undefined {
  let found: Source | undefined;
  identifiers.forEach(({ system, value }, index) => {
    if (system !== 'cn-resident-id') return;
    const check = checkResidentId(value);
    if (!check.valid) issues.push({ code: 'IDENTIFIER_CHECK_FAILED', severity: 'warning', at: `patient.identifiers[${index}].value` });
    else
      found ??= {
        basis: 'resident-id',
        at: `patient.identifiers[${index}].value`,
        birth: parsePartialDate(check.birthDate),
        stated: undefined,
      };
  });
  return found;
}

const SAID_MAX = 48;
const SAID_AGE_MAX = 12;
const NUMBERS = '0123456789０１２３４５６７８９一二三四五六七八九十两半';

/** 自称17岁, 骨龄约6岁, 八九岁, `says he is 12 years`: the first age among the words, as a guess. */
function parseSaidAge(text: string): StatedAge | undefined {
  const said = parseStatedAge(text);
  if (said !== undefined) return said;
  for (let from = 0; from < Math.min(text.length, SAID_MAX); from += 1) {
    const age = NUMBERS.includes(text.charAt(from)) ? longestAge(text, from) : undefined;
    if (age !== undefined && (age.precision !== 'days' || OF_AN_AGE.test(text))) return { ...age, approximate: true };
  }
  return text.length <= SAID_MAX && NEWBORN.test(text.trim()) ? NEWLY_BORN : parseBareYears(text);
}

function longestAge(text: string, from: number): StatedAge | undefined {
  for (let length = SAID_AGE_MAX; length > 1; length -= 1) {
    const age = parseStatedAge(text.slice(from, from + length));
    if (age !== undefined) return age;
  }
  return undefined;
}

/** Days are somebody's age only where the text says so: `missing 3 days` does not. */
const OF_AN_AGE = /\bold\b|\bage|newborn|neonate|出生|新生|生后|[天日时]大|龄/i;
/** A number of these counts no years. */
const OTHER_UNIT = /\b(?:minutes?|hours?|days?|weeks?|months?)\b|小时|[天日周]/i;

/**
 * 出生数小时, 刚出生, 不满月, `hours old`: no number, and yet an age, where the text says nothing else. Whoever is found without papers is often described so; 大一新生,
 * 刚生完孩子 or `missing 3 days` says another thing with the same words.
 */
const NEWBORN =
  /^(?:约|大约|估计|可能|似|[?？]|about|approx\.?|looks|appears|apparently|probably|abandoned)*(?:的|男|女|婴|儿|孩|童|[,，、 ]|\b(?:a|an|baby|infant|boy|girl|male|female)\b)*(?:(?:(?:刚|初)?出?生后?(?:仅|约|才)?[数几]个?(?:小时|钟头|天|日)|[数几]个?(?:小时|钟头|天|日)大?|刚出?生|初生|新生(?=[男女儿婴孩])|出生当[天日]|[不未]满月|new-?born|neonate|(?:a |few |several )*(?:hours?|days?) old|(?:a )?few (?:hours|days))(?:的|男|女|婴|儿|孩|童|[,，、 ]|\b(?:a|an|baby|infant|boy|girl|male|female)\b)*)+$/i;
/** In months, so that it may be some days more. */
const NEWLY_BORN: StatedAge = { years: 0, months: 0, precision: 'months', approximate: true };
/** Two numbers further apart are no guess at one age. */
const GUESS_SPAN_MAX = 3;

/** `looks 9`, `approx 14`, `appears 10-11`: the only number of a short text about an age counts years, of two side by side the smaller: the younger reading protects. */
function parseBareYears(text: string): StatedAge | undefined {
  const numbers = text.split(/[^0-9]+/).filter((part) => part !== '');
  const [first, second = first] = numbers;
  if (first === undefined || second === undefined || numbers.length > 2 || text.length > SAID_MAX || OTHER_UNIT.test(text))
    return undefined;
  if (Math.max(first.length, second.length) > 2 || Math.abs(Number(second) - Number(first)) > GUESS_SPAN_MAX) return undefined;
  const age = parseStatedAge(`${Math.min(Number(first), Number(second))}岁`);
  return age === undefined ? undefined : { ...age, approximate: true };
}

function statedSource(text: string | undefined, basis: 'stated' | 'text', at: string): Source | undefined {
  const stated = text === undefined ? undefined : parseSaidAge(text);
  return stated === undefined ? undefined : { basis, at, birth: undefined, stated };
}

function fromBirth(source: Source, birth: PartialDate, on: CalendarDate, issues: Issue[]): AgeFact {
  if (!isCompleteDate(birth)) issues.push({ code: 'BIRTH_DATE_PARTIAL', severity: 'information', at: source.at });
  const latest = latestBirth(birth);
  const bounds = ageBounds(birth, on);
  return {
    minor: minorOf(bounds),
    bounds,
    basis: source.basis,
    birth: { earliest: earliestBirth(birth), latest: compareDates(latest, on) > 0 ? on : latest },
    statedMonths: undefined,
    monthsKnown: birth.month !== undefined,
    at: source.at,
  };
}

/**
 * "13岁" is a child born 13 to 14 years ago; but people count 虚岁, one or two more than the law does, so a year less is
 * possible too, and a guess (约) may be a year short. Months and days are taken at their word.
 */
function fromStated(source: Source, on: CalendarDate): AgeFact {
  const { months, precision, days, approximate } = source.stated ?? NO_AGE;
  const byYears = precision === 'years';
  const fewest = byYears ? Math.max(0, months - 12) : months;
  const most = months + (byYears ? 11 : 0) + (approximate ? (byYears ? 12 : 1) : 0);
  const latest = days === undefined ? monthsBefore(on, fewest) : addDays(on, -days);
  const earliest = days === undefined ? monthsBefore(on, most + 1) : latest;
  const bounds: AgeBounds = {
    min: { years: Math.floor(fewest / 12), months: fewest, days: daysBetween(latest, on) },
    max: { years: Math.floor(most / 12), months: most, days: daysBetween(earliest, on) },
  };
  return {
    minor: minorOf(bounds),
    bounds,
    basis: source.basis,
    birth: { earliest, latest },
    statedMonths: months,
    monthsKnown: !byYears,
    at: source.at,
  };
}

function minorOf({ min, max }: AgeBounds): TriState {
  return max.years < ADULT_YEARS ? 'yes' : min.years >= ADULT_YEARS ? 'no' : 'unknown';
}

function monthsBefore(on: CalendarDate, months: number): CalendarDate {
  const index = on.year * 12 + on.month - 1 - months;
  return { year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1, day: Math.min(on.day, 28) };
}

function isFuture(birth: PartialDate, on: CalendarDate): boolean {
  return compareDates(earliestBirth(birth), on) > 0;
}

function agrees(left: PartialDate, right: PartialDate): boolean {
  return compareDates(earliestBirth(left), latestBirth(right)) <= 0 && compareDates(earliestBirth(right), latestBirth(left)) <= 0;
}
