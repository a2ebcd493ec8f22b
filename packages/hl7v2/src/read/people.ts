import { type EncounterSnapshot, type PersonContact, table, compact } from '@zhida/core';
import type { Segment } from '../wire/segment.js';
import { personName, phoneOf } from './names.js';
import { birthDateOf } from './times.js';

/** HL7 table 0063, where only a code is sent, in the words of the hospital. */
const RELATIONS = table<string>({
  MTH: '母亲',
  FTH: '父亲',
  PAR: '父母',
  GRD: '监护人',
  GRP: '祖父母',
  SIB: '兄弟姐妹',
  BRO: '兄弟',
  SIS: '姐妹',
  SPO: '配偶',
  DOM: '同居者',
  CHD: '子女',
  SCH: '子女',
  EXF: '其他亲属',
  FCH: '寄养',
  EMC: '紧急联系人',
  EME: '雇主',
  TRA: '教师',
  FND: '朋友',
});
const MOTHER = /母|mother/i;
/** 祖母, 伯母, 岳母, 继母, stepmother: a mother by word, not the one who bore the child. */
const OTHER_MOTHER = /[祖伯叔婶舅姨姑岳婆继养义干教]母|grand|step|foster|adopt|god|law/i;
const WITH_PATIENT = /陪|accompan|companion|escort/i;

/** Who stands behind the patient, and who came with them. */
export type People = Pick<EncounterSnapshot, 'guardians' | 'companion' | 'mother'>;

/** Reads the next of kin (NK1) and the guarantors (GT1) of one patient. */
export function readPeople(segments: readonly Segment[], isBirth: boolean): People {
  const guardians: PersonContact[] = [];
  let companion: PersonContact | undefined;
  let mother: EncounterSnapshot['mother'];
  for (const segment of segments) {
    const isKin = segment.type === 'NK1';
    const person = isKin ? kinOf(segment) : guarantorOf(segment);
    if (Object.keys(person).length === 0) continue;
    if (isKin && cameAlong(segment)) companion ??= person;
    else if (!guardians.some((known) => known.name === person.name && known.relationship === person.relationship)) guardians.push(person);
    if (isBirth && isKin && isMother(person.relationship ?? '')) mother ??= motherOf(segment);
  }
  return compact<People>({ guardians: guardians.length === 0 ? undefined : guardians, companion, mother });
}

function isMother(relationship: string): boolean {
  return MOTHER.test(relationship) && !OTHER_MOTHER.test(relationship);
}

function kinOf(nk1: Segment): PersonContact {
  return compact<PersonContact>({ relationship: relationOf(nk1, 3), name: personName(nk1, 2), phone: phoneOf(nk1, 5, 6) });
}

function guarantorOf(gt1: Segment): PersonContact {
  return compact<PersonContact>({ relationship: relationOf(gt1, 11), name: personName(gt1, 3), phone: phoneOf(gt1, 6, 7) });
}

function relationOf(segment: Segment, field: number): string | undefined {
  const [code, text] = [segment.text(field), segment.text(field, 2)];
  return text ?? (code === undefined ? undefined : (RELATIONS.get(code.toUpperCase()) ?? code));
}

function cameAlong(nk1: Segment): boolean {
  const words = [nk1.text(7), nk1.text(7, 2), nk1.text(3), nk1.text(3, 2)];
  return words.some((word) => word !== undefined && WITH_PATIENT.test(word));
}

function motherOf(nk1: Segment): EncounterSnapshot['mother'] {
  const birthDate = birthDateOf(nk1.text(16) ?? '');
  return birthDate === undefined ? undefined : { birthDate };
}
