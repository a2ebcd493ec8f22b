import type { NoteSection } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { Settings } from '../options.js';
import { type Segment, placeOf } from '../wire/segment.js';
import { codedAt } from './coded.js';
import { staffOf } from './names.js';
import { sectionOfDocument } from './sections.js';
import { timeAt } from './times.js';

/** What a TXA lends to the values under it. */
export interface DocumentHead {
  readonly key: string;
  readonly section: NoteSection;
  readonly at: string | undefined;
  readonly author: string | undefined;
  readonly authorId: string | undefined;
  /** Documents this one takes the place of. */
  readonly clears: readonly string[];
  /** Cancelled: it takes its place and leaves nothing there. */
  readonly isVoid: boolean;
}

/** MDM events: an edited text stands for the same document, a replacement for its parent, a cancellation for nothing. */
const EDITS = new Set(['T07', 'T08']);
const REPLACES = new Set(['T09', 'T10']);
const CANCEL = 'T11';
/** HL7 table 0273: no longer to be had. */
const WITHDRAWN = new Set(['CA', 'OB']);

/** Reads a TXA: whose document, under which heading, instead of which. */
export function readDocumentHead(txa: Segment, event: string, settings: Settings, log: IssueLog): DocumentHead {
  const kind = codedAt(txa, 2);
  const number = txa.text(12) ?? txa.text(14);
  const at = timeAt(txa, 4, settings.zone, log) ?? timeAt(txa, 6, settings.zone, log);
  if (number === undefined) log.add('FIELD_MISSING', placeOf(txa, 12), 'information');
  // Without a number a document is told from the next by its kind and time.
  const key = `doc|${number ?? `${kind.code ?? ''}@${at ?? ''}`}`;
  const parent = txa.text(13);
  const author = [staffOf(txa, 9), staffOf(txa, 5)].find(({ id, name }) => id !== undefined || name !== undefined);
  const isVoid = event === CANCEL || WITHDRAWN.has((txa.text(19) ?? '').toUpperCase());
  return {
    key,
    section: sectionOfDocument(kind, txa.text(16), settings),
    at,
    author: author?.name,
    authorId: author?.id,
    clears: [...(isVoid || EDITS.has(event) ? [key] : []), ...(REPLACES.has(event) && parent !== undefined ? [`doc|${parent}`] : [])],
    isVoid,
  };
}
