import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob, relative, resolve, sep } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Which Markdown file of the repository becomes which page. Chinese is the site's root, English lies under `en/`: a file that ends in
 * `.zh-CN.md` is a Chinese page, every other an English one, and two that differ in nothing else are one page in two languages.
 */
export const NO_PAGES = ['**/CHANGELOG.md', 'test/**', 'coverage/**', 'packages/*/{src,test,cases,bench,vectors}/**'];

/** `docs/guides/faq.zh-CN.md` → `guides/faq.md`, `packages/widget/README.md` → `en/packages/widget.md`. */
export function pageOf(source: string): string {
  const chinese = source.endsWith('.zh-CN.md');
  const place = source
    .replace(/\.zh-CN\.md$/, '.md')
    .replace(/^docs\/(?:only-english\/)?/, '')
    .replace(/^docker\/README\.md$/, 'operations/containers.md')
    .replace(/(?<=.)\/README\.md$/, '.md')
    .toLowerCase();
  return chinese ? place : `en/${place}`;
}

/** A page without a Chinese one: its address below `/en/`, and its English title. */
interface EnglishPage {
  readonly place: string;
  readonly title: string;
}

/** Every page that there is in English alone. */
export function englishAlone(): EnglishPage[] {
  const sources = markdownUnder(ROOT)
    .map((file) => relative(ROOT, file).split(sep).join('/'))
    .filter((source) => !source.includes('[') && !NO_PAGES.some((excluded) => matchesGlob(source, excluded)));
  const pages = new Set(sources.map(pageOf));
  return sources
    .map((source) => ({ page: pageOf(source), title: titleOf(source) }))
    .filter(({ page }) => page.startsWith('en/') && !pages.has(page.slice('en/'.length)))
    .map(({ page, title }) => ({ place: page.slice('en/'.length).replace(/\.md$/, ''), title }));
}

function titleOf(source: string): string {
  return /^# (.*)$/m.exec(readFileSync(join(ROOT, source), 'utf8'))?.[1] ?? source;
}

function markdownUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || ['node_modules', 'dist'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownUnder(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Pages of either language that lead nowhere when the language is switched. */
export function withoutCounterpart(pages: readonly string[]): string[] {
  const all = new Set(pages);
  return pages.filter((page) => !all.has(page.startsWith('en/') ? page.slice('en/'.length) : `en/${page}`));
}
