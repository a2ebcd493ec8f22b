import type { IssueLog } from '@zhida/core';
import sax from 'sax';
import { type XmlElement, placeOf } from './element.js';
import { CDA_LIMITS } from './limits.js';

/** The five of XML. An entity a document declares itself is never expanded, from wherever: its reference stays as it is written. */
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const;
const ROOT = 'ClinicalDocument';

interface OpenElement extends XmlElement {
  readonly attributes: Map<string, string>;
  readonly content: (string | XmlElement)[];
  readonly counts: Map<string, number>;
}

/** Ends the reading of a file; what was read stands. */
class Enough extends Error {}

/**
 * The CDA documents of a text, also where an envelope is around them.
 *
 * Total: what is no XML is passed over and named, a text that breaks off is read as far as it goes. Nothing is fetched, no document type
 * is looked at, no entity of a document's own expanded; depth, size and errors have limits.
 */
export function documentsIn(text: string, log: IssueLog): XmlElement[] {
  const parser = sax.parser(true, { position: false });
  // Without a prototype: `&constructor;` is no entity.
  parser.ENTITIES = Object.assign(Object.create(null) as Record<string, string>, ENTITIES);
  const builder = createBuilder(log);
  parser.onopentag = ({ name, attributes }) => builder.open(name, attributes);
  parser.onclosetag = () => builder.close();
  parser.ontext = (piece) => builder.text(piece);
  parser.oncdata = (piece) => builder.text(piece);
  parser.ondoctype = () => log.add('VALUE_UNREAD', '/!DOCTYPE');
  parser.onerror = () => {
    builder.mishap();
    parser.resume();
  };
  try {
    parser.write(mended(text, log));
    parser.flush();
    builder.end();
    parser.close();
  } catch (error) {
    if (!(error instanceof Enough)) log.add('MESSAGE_UNREADABLE', builder.place(), 'error');
  }
  return builder.documents;
}

const LITERAL = '<![CDATA[';
const LITERAL_END = ']]>';
/** A sign of the text that a template forgot to write as an entity ("体温 <38", "A & B"): elements of CDA begin with a letter. */
const FORGOTTEN = /&(?!(?:#\d{1,8}|#[xX][\dA-Fa-f]{1,6}|[A-Za-z_][\w.-]{0,60});)|<(?![A-Za-z_/!?])/g;

/** Writes forgotten signs as what they are: the parser would take what follows for a part of them. */
function mended(text: string, log: IssueLog): string {
  let result = '';
  let changed = false;
  const mend = (piece: string): string =>
    piece.replace(FORGOTTEN, (sign) => {
      changed = true;
      return sign === '&' ? '&amp;' : '&lt;';
    });
  for (let at = 0; at < text.length; ) {
    const from = text.indexOf(LITERAL, at);
    const to = from === -1 ? -1 : text.indexOf(LITERAL_END, from);
    result += mend(text.slice(at, to === -1 ? text.length : from));
    if (to === -1) break;
    result += text.slice(from, to + LITERAL_END.length);
    at = to + LITERAL_END.length;
  }
  if (changed) log.add('TEXT_NOT_WELL_FORMED', '/');
  return result;
}

function createBuilder(log: IssueLog) {
  const documents: XmlElement[] = [];
  const stack: OpenElement[] = [];
  let elements = 0;
  let mishaps = 0;
  const place = (): string => {
    const top = stack.at(-1);
    return top === undefined ? '/' : placeOf(top);
  };
  const enough = (code: 'DEPTH_LIMIT' | 'FIELD_TOO_LONG' | 'MESSAGE_UNREADABLE'): never => {
    log.add(code, place(), 'error');
    throw new Enough();
  };
  return {
    documents,
    place,
    open(qualified: string, attributes: Readonly<Record<string, unknown>>): void {
      elements += 1;
      if (elements > CDA_LIMITS.elements) enough('FIELD_TOO_LONG');
      if (stack.length >= CDA_LIMITS.depth) enough('DEPTH_LIMIT');
      const parent = stack.at(-1);
      const element = newElement(localName(qualified), parent, attributes);
      parent?.content.push(element);
      if (element.name === ROOT && !stack.some(({ name }) => name === ROOT)) documents.push(element);
      stack.push(element);
    },
    close(): void {
      stack.pop();
    },
    text(piece: string): void {
      stack.at(-1)?.content.push(piece);
    },
    /** No more text comes: what is open now was cut off. */
    end(): void {
      if (stack.length > 0) enough('MESSAGE_UNREADABLE');
    },
    mishap(): void {
      mishaps += 1;
      if (mishaps > CDA_LIMITS.syntaxErrors) enough('MESSAGE_UNREADABLE');
      log.add('TEXT_NOT_WELL_FORMED', place());
    },
  };
}

function newElement(name: string, parent: OpenElement | undefined, attributes: Readonly<Record<string, unknown>>): OpenElement {
  const nth = (parent?.counts.get(name) ?? 0) + 1;
  parent?.counts.set(name, nth);
  const texts = Object.entries(attributes).map(([key, value]) => [localName(key), String(value)] as const);
  return { name, parent, nth, attributes: new Map(texts), content: [], counts: new Map() };
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}
