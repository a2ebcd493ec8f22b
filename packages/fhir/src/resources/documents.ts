import { type NoteSection, type SnapshotNote, table } from '@zhida/core';
import type { BundleEntry } from '../bundle/entries.js';
import { conceptCodes, conceptText } from '../concepts.js';
import type { Context, Contribution } from '../context.js';
import { type Node, child, children, textAt } from '../node.js';
import { attachmentText } from '../text/attachment.js';
import { textOfXhtml } from '../text/narrative.js';
import { sectionOf } from '../text/sections.js';
import { momentOf } from './moments.js';

/** Sections inside sections; deeper than this nobody writes. */
const SECTION_DEPTH_MAX = 12;
const VOID = new Set(['entered-in-error', 'superseded', 'cancelled']);
/** Diagnostic services of HL7 table 0074. */
const BY_SERVICE = table<NoteSection>({
  lab: 'laboratory',
  hm: 'laboratory',
  ch: 'laboratory',
  mb: 'laboratory',
  rad: 'imaging',
  rx: 'imaging',
  ct: 'imaging',
  us: 'imaging',
  rus: 'imaging',
  nmr: 'imaging',
  imaging: 'imaging',
});

function isVoid(resource: Node, context: Context): boolean {
  if (!VOID.has(textAt(resource, 'status') ?? '')) return false;
  context.log.add('VALUE_UNREAD', `${resource.at}.status`, 'information');
  return true;
}

/** A DiagnosticReport: its conclusion and its written form. The single results are Observations of their own. */
export function readDiagnosticReport(entry: BundleEntry, context: Context): Contribution {
  const { resource } = entry;
  if (isVoid(resource, context)) return {};
  const service = children(resource, 'category')
    .flatMap(conceptCodes)
    .map((code) => BY_SERVICE.get(code))
    .find(Boolean);
  const section = service ?? sectionOf(child(resource, 'code'), undefined);
  const moment = momentOf(resource, context, 'effectiveDateTime', 'effectivePeriod', 'issued');
  const texts = [
    textAt(resource, 'conclusion'),
    ...children(resource, 'conclusionCode').map(conceptText),
    ...children(resource, 'presentedForm').map((form) => attachmentText(form, entry, context)),
  ];
  return { notes: notesOf(texts, section, moment) };
}

/** A DocumentReference: every content that is text. */
export function readDocumentReference(entry: BundleEntry, context: Context): Contribution {
  const { resource } = entry;
  if (isVoid(resource, context)) return {};
  const contents = children(resource, 'content').map((content) => child(content, 'attachment'));
  const title = contents.map((content) => textAt(content, 'title')).find(Boolean) ?? textAt(resource, 'description');
  const moment = momentOf(resource, context, 'date');
  return {
    notes: notesOf(
      contents.map((content) => attachmentText(content, entry, context)),
      sectionOf(child(resource, 'type'), title),
      moment,
    ),
  };
}

/** A Composition: the narrative of every section, its parts under their own headings. */
export function readComposition({ resource }: BundleEntry, context: Context): Contribution {
  if (isVoid(resource, context)) return {};
  const moment = momentOf(resource, context, 'date');
  const notes: SnapshotNote[] = [];
  const visit = (parent: Node, inherited: NoteSection, depth: number): void => {
    for (const part of children(parent, 'section')) {
      const own = sectionOf(child(part, 'code'), textAt(part, 'title'));
      const section = own === 'other' ? inherited : own;
      const div = textAt(part, 'text', 'div');
      if (div !== undefined) notes.push(...notesOf([textOfXhtml(div)], section, moment));
      if (depth < SECTION_DEPTH_MAX) visit(part, section, depth + 1);
      else if (children(part, 'section').length > 0) context.log.add('DEPTH_LIMIT', `${part.at}.section`);
    }
  };
  visit(resource, 'other', 1);
  return { notes };
}

/** The references of all sections of a Composition: what a document lists belongs to the visit the document is about. */
export function listedEntries(composition: BundleEntry, context: Context): BundleEntry[] {
  const listed: BundleEntry[] = [];
  const visit = (parent: Node, depth: number): void => {
    for (const part of children(parent, 'section')) {
      for (const reference of children(part, 'entry')) {
        const entry = context.references.resolve(reference, composition);
        if (entry === undefined) context.log.add('REFERENCE_UNRESOLVED', reference.at);
        else listed.push(entry);
      }
      if (depth < SECTION_DEPTH_MAX) visit(part, depth + 1);
    }
  };
  visit(composition.resource, 1);
  return listed;
}

function notesOf(texts: readonly (string | undefined)[], section: NoteSection, moment: { at?: string }): SnapshotNote[] {
  return texts.flatMap((text) => (text === undefined || text.trim() === '' ? [] : [{ section, text, ...moment }]));
}
