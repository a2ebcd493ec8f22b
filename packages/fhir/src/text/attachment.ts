import type { BundleEntry } from '../bundle/entries.js';
import type { Context } from '../context.js';
import { type Node, child, textAt } from '../node.js';
import { textOfXhtml } from './narrative.js';

/** Base64 characters of one attachment, some 4 MB of text; a note is far below it. */
const ATTACHMENT_LENGTH_MAX = 6_000_000;

/**
 * The text of an Attachment: `text/*` or XHTML, given as base64 `data` or as a `Binary` of the same bundle.
 * `undefined` with an issue `CONTENT_NOT_TEXT` for pictures, PDF, a wrong encoding and what lies elsewhere: nothing is fetched.
 */
export function attachmentText(attachment: Node, from: BundleEntry, context: Context): string | undefined {
  const { content, contentType } = contentOf(attachment, from, context);
  const text = content === undefined ? undefined : decode(content, contentType ?? '');
  if (text === undefined) context.log.add('CONTENT_NOT_TEXT', attachment.at);
  return text;
}

function contentOf(
  attachment: Node,
  from: BundleEntry,
  context: Context,
): { content: string | undefined; contentType: string | undefined } {
  const contentType = textAt(attachment, 'contentType');
  const url = textAt(attachment, 'url');
  if (textAt(attachment, 'data') !== undefined || url === undefined) return { content: textAt(attachment, 'data'), contentType };
  const binary = context.references.resource({ value: { reference: url }, at: child(attachment, 'url').at }, from);
  if (binary === undefined) return { content: undefined, contentType };
  return { content: textAt(binary, 'data'), contentType: textAt(binary, 'contentType') ?? contentType };
}

function decode(base64: string, contentType: string): string | undefined {
  const type = contentType.toLowerCase();
  const html = /^(?:text\/html|application\/xhtml\+xml)/.test(type);
  if (base64.length > ATTACHMENT_LENGTH_MAX || (!html && !type.startsWith('text/'))) return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64.replace(/\s+/g, '')), (character) => character.charCodeAt(0));
    const text = textOf(bytes, /charset="?([\w-]+)/.exec(type)?.[1]);
    return html ? textOfXhtml(text) : text;
  } catch {
    // Not base64, an unknown charset, or bytes that are none of it.
    return undefined;
  }
}

/** In the charset it names, else UTF-8, else GB18030, which old systems write without saying so. @throws TypeError for bytes that are none of it. */
function textOf(bytes: Uint8Array, charset: string | undefined): string {
  if (charset !== undefined) return new TextDecoder(charset, { fatal: true }).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030', { fatal: true }).decode(bytes);
  }
}
