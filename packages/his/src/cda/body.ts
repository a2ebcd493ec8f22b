import { type IssueLog, type NoteSection, type SnapshotNote, attachedText, bytesOfBase64 } from '@zhida/core';
import { type DocumentKind, sectionOfLoinc, sectionOfWords } from './codes.js';
import { conditionsOf } from './diagnoses.js';
import { type XmlElement, attribute, child, children, placeOf, textOf } from './element.js';
import { readActs } from './entries.js';
import { type Facts, type SectionContext, addNote, isOfAnother, noFacts } from './facts.js';
import { CDA_LIMITS } from './limits.js';
import { narrativeOf } from './narrative.js';
import { codedOf, momentOf } from './values.js';

/** What is the same for every section of a document. */
export interface BodyContext {
  readonly log: IssueLog;
  readonly zone: string;
  readonly kind: DocumentKind;
  readonly at: string | undefined;
  readonly author: string | undefined;
}

/** The facts of a document's body, in their order. */
export function readBody(document: XmlElement, body: BodyContext): Facts {
  const facts = noFacts();
  const whole: SectionContext = { ...body, section: body.kind.section, role: undefined, facts, diagnoses: [] };
  for (const component of children(document, 'component')) {
    for (const part of children(child(component, 'structuredBody'), 'component')) readSections(part, whole, body);
    const other = child(component, 'nonXMLBody', 'text');
    if (other !== undefined) addNote(whole, embeddedText(other, body.log));
  }
  return { ...facts, conditions: conditionsOf(whole.diagnoses, body.kind.isReport === true) };
}

function readSections(component: XmlElement, outer: SectionContext, body: BodyContext): void {
  for (const section of children(component, 'section')) {
    const author = child(section, 'author');
    const heading = headingOf(section, body.kind);
    const context: SectionContext = {
      ...outer,
      section: heading,
      at: momentOf(child(author, 'time'), body.log, body.zone) ?? outer.at,
      author: textOf(child(author, 'assignedAuthor', 'assignedPerson', 'name')) ?? outer.author,
      role:
        heading === 'past-history'
          ? 'history'
          : attribute(child(section, 'code'), 'code') === ADMISSION_DIAGNOSIS
            ? 'admission'
            : undefined,
    };
    readSection(section, context);
    for (const part of children(section, 'component')) readSections(part, context, body);
  }
}

/** Texts of entries that are looked for in their narrative. */
const COMPARED_MAX = 500;
const ADMISSION_DIAGNOSIS = '46241-6';

function headingOf(section: XmlElement, kind: DocumentKind): NoteSection {
  // A section about somebody else is no history of the patient's.
  if (isOfAnother(section)) return 'family-history';
  const code = codedOf(child(section, 'code'));
  const byCode = code.code === undefined ? undefined : sectionOfLoinc(code.code);
  return byCode ?? sectionOfWords(textOf(child(section, 'title'))) ?? sectionOfWords(code.text) ?? kind.section;
}

/** The narrative is what a person signed; of the entries' texts what it does not say stands after it. */
function readSection(section: XmlElement, context: SectionContext): void {
  const text = child(section, 'text');
  const narrative = text === undefined ? '' : narrativeOf(text, context.log);
  const before = context.facts.notes.length;
  if (narrative !== '') addNote(context, narrative);
  const isAboutAnother = isOfAnother(section);
  for (const entry of children(section, 'entry')) {
    if (isAboutAnother) context.log.add('VALUE_UNREAD', placeOf(entry), 'information');
    else readActs(entry, context);
  }
  if (narrative === '') return;
  const { notes } = context.facts;
  const known = plain(narrative);
  const told = notes.splice(before + 1).filter((note, index) => index >= COMPARED_MAX || !says(known, note));
  for (const note of told) notes.push(note);
}

function says(narrative: string, { text }: SnapshotNote): boolean {
  return narrative.includes(plain(text)) || narrative.includes(plain(text.slice(text.indexOf('：') + 1)));
}

function plain(text: string): string {
  return text.replace(/\s+/g, '');
}

/** A body that is no XML: plain text, as it is or in base64. Anything else is named. */
function embeddedText(text: XmlElement, log: IssueLog): string | undefined {
  const type = (attribute(text, 'mediaType') ?? 'text/plain').toLowerCase();
  const written = textOf(text);
  if (written === undefined) return undefined;
  const isText = type.startsWith('text/') && !/html|xml|rtf/.test(type);
  const read = isText ? (attribute(text, 'representation') === 'B64' ? unpacked(written, log, text) : written) : undefined;
  if (read === undefined) log.add('CONTENT_NOT_TEXT', placeOf(text));
  return read;
}

function unpacked(base64: string, log: IssueLog, text: XmlElement): string | undefined {
  const packed = base64.replace(/\s+/g, '');
  const bytes = packed.length > CDA_LIMITS.embeddedLength ? undefined : bytesOfBase64(packed);
  const attached = bytes === undefined ? undefined : attachedText(bytes);
  if (attached?.clean === false) log.add('TEXT_NOT_WELL_FORMED', placeOf(text));
  return attached?.text;
}
