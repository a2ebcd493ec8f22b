import { table } from '@zhida/core';

const ENTITIES = table<string>({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' });
const BLOCKS = new Set([
  'address',
  'blockquote',
  'br',
  'dd',
  'div',
  'dl',
  'dt',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'hr',
  'li',
  'ol',
  'p',
  'pre',
  'table',
  'tr',
  'ul',
]);
const HIDDEN = new Set(['script', 'style']);

/** The words of an XHTML narrative: block elements become line breaks, cells are parted by a space. One pass, linear in length. */
export function textOfXhtml(xhtml: string): string {
  let text = '';
  let position = 0;
  let hidden = false;
  for (let tag = nextTag(xhtml, 0); tag !== undefined; tag = nextTag(xhtml, position)) {
    if (!hidden) text += decode(xhtml.slice(position, tag.start));
    position = tag.end;
    if (HIDDEN.has(tag.name)) hidden = tag.opens;
    text += breakFor(tag.name);
  }
  return tidy(hidden ? text : text + decode(xhtml.slice(position)));
}

interface Tag {
  /** Lower-case element name; empty for a comment or a declaration. */
  readonly name: string;
  readonly opens: boolean;
  readonly start: number;
  readonly end: number;
}

/** The next markup from a position on. A `<` before anything but a name, `/`, `!` or `?` is a sign of the text ("体温 <38"). */
function nextTag(xhtml: string, from: number): Tag | undefined {
  for (let start = xhtml.indexOf('<', from); start !== -1; start = xhtml.indexOf('<', start + 1)) {
    if (!/[a-z/!?]/i.test(xhtml.charAt(start + 1))) continue;
    const close = xhtml.indexOf('>', start);
    if (close === -1) return undefined;
    const name = /^\/?([a-z][a-z0-9]*)/i.exec(xhtml.slice(start + 1, start + 32))?.[1]?.toLowerCase() ?? '';
    return { name, opens: xhtml.charAt(start + 1) !== '/' && xhtml.charAt(close - 1) !== '/', start, end: close + 1 };
  }
  return undefined;
}

function breakFor(name: string): string {
  if (BLOCKS.has(name)) return '\n';
  return name === 'td' || name === 'th' ? ' ' : '';
}

function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/[ \t\r]+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

function decode(text: string): string {
  return text.replace(/&(#x?)?([a-z0-9]{1,8});/gi, (entity, numeric: string | undefined, name: string) => {
    if (numeric === undefined) return ENTITIES.get(name.toLowerCase()) ?? entity;
    const point = Number.parseInt(name, numeric.length === 2 ? 16 : 10);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : entity;
  });
}
