import { type Node, child, children, firstOf, isObject, textAt } from './node.js';

/** A code with the short system name a snapshot uses. */
export interface Coded {
  readonly code: string;
  readonly system: string | undefined;
  readonly display: string | undefined;
}

/** URIs and OIDs of code systems to the names of the snapshot contract. OIDs 2.16.156.10011.* are those of WS/T 500. */
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/icd-?10-?cn|2\.16\.156\.10011\.2\.3\.3\.11(?:\.|$)/i, 'icd-10-cn'],
  [/icd-?10-?cm|2\.16\.840\.1\.113883\.6\.90$/i, 'icd-10-cm'],
  [/icd-?10(?:-who)?$|2\.16\.840\.1\.113883\.6\.3$/i, 'icd-10'],
  [/icd-?9-?cm(?:-?3)?$|2\.16\.156\.10011\.2\.3\.3\.12(?:\.|$)|2\.16\.840\.1\.113883\.6\.(?:103|104)$/i, 'icd-9-cm-3'],
  [/snomed|2\.16\.840\.1\.113883\.6\.96$/i, 'snomed'],
  [/loinc|2\.16\.840\.1\.113883\.6\.1$/i, 'loinc'],
  [/rxnorm|2\.16\.840\.1\.113883\.6\.88$/i, 'rxnorm'],
];

const DIAGNOSIS_SYSTEMS: ReadonlySet<string | undefined> = new Set(['icd-10-cn', 'icd-10', 'icd-10-cm']);

/** True for a code of one of the classifications of diseases. */
export function isDiagnosisCode({ system }: Coded): boolean {
  return DIAGNOSIS_SYSTEMS.has(system);
}

/** The snapshot's name of a code system; an unknown one keeps its URI. */
function systemName(uri: string): string {
  return SYSTEMS.find(([pattern]) => pattern.test(uri))?.[1] ?? uri;
}

/** The codings of a CodeableConcept that have a code. A bare Coding counts as a concept of one. */
export function codingsOf(concept: Node): Coded[] {
  const codings = isObject(concept.value) && textAt(concept, 'code') !== undefined ? [concept] : children(concept, 'coding');
  return codings.flatMap((coding) => {
    const code = textAt(coding, 'code');
    const uri = textAt(coding, 'system');
    return code === undefined
      ? []
      : [{ code, system: uri === undefined ? undefined : systemName(uri), display: textAt(coding, 'display') }];
  });
}

/** The first coding of the first of these systems that has one, else the first coding. */
export function preferredCoding(concept: Node, systems: readonly string[]): Coded | undefined {
  const codings = codingsOf(concept);
  for (const system of systems) {
    const found = codings.find((coding) => coding.system === system);
    if (found !== undefined) return found;
  }
  return codings[0];
}

/** The concept of an R5 CodeableReference. R4 has the CodeableConcept itself in its place. */
export function conceptIn(node: Node): Node {
  const concept = child(node, 'concept');
  return isObject(concept.value) ? concept : node;
}

/** The Reference of an R5 CodeableReference. R4 has the Reference itself in its place. */
export function referenceIn(node: Node): Node {
  const reference = child(node, 'reference');
  return isObject(reference.value) ? reference : node;
}

/** What a person would read: the text, else a display, else nothing. A code alone is not a text. */
export function conceptText(concept: Node): string | undefined {
  return (
    textAt(concept, 'text') ??
    textAt(concept, 'display') ??
    children(concept, 'coding')
      .map((coding) => textAt(coding, 'display'))
      .find(Boolean)
  );
}

/** The codes of a concept, in lower case, to compare with the closed lists of FHIR. */
export function conceptCodes(concept: Node | undefined): readonly string[] {
  return concept === undefined ? [] : codingsOf(concept).map((coding) => coding.code.toLowerCase());
}

/** An effective or performed time: the first of these elements that names an instant, or the start of the first period. */
export function timeText(resource: Node, ...elements: readonly string[]): Node | undefined {
  for (const element of elements) {
    const found = firstOf(resource, element);
    if (found === undefined) continue;
    const moment = isObject(found.value) ? (firstOf(found, 'start') ?? child(found, 'end')) : found;
    if (typeof moment.value === 'string') return moment;
  }
  return undefined;
}
