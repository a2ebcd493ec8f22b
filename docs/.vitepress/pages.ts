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
    .replace(/^docs\//, '')
    .replace(/^docker\/README\.md$/, 'operations/containers.md')
    .replace(/(?<=.)\/README\.md$/, '.md')
    .toLowerCase();
  return chinese ? place : `en/${place}`;
}
