import { type SnapshotMedication, type SnapshotObservation, type SnapshotOrder, type SnapshotProcedure, compact } from '@zhida/core';
import { DISPOSITIONS, INTENDED, ROOTS } from './codes.js';
import { dataElement, isDiagnosis, readDiagnosis } from './diagnoses.js';
import { type XmlElement, attribute, child, children, elementsOf, placeOf, textOf } from './element.js';
import { type SectionContext, addNote, isNegated, isOfAnother, isWithdrawn, passOver, statusOf } from './facts.js';
import { readTests } from './tests.js';
import { type Coded, codedOf, momentOf, observedOf, wordsOf } from './values.js';

type ActReader = (act: XmlElement, context: SectionContext) => void;

const READERS: ReadonlyMap<string, ActReader> = new Map<string, ActReader>([
  ['observation', readObservation],
  ['organizer', readOrganizer],
  ['act', readAct],
  ['procedure', readProcedure],
  ['substanceAdministration', readMedication],
  ['supply', readMedication],
  ['observationMedia', (act, { log }) => log.add('CONTENT_NOT_TEXT', placeOf(act), 'information')],
  ['encounter', (act, context) => passOver(context, act)],
  ['regionOfInterest', (act, context) => passOver(context, act)],
]);
const PROCEDURE_SYSTEMS: ReadonlySet<string> = new Set(['icd-9-cm-3']);
const PROCEDURE_NAME = 'DE06.00.094';
const ORDER_CONTENT = 'DE06.00.288';
const ORDER_TYPE = 'DE06.00.289';
const DISPOSITION = 'DE06.00.223';
const HEADINGS = new Set(['主诉', '现病史', '既往史', '家族史', '个人史', '体格检查', '专科情况']);

/** Reads the acts of an `entry`, an `entryRelationship` or a `component`. */
export function readActs(holder: XmlElement, context: SectionContext): void {
  for (const act of elementsOf(holder)) {
    const read = READERS.get(act.name);
    if (read === undefined) continue;
    if (isOfAnother(act)) passOver(context, act, 'subject');
    else read(act, context);
  }
}

function readParts(act: XmlElement, context: SectionContext): void {
  for (const part of [...children(act, 'entryRelationship'), ...children(act, 'component')]) readActs(part, context);
}

function readOrganizer(organizer: XmlElement, context: SectionContext): void {
  if (isWithdrawn(organizer)) {
    passOver(context, organizer, 'statusCode');
    return;
  }
  if (readOrder(organizer, context)) return;
  for (const part of readTests(organizer, context)) readActs(part, context);
  for (const part of children(organizer, 'entryRelationship')) readActs(part, context);
}

function readAct(act: XmlElement, context: SectionContext): void {
  if (isNegated(act) || isWithdrawn(act)) {
    passOver(context, act, isNegated(act) ? '@negationInd' : 'statusCode');
    return;
  }
  addNote(context, textOf(child(act, 'text')));
  readParts(act, context);
}

function readObservation(observation: XmlElement, context: SectionContext): void {
  const code = codedOf(child(observation, 'code'));
  const values = children(observation, 'value');
  const isPlan = INTENDED.has(attribute(observation, 'moodCode') ?? '');
  if (isPlan) addOrder(observation, code.text ?? code.code, code, context);
  else if (isDiagnosis(code, values)) readDiagnosis(observation, code, values, context);
  else readResult(observation, code, values, context);
  // Parts of what is only planned, was not there or is withdrawn say nothing.
  if (!isPlan && !isNegated(observation) && !isWithdrawn(observation)) readParts(observation, context);
}

function readResult(observation: XmlElement, code: Coded, values: readonly XmlElement[], context: SectionContext): void {
  const [value] = values;
  const element = dataElement(code);
  const written = isWritten(observation, code, values);
  if (isNegated(observation)) passOver(context, observation, '@negationInd');
  // A result keeps its status; a text has none.
  else if (isWithdrawn(observation) && (written || element === DISPOSITION)) passOver(context, observation, 'statusCode');
  else if (value !== undefined && readByElement(element, observation, value, context)) return;
  else if (written) addText(observation, code, values, context);
  else addResults(observation, code, values, context);
}

/** What a data element or a classification makes more of an observation than a result. */
function readByElement(element: string, observation: XmlElement, value: XmlElement, context: SectionContext): boolean {
  const procedure = codedOf(value, PROCEDURE_SYSTEMS);
  if (element === DISPOSITION) readDisposition(value, context);
  else if (element === ORDER_CONTENT) addOrder(observation, wordsOf(value) ?? textOf(value), {}, context);
  else if (PROCEDURE_SYSTEMS.has(procedure.system ?? '')) addProcedure(observation, procedure, context);
  else if (element === PROCEDURE_NAME) addProcedure(observation, { text: textOf(value) }, context);
  else return false;
  return true;
}

/** A data element whose value is text is a piece of the record: somebody wrote it. */
function isWritten(observation: XmlElement, code: Coded, values: readonly XmlElement[]): boolean {
  if (values.length === 0) return child(observation, 'text') !== undefined;
  return code.system === ROOTS.dataElement && values.every((value) => !value.attributes.has('nullFlavor') && !isCodedOrMeasured(value));
}

function isCodedOrMeasured(value: XmlElement): boolean {
  return (
    ['value', 'code', 'unit'].some((name) => value.attributes.has(name)) ||
    !/(?:^|:)(?:ST|ED|SC|)$/.test(value.attributes.get('type') ?? '')
  );
}

/** The text under its name, but where the name says no more than the heading it stands under. */
function addText(observation: XmlElement, { text: name }: Coded, values: readonly XmlElement[], context: SectionContext): void {
  const at = momentOf(child(observation, 'effectiveTime'), context.log, context.zone);
  const label = name === undefined || HEADINGS.has(name) ? '' : `${name}：`;
  for (const part of values.length === 0 ? children(observation, 'text') : values) {
    const text = textOf(part);
    if (text !== undefined) addNote(context, `${label}${text}`, at === undefined ? {} : { at });
  }
}

function addResults(observation: XmlElement, code: Coded, values: readonly XmlElement[], { facts, log, zone, at }: SectionContext): void {
  const results = values.map((value) => observedOf(value, log, zone)).filter(({ value }) => value !== undefined);
  if (results.length === 0) return;
  const common = {
    interpretation: wordsOf(child(observation, 'interpretationCode')),
    specimen: wordsOf(child(observation, 'specimen', 'specimenRole', 'specimenPlayingEntity', 'code')),
    performer: textOf(child(observation, 'performer', 'assignedEntity', 'representedOrganization', 'name')),
    status: statusOf(observation),
    at: momentOf(child(observation, 'effectiveTime'), log, zone) ?? at,
  };
  for (const { value, unit } of results)
    facts.observations.push(
      compact<SnapshotObservation>({ code: code.code, system: code.system, name: code.text, value, unit, ...common }),
    );
}

function readDisposition(value: XmlElement, { facts, log }: SectionContext): void {
  const code = attribute(value, 'code');
  if (code === undefined) return;
  const disposition = DISPOSITIONS.get(code);
  if (disposition === undefined) log.add('FIELD_UNKNOWN_CODE', placeOf(value));
  facts.disposition = disposition ?? 'other';
}

function readProcedure(procedure: XmlElement, context: SectionContext): void {
  const coded = codedOf(child(procedure, 'code'), PROCEDURE_SYSTEMS);
  if (isNegated(procedure)) {
    passOver(context, procedure, '@negationInd');
    return;
  }
  if (INTENDED.has(attribute(procedure, 'moodCode') ?? '')) {
    addOrder(procedure, coded.text ?? coded.code, coded, context);
    return;
  }
  const isName = (observation: XmlElement): boolean => dataElement(codedOf(child(observation, 'code'))) === PROCEDURE_NAME;
  const parts = children(procedure, 'entryRelationship');
  const named = parts.flatMap((part) => children(part, 'observation')).find(isName);
  addProcedure(procedure, { ...coded, text: textOf(child(named, 'value')) ?? coded.text }, context);
  if (isWithdrawn(procedure)) return;
  addNote(context, textOf(child(procedure, 'text')));
  for (const part of parts) if (!children(part, 'observation').some(isName)) readActs(part, context);
}

function addProcedure(act: XmlElement, { code, system, text }: Partial<Coded>, { facts, log, zone }: SectionContext): void {
  if (code === undefined && text === undefined) return;
  const status = statusOf(act);
  const at = momentOf(child(act, 'effectiveTime'), log, zone);
  facts.procedures.push(compact<SnapshotProcedure>({ code, system, text, at, status }));
}

/** An order of WS/T 500: what it is of and what it says come as two parts of one organizer. */
function readOrder(organizer: XmlElement, context: SectionContext): boolean {
  const parts = children(organizer, 'component').flatMap((component) => children(component, 'observation'));
  const partOf = (element: string): XmlElement | undefined => parts.find((part) => dataElement(codedOf(child(part, 'code'))) === element);
  const content = partOf(ORDER_CONTENT);
  if (content === undefined) return false;
  const text = textOf(child(content, 'value')) ?? wordsOf(child(content, 'value'));
  addOrder(content, text, {}, context);
  const type = wordsOf(child(partOf(ORDER_TYPE), 'value'));
  const isMedicine = type?.includes('药') === true && !isNegated(content) && !isWithdrawn(content);
  if (text !== undefined && isMedicine) context.facts.medications.push({ text, status: 'ordered' });
  return true;
}

function addOrder(act: XmlElement, text: string | undefined, { code }: Partial<Coded>, context: SectionContext): void {
  if (text === undefined && code === undefined) return;
  if (isNegated(act)) {
    passOver(context, act, '@negationInd');
    return;
  }
  const at =
    momentOf(child(act, 'author', 'time'), context.log, context.zone) ?? momentOf(child(act, 'effectiveTime'), context.log, context.zone);
  const status = attribute(child(act, 'statusCode'), 'code');
  context.facts.orders.push(compact<SnapshotOrder>({ code, text, status: status === 'nullified' ? 'entered-in-error' : status, at }));
}

/** A medicine, but for vaccines: those are told as a history. */
function readMedication(act: XmlElement, context: SectionContext): void {
  if (context.section === 'past-history') {
    passOver(context, act);
    return;
  }
  if (isNegated(act)) {
    passOver(context, act, '@negationInd');
    return;
  }
  const product = child(act, 'consumable', 'manufacturedProduct') ?? child(act, 'product', 'manufacturedProduct');
  const material = child(product, 'manufacturedMaterial') ?? child(product, 'manufacturedLabeledDrug');
  const coded = codedOf(child(material, 'code'));
  const text = textOf(child(material, 'name')) ?? coded.text ?? coded.code;
  const written = attribute(child(act, 'statusCode'), 'code');
  const isPlan = INTENDED.has(attribute(act, 'moodCode') ?? '');
  const status = written === 'nullified' ? 'entered-in-error' : (written ?? (isPlan ? 'ordered' : undefined));
  if (text !== undefined) context.facts.medications.push(compact<SnapshotMedication>({ text, code: coded.code, status }));
  readParts(act, context);
}
