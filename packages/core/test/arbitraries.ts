import type { EncounterSnapshot, PastEncounter, SnapshotNote } from '@zhida/core';
import {
  ARRIVALS,
  CERTAINTIES,
  CONDITION_ROLES,
  DISPOSITIONS,
  ENCOUNTER_CLASSES,
  EVENT_KINDS,
  FACT_STATUSES,
  MODES,
  NOTE_SECTIONS,
  SEXES,
} from '@zhida/core';
import fc from 'fast-check';

const word = fc.string({ unit: 'grapheme', maxLength: 12 });
const code = <T extends string>(codes: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...codes);
const some = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

/** An RFC 3339 time with an offset. */
const anyTime: fc.Arbitrary<string> = fc
  .tuple(
    fc.date({ min: new Date('1995-01-01T00:00:00Z'), max: new Date('2040-01-01T00:00:00Z'), noInvalidDate: true }),
    code(['+08:00', 'Z', '-05:00']),
  )
  .map(([date, offset]) => `${date.toISOString().slice(0, 19)}${offset}`);

/** A day that exists, 1990 to 2039. */
export const anyDay: fc.Arbitrary<{ year: number; month: number; day: number }> = fc
  .date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2039-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => ({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }));

const person = some({ relationship: word, name: word, phone: word });
const place = some({ text: word, regionCode: word });
const factStatus = code(FACT_STATUSES);

const visit = {
  schemaVersion: fc.constant('1' as const),
  revision: fc.nat(),
  mode: code(MODES),
  facility: some({ code: word, name: word, regionCode: word }),
  department: some({ code: word, name: word }),
  visitNumber: word,
  location: word,
  event: fc.record({ kind: code(EVENT_KINDS), at: anyTime, staffId: word, role: word }, { requiredKeys: ['kind'] }),
  class: code(ENCOUNTER_CLASSES),
  period: some({ start: anyTime, end: anyTime }),
  arrival: code(ARRIVALS),
  patient: some({
    id: word,
    name: word,
    sex: code(SEXES),
    birthDate: code(['2019', '2019-02', '2019-02-03', '2020-02-29']),
    statedAge: word,
    identityVerified: fc.boolean(),
    maritalStatus: word,
    deceasedAt: fc.option(anyTime),
    disability: fc.array(word, { maxLength: 3 }),
    identifiers: fc.array(fc.record({ system: word, value: word }), { maxLength: 3 }),
    address: place,
    registeredAddress: place,
    phone: word,
    school: word,
    nationality: word,
    ethnicity: word,
  }),
  companion: fc.option(person),
  guardians: fc.array(person, { maxLength: 2 }),
  mother: some({ age: fc.nat(60), birthDate: code(['2010', '2010-05-06']) }),
  notes: fc.array(
    fc.record({ section: code(NOTE_SECTIONS), text: word, at: anyTime, author: word }, { requiredKeys: ['section', 'text'] }),
    { maxLength: 4 },
  ) as fc.Arbitrary<SnapshotNote[]>,
  conditions: fc.array(
    some({ code: word, system: word, text: word, role: code(CONDITION_ROLES), certainty: code(CERTAINTIES), status: factStatus }),
    { maxLength: 4 },
  ),
  observations: fc.array(
    some({
      code: word,
      system: word,
      name: word,
      value: fc.oneof(word, fc.double({ noDefaultInfinity: true, noNaN: true }), fc.boolean(), fc.constant(null)),
      unit: fc.option(word),
      interpretation: word,
      specimen: word,
      performer: word,
      status: factStatus,
      at: anyTime,
    }),
    { maxLength: 3 },
  ),
  procedures: fc.array(
    some({ code: word, system: word, text: word, at: anyTime, consentBy: some({ relationship: word }), status: factStatus }),
    { maxLength: 2 },
  ),
  orders: fc.array(some({ code: word, text: word, status: word, at: anyTime }), { maxLength: 2 }),
  medications: fc.array(some({ text: word, code: word, status: word }), { maxLength: 2 }),
  disposition: code(DISPOSITIONS),
  feedsPresent: fc.array(word, { maxLength: 3 }),
};

const pastEncounter = fc.record(
  { ...visit, id: word, start: anyTime, summary: word, reportId: fc.option(word) },
  { requiredKeys: [] },
) as fc.Arbitrary<PastEncounter>;

/** A snapshot that keeps the contract, every optional field present or not. */
export const anySnapshot: fc.Arbitrary<EncounterSnapshot> = fc.record(
  { ...visit, id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), history: fc.array(pastEncounter, { maxLength: 2 }) },
  { requiredKeys: ['id'] },
) as fc.Arbitrary<EncounterSnapshot>;

/** Anything at all in the places where the reader looks. */
export const anyHostileSnapshot: fc.Arbitrary<unknown> = fc.record(
  Object.fromEntries(
    [...Object.keys(visit), 'history'].map((key) => [key, fc.anything({ withDate: true, withMap: true, withBigInt: true })]),
  ),
  { requiredKeys: [] },
);
