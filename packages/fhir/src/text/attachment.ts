import { type IssueLog, attachedText, bytesOfBase64 } from '@zhida/core';
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
  const text = content === undefined ? undefined : decode(content, contentType ?? '', attachment.at, context.log);
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

function decode(base64: string, contentType: string, at: string, log: IssueLog): string | undefined {
  const type = contentType.toLowerCase();
  const html = /^(?:text\/html|application\/xhtml\+xml)/.test(type);
  const bytes = base64.length > ATTACHMENT_LENGTH_MAX || (!html && !type.startsWith('text/')) ? undefined : bytesOfBase64(base64);
  const attached = bytes === undefined ? undefined : attachedText(bytes, /charset="?([\w-]+)/.exec(type)?.[1]);
  if (attached === undefined) return undefined;
  if (attached.misdeclared) log.add('CHARSET_MISDECLARED', `${at}.contentType`);
  if (!attached.clean) log.add('TEXT_NOT_WELL_FORMED', at);
  return html ? textOfXhtml(attached.text) : attached.text;
}
