import type { IssueLog } from '@zhida/core';
import { type XmlElement, attribute, placeOf } from './element.js';

/** Elements of a narrative that stand on a line of their own. */
const LINES = new Set([
  'paragraph',
  'list',
  'item',
  'table',
  'caption',
  'tr',
  'br',
  'footnote',
  'p',
  'div',
  'li',
  'ul',
  'ol',
  'h1',
  'h2',
  'h3',
  'h4',
]);
const CELLS = new Set(['td', 'th']);

/**
 * The words of a section's narrative: block elements become line breaks, cells are parted by a space. What the narrative itself marks as
 * deleted is left out, and a picture is named.
 */
export function narrativeOf(text: XmlElement, log: IssueLog): string {
  return read(text, log)
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

function read(element: XmlElement, log: IssueLog): string {
  return element.content
    .map((part) => {
      if (typeof part === 'string') return part;
      if (attribute(part, 'revised') === 'delete') return '';
      if (part.name === 'renderMultiMedia') log.add('CONTENT_NOT_TEXT', placeOf(part), 'information');
      const inner = read(part, log);
      if (LINES.has(part.name)) return `\n${inner}\n`;
      return CELLS.has(part.name) ? `${inner} ` : inner;
    })
    .join('');
}
