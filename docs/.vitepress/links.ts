import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import type { MarkdownEnv, MarkdownRenderer } from 'vitepress';
import { pageOf } from './pages.js';

const ROOT = resolve(import.meta.dirname, '../..');
const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA } = process.env;
/** Where a file of the repository can be read on the web; known where GitHub builds the site, and nowhere else. */
const FILES = GITHUB_REPOSITORY === undefined ? undefined : `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/blob/${GITHUB_SHA}`;

type Token = ReturnType<MarkdownRenderer['parse']>[number];

/**
 * Links of the documents are written for whoever reads them in the repository. Here one to another document becomes one to its page, and
 * one to a file that is no page leads to the repository, or is plain text where nobody knows its address.
 */
export function repositoryLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('repository-links', (state) => {
    const source = (state.env as MarkdownEnv).realPath ?? (state.env as MarkdownEnv).path;
    for (const block of state.tokens) {
      block.children = block.children?.flatMap(led(dirname(source))) ?? null;
      // A picture written as HTML: without the dot it would be looked for among the packages.
      if (block.type === 'html_block') block.content = block.content.replaceAll(/(<img [^>]*src=")(?![a-z]+:|[./])/g, '$1./');
    }
  });
}

/** Each token of a line of text, with links led where they lead on the site; to be given the tokens in their order. */
function led(folder: string): (token: Token) => Token[] {
  // Links do not nest: what was taken away at its beginning is taken away at the next end.
  let taken = false;
  return (token) => {
    if (token.type === 'link_close' && taken) {
      taken = false;
      return [];
    }
    if (token.type !== 'link_open') return [token];
    const address = addressOf(token.attrGet('href') ?? '', folder);
    taken = address === undefined;
    if (address === undefined) return [];
    token.attrSet('href', address);
    return [token];
  };
}

/** The address to use instead of `href`; undefined where the link leads to a file nobody knows the address of. */
function addressOf(href: string, folder: string): string | undefined {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href;
  const [path = '', fragment] = href.split('#');
  const file = resolve(folder, decodeURI(path));
  const inside = relative(ROOT, file).split(sep).join('/');
  const anchor = fragment === undefined ? '' : `#${fragment}`;
  if (inside.endsWith('.md')) return `/${pageOf(inside)}${anchor}`;
  const index = `${inside}/README.md`;
  if (existsSync(resolve(ROOT, index))) return `/${pageOf(index)}${anchor}`;
  return FILES === undefined ? undefined : `${FILES}/${inside}${anchor}`;
}
