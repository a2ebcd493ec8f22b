import { type EncounterSnapshot, type IssueLog, type SnapshotEvent, type SnapshotPatient, compact } from '@zhida/core';
import { readBody } from './body.js';
import { type DocumentKind, kindOf } from './codes.js';
import { type XmlElement, attribute, child, children, placeOf, textOf } from './element.js';
import { type Facts, FACT_LISTS, noFacts } from './facts.js';
import { readPatient, readPeople } from './people.js';
import { codedOf, timeOf } from './values.js';
import { type VisitHead, readVisit } from './visit.js';

/** One document, read. Those of a visit tell it together. */
export interface CdaDocument {
  /** The visit it is of: the `id` its snapshot has. */
  readonly visitId: string;
  /** What its newer versions share with it; absent where it names none. */
  readonly setId: string | undefined;
  readonly id: string | undefined;
  readonly version: number;
  /** Ids of documents and sets it takes the place of. */
  readonly replaces: readonly string[];
  /** It is withdrawn: it takes its place and leaves nothing there. */
  readonly isVoid: boolean;
  /** RFC 3339; when it was written. */
  readonly writtenAt: string | undefined;
  readonly visit: VisitHead;
  readonly patient: SnapshotPatient;
  readonly people: Pick<EncounterSnapshot, 'guardians' | 'companion'>;
  readonly event: SnapshotEvent;
  readonly facts: Facts;
  readonly feeds: readonly string[];
}

const VOID = new Set(['nullified', 'aborted', 'cancelled', 'obsolete']);

/** Reads one ClinicalDocument. `undefined` where nothing says which visit it is of. */
export function readDocument(document: XmlElement, log: IssueLog, zone: string): CdaDocument | undefined {
  const code = codedOf(child(document, 'code'));
  const { kind, isKnown } = kindOf(code.code);
  if (!isKnown) log.add('FIELD_UNKNOWN_CODE', `${placeOf(document)}/code`, 'information');
  const confidentiality = child(document, 'confidentialityCode');
  // A snapshot has no field for it. Whoever may not see the record must not be sent it.
  if (confidentiality !== undefined && (attribute(confidentiality, 'code') ?? 'N') !== 'N')
    log.add('VALUE_UNREAD', placeOf(confidentiality), 'information');
  const visit = readVisit(document, kind, log, zone);
  const id = idOf(child(document, 'id'));
  const setId = idOf(child(document, 'setId'));
  const visitId = visit.id ?? setId ?? id;
  if (visitId === undefined) {
    log.add('FIELD_MISSING', `${placeOf(document)}/recordTarget/patientRole/id`, 'error');
    return undefined;
  }
  const isVoid = VOID.has(attribute(child(document, 'statusCode'), 'code') ?? '');
  if (isVoid) log.add('VALUE_UNREAD', `${placeOf(document)}/statusCode`, 'information');
  const author = child(document, 'author');
  const writtenAt = timeOf(child(author, 'time'), log, zone) ?? timeOf(child(document, 'effectiveTime'), log, zone);
  const name = textOf(child(author, 'assignedAuthor', 'assignedPerson', 'name'));
  const facts = isVoid ? noFacts() : readBody(document, { log, zone, kind, at: writtenAt, author: name });
  const people = readPeople(document);
  return {
    visitId,
    id,
    setId,
    ...versionOf(document),
    isVoid,
    writtenAt,
    visit,
    patient: readPatient(child(document, 'recordTarget', 'patientRole'), log, zone),
    people,
    event: compact<SnapshotEvent>({ kind: kind.event, at: writtenAt, staffId: staffOf(author, name) }),
    facts,
    feeds: feedsOf(kind, facts, people),
  };
}

/** Root and extension of an instance identifier. */
function idOf(id: XmlElement | undefined): string | undefined {
  const parts = [attribute(id, 'root'), attribute(id, 'extension')].filter((part) => part !== undefined);
  // The root of WS/T 500 alone is that of all documents.
  return parts.length === 2 || (parts.length === 1 && /^[0-9a-f-]{36}$/i.test(parts[0] ?? '')) ? parts.join('|') : undefined;
}

function versionOf(document: XmlElement): Pick<CdaDocument, 'version' | 'replaces'> {
  const parents = children(document, 'relatedDocument')
    .filter((related) => attribute(related, 'typeCode') === 'RPLC')
    .flatMap((related) => children(related, 'parentDocument'));
  const replaces = parents.flatMap((parent) => [idOf(child(parent, 'id')) ?? [], idOf(child(parent, 'setId')) ?? []].flat());
  const newestBefore = parents.reduce((newest, parent) => Math.max(newest, numberOf(parent) ?? 0), replaces.length > 0 ? 1 : 0);
  return { version: numberOf(document) ?? newestBefore + 1, replaces };
}

function numberOf(versioned: XmlElement): number | undefined {
  const number = Number(attribute(child(versioned, 'versionNumber'), 'value'));
  return Number.isSafeInteger(number) && number > 0 && number < 1_000_000 ? number : undefined;
}

/** 医师标识, where it is not the name written once more. */
function staffOf(author: XmlElement | undefined, name: string | undefined): string | undefined {
  const id = attribute(child(author, 'assignedAuthor', 'id'), 'extension');
  return id === name ? undefined : id;
}

function feedsOf({ feeds }: DocumentKind, facts: Facts, people: CdaDocument['people']): string[] {
  const found = FACT_LISTS.filter((list) => facts[list].length > 0);
  return [...new Set<string>([...feeds, ...found, ...Object.keys(people)])];
}
