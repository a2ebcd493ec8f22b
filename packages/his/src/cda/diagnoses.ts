import { type SnapshotCondition, compact } from '@zhida/core';
import { type XmlElement, attribute, child, children, textOf } from './element.js';
import { type Diagnosis, type SectionContext, addNote, isNegated, isWithdrawn, passOver, statusOf } from './facts.js';
import { type Coded, codedOf } from './values.js';

const DIAGNOSIS_SYSTEMS: ReadonlySet<string> = new Set(['icd-10-cn', 'icd-10', 'icd-10-cm']);
/** Data elements: 疾病诊断编码 and 名称, 中医病证代码 and 名称, 损伤中毒的外部原因 and its code. */
const DIAGNOSIS_ELEMENTS = new Set(['DE05.01.024', 'DE05.01.025', 'DE05.10.130', 'DE05.10.172', 'DE05.10.152', 'DE05.01.078']);
const EXTERNAL_ELEMENTS = new Set(['DE05.10.152', 'DE05.01.078']);
/** HL7 CDA: an assertion, LOINC and SNOMED problem and diagnosis. */
const ASSERTIONS = new Set(['ASSERTION', 'DX', '29308-4', '282291009', '55607006']);
const EXTERNAL_CAUSE = /^[V-Yv-y]\d/;

/** The number of a data element without its last pair, which tells variants apart. */
export function dataElement({ code }: Coded): string {
  return /^(DE\d\d\.\d\d\.\d{3})(?:\.\d\d)?$/.exec(code ?? '')?.[1] ?? '';
}

/** The coded value an observation makes a diagnosis by; `undefined` for any other observation. */
export function isDiagnosis(code: Coded, values: readonly XmlElement[]): boolean {
  if (DIAGNOSIS_ELEMENTS.has(dataElement(code))) return true;
  if (values.some((value) => DIAGNOSIS_SYSTEMS.has(codedOf(value, DIAGNOSIS_SYSTEMS).system ?? ''))) return true;
  return ASSERTIONS.has(code.code ?? '') && values.some((value) => attribute(value, 'code') !== undefined);
}

/** Reads the values of an observation that is a diagnosis. Of a family history it is a relative's, and stays a text. */
export function readDiagnosis(observation: XmlElement, code: Coded, values: readonly XmlElement[], context: SectionContext): void {
  const isOfFamily = context.section === 'family-history';
  const isSaid = !isNegated(observation) && !isWithdrawn(observation);
  const make = diagnosisIn(observation, code, context);
  for (const value of values) {
    if (value.attributes.has('nullFlavor')) continue;
    const { code: number, system, text: words } = codedOf(value, DIAGNOSIS_SYSTEMS);
    const text = words ?? (number === undefined ? textOf(value) : undefined);
    if (number === undefined && text === undefined) continue;
    if (isOfFamily) {
      passOver(context, observation);
      if (isSaid) addNote(context, text ?? number);
    } else context.diagnoses.push(make({ code: number, system, text }));
  }
}

/** What an observation says of each of its values is looked for once: there may be thousands. */
function diagnosisIn(observation: XmlElement, code: Coded, context: SectionContext): (said: Coded) => Diagnosis {
  const isExternal = EXTERNAL_ELEMENTS.has(dataElement(code));
  const qualifiers = children(child(observation, 'code'), 'qualifier').map((qualifier) => codedOf(child(qualifier, 'name')).text);
  const role = roleIn([code.text, ...qualifiers].join(' '), context);
  const isUncertain = attribute(child(observation, 'uncertaintyCode'), 'code') === 'U';
  const certainty = isNegated(observation) ? 'ruled-out' : isUncertain ? 'suspected' : undefined;
  const status = statusOf(observation);
  const group = groupOf(observation, isExternal);
  return (said) => ({
    ...compact<SnapshotCondition>({
      ...said,
      role: isExternal || EXTERNAL_CAUSE.test(said.code ?? '') ? 'external-cause' : role,
      certainty,
      status,
    }),
    group,
  });
}

function roleIn(names: string, { role }: SectionContext): SnapshotCondition['role'] {
  if (role !== undefined) return role;
  if (/主要/.test(names)) return 'main';
  if (/其他|次要/.test(names)) return 'other';
  return /入院/.test(names) ? 'admission' : undefined;
}

/** The code of an external cause hangs below its words. */
function groupOf({ parent }: XmlElement, isExternal: boolean): XmlElement | undefined {
  if (isExternal) return parent?.name === 'entryRelationship' ? parent.parent?.parent : parent;
  return parent?.parent?.name === 'organizer' ? parent.parent : undefined;
}

/** Puts a code and the name beside it together, and says which diagnosis is the main one where nothing does. */
export function conditionsOf(diagnoses: readonly Diagnosis[], isReport: boolean): SnapshotCondition[] {
  const whole: Diagnosis[] = [];
  let isPair = false;
  for (const half of diagnoses) {
    const last = whole.at(-1);
    // One organizer names a disease and its syndrome one after the other: a pair takes no third, but for the same said again.
    isPair = last !== undefined && isOtherHalf(last, half) && (!isPair || last.text === half.text);
    if (last !== undefined && isPair) whole[whole.length - 1] = { ...half, ...last, ...wordsOf(last, half) };
    else whole.push(half);
  }
  let hasMain = isReport || whole.some(({ role }) => role === 'main');
  return whole.map(({ group: _group, ...condition }) => {
    if (condition.role !== undefined || isReport) return condition;
    const role = hasMain ? 'other' : 'main';
    hasMain = true;
    return { ...condition, role };
  });
}

function isOtherHalf(last: Diagnosis, half: Diagnosis): boolean {
  if (last.group !== half.group || (last.code === undefined) === (half.code === undefined)) return false;
  if (last.certainty !== half.certainty || last.status !== half.status) return false;
  return last.group !== undefined || last.text === undefined || half.text === undefined || last.text === half.text;
}

/** The doctor's own words are often in the name alone: they stand beside those of the code. */
function wordsOf({ text: one }: Diagnosis, { text: other }: Diagnosis): { text?: string } {
  if (one === undefined || other === undefined) return one === undefined && other === undefined ? {} : { text: one ?? other ?? '' };
  if (one.includes(other)) return { text: one };
  return { text: other.includes(one) ? other : `${one}；${other}` };
}
