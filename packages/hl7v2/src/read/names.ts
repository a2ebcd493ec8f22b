import { type CodedPlace, compact, orNone } from '@zhida/core';
import type { Segment } from '../wire/segment.js';

const CHINESE = /\p{Script=Han}/u;
const REGION_CODE = /^\d{6}(?:\d{3}(?:\d{3})?)?$/;
/** HL7 table 0190: H home, C current, M mailing, F origin; L legal, P permanent. */
const REGISTERED_USES = new Set(['L', 'P']);

/** A person's name (XPN, PN): the one in Chinese characters where there are several, written as its language writes it. */
export function personName(segment: Segment, field: number): string | undefined {
  const count = segment.repetitions(field);
  let first: string | undefined;
  for (let repetition = 0; repetition < count; repetition += 1) {
    const name = nameOf(
      segment.part(field, 1, 1, repetition),
      [segment.text(field, 2, repetition), segment.text(field, 3, repetition)].filter((part) => part !== undefined),
    );
    if (name !== undefined && CHINESE.test(name)) return name;
    first ??= name;
  }
  return first;
}

/** Somebody of the staff (XCN): the id, and the name behind it. */
export function staffOf(segment: Segment, field: number): { id: string | undefined; name: string | undefined } {
  const given = [segment.text(field, 3), segment.text(field, 4)].filter((part) => part !== undefined);
  return { id: segment.text(field), name: nameOf(segment.part(field, 2, 1), given) };
}

/** A telephone number (XTN, TN): as written, else from its parts (2.7). A mobile one comes first. */
export function phoneOf(segment: Segment, ...fields: readonly number[]): string | undefined {
  let first: string | undefined;
  for (const field of fields) {
    for (let repetition = 0; repetition < segment.repetitions(field); repetition += 1) {
      const number = numberOf(segment, field, repetition);
      if (number === undefined) continue;
      if (['CP', 'ORN'].includes(segment.text(field, 3, repetition) ?? segment.text(field, 2, repetition) ?? '')) return number;
      first ??= number;
    }
  }
  return first;
}

function numberOf(segment: Segment, field: number, repetition: number): string | undefined {
  if (['Internet', 'X.400'].includes(segment.text(field, 3, repetition) ?? '')) return undefined;
  const parts = [6, 7].map((component) => segment.text(field, component, repetition)).filter((part) => part !== undefined);
  const whole = segment.text(field, 1, repetition) ?? segment.text(field, 12, repetition);
  return whole ?? (parts.length === 0 ? undefined : parts.join('-'));
}

/** Where somebody lives and where they are registered (XAD, AD), by the use each address is sent with. */
export function addressesOf(segment: Segment, field: number): { address: CodedPlace | undefined; registered: CodedPlace | undefined } {
  let address: CodedPlace | undefined;
  let registered: CodedPlace | undefined;
  for (let repetition = 0; repetition < segment.repetitions(field); repetition += 1) {
    const place = placeIn(segment, field, repetition);
    if (place === undefined) continue;
    if (REGISTERED_USES.has((segment.text(field, 7, repetition) ?? '').toUpperCase())) registered ??= place;
    else address ??= place;
  }
  return { address: address ?? registered, registered };
}

function placeIn(segment: Segment, field: number, repetition: number): CodedPlace | undefined {
  const component = (position: number): string | undefined => segment.text(field, position, repetition);
  const county = component(9);
  const street = [segment.part(field, 1, 1, repetition), component(2)].filter((part) => part !== undefined);
  const areas = [component(3), component(4)].filter((part) => part !== undefined);
  const regionCode = county !== undefined && REGION_CODE.test(county) ? county : undefined;
  return orNone(compact<CodedPlace>({ text: joined(street, areas, county), regionCode }));
}

/** 国 省 市 县 街: Chinese writes the wide before the narrow, and often writes the whole address into the street. */
function joined(street: readonly string[], areas: readonly string[], county: string | undefined): string | undefined {
  const named = county === undefined || REGION_CODE.test(county) ? [] : [county];
  if (!CHINESE.test(street.join('') + areas.join(''))) return [...street, ...named, ...areas].join(', ') || undefined;
  const line = street.join('');
  const wide = [...areas.toReversed(), ...named].filter((area) => !line.includes(area));
  return wide.join('') + line || undefined;
}

function nameOf(family: string | undefined, given: readonly string[]): string | undefined {
  const parts = [...given, ...(family === undefined ? [] : [family])];
  if (parts.length === 0) return undefined;
  return CHINESE.test(parts.join('')) ? `${family ?? ''}${given.join('')}` : parts.join(' ');
}
