import { type SnapshotObservation, compact } from '@zhida/core';
import { dataElement } from './diagnoses.js';
import { type XmlElement, child, children, textOf } from './element.js';
import { type SectionContext, addNote, isWithdrawn, statusOf } from './facts.js';
import { codedOf, momentOf, observedOf, wordsOf } from './values.js';

/** Data elements of an examination or a test: what was looked for, what came of it, and of what. */
const EXAMINATION = 'DE04.30.010';
const ITEMS = ['DE04.30.020', 'DE04.30.019', EXAMINATION];
const QUANTITY = 'DE04.30.015';
const WRITTEN = 'DE04.30.009';
const JUDGEMENT = 'DE04.30.017';
const UNIT = 'DE04.30.016';
const SPECIMEN = 'DE04.50.134';
const RESULTS = [QUANTITY, WRITTEN, JUDGEMENT];

/** The components of one test. */
interface Group {
  readonly components: XmlElement[];
  readonly parts: Map<string, XmlElement>;
}

/**
 * Reads the tests of WS/T 500 in an organizer: item, result, judgement and unit are observations beside and below each other.
 *
 * @returns the components that are of no test
 */
export function readTests(organizer: XmlElement, context: SectionContext): XmlElement[] {
  return groupsOf(organizer).flatMap((group) =>
    readTest(group, context) ? group.components.filter((part) => !isOfTest(part)) : group.components,
  );
}

/** An organizer may hold several tests one after the other: each begins with its item. */
function groupsOf(organizer: XmlElement): Group[] {
  const groups: Group[] = [];
  for (const component of children(organizer, 'component')) {
    const begins = ITEMS.includes(elementOf(component));
    const last = groups.at(-1);
    const isNew = last === undefined || (begins && firstOf(last.parts, ITEMS) !== undefined);
    const group: Group = isNew ? { components: [], parts: new Map() } : last;
    if (isNew) groups.push(group);
    group.components.push(component);
    collect(component, group.parts);
  }
  return groups;
}

function elementOf(component: XmlElement): string {
  return dataElement(codedOf(child(component, 'observation', 'code')));
}

function isOfTest(component: XmlElement): boolean {
  const element = elementOf(component);
  return [...ITEMS, ...RESULTS, UNIT, SPECIMEN].includes(element);
}

/** The observations by data element, those below others too; the first of each. */
function collect(holder: XmlElement, found: Map<string, XmlElement>): void {
  for (const observation of children(holder, 'observation')) {
    const element = dataElement(codedOf(child(observation, 'code')));
    if (element !== '' && !found.has(element)) found.set(element, observation);
    for (const part of children(observation, 'entryRelationship')) collect(part, found);
  }
}

function firstOf(parts: ReadonlyMap<string, XmlElement>, elements: readonly string[]): XmlElement | undefined {
  return elements.map((element) => parts.get(element)).find((part) => part !== undefined);
}

function readTest({ parts }: Group, context: SectionContext): boolean {
  const { log, zone, at } = context;
  const item = firstOf(parts, ITEMS);
  const result = firstOf(parts, RESULTS);
  const value = child(result, 'value');
  if (item === undefined || result === undefined || value === undefined) return false;
  const coded = codedOf(child(item, 'value'));
  const name = coded.text ?? textOf(child(item, 'value'));
  const observed = observedOf(value, log, zone);
  const judgement = parts.get(JUDGEMENT);
  context.facts.observations.push(
    compact<SnapshotObservation>({
      code: coded.code,
      system: coded.system,
      name,
      value: observed.value ?? null,
      unit: observed.unit ?? textOf(child(parts.get(UNIT), 'value')),
      interpretation: result === judgement ? undefined : wordsOf(child(judgement, 'value')),
      specimen: textOf(child(parts.get(SPECIMEN), 'value')),
      status: statusOf(result),
      at: momentOf(child(result, 'effectiveTime'), log, zone) ?? momentOf(child(item, 'effectiveTime'), log, zone) ?? at,
    }),
  );
  if (parts.get(EXAMINATION) === item && !isWithdrawn(result)) addReport(parts, name, context);
  return true;
}

/** 辅助检查结果 is a report somebody wrote. */
function addReport(parts: Group['parts'], name: string | undefined, context: SectionContext): void {
  const written = textOf(child(parts.get(WRITTEN), 'value'));
  if (written !== undefined) addNote(context, name === undefined ? written : `${name}：${written}`);
}
