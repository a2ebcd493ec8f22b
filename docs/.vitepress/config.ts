import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { chinese, chineseSearch, english } from './languages.js';
import { chineseLines } from './lines.js';
import { repositoryLinks } from './links.js';
import { NO_PAGES, pageOf, withoutCounterpart } from './pages.js';
import { oneIndex, searchedPart, wordsOf } from './search.js';

export default defineConfig({
  title: '一键智达 zhida',
  // The pages are the documents of the whole repository, where they lie.
  srcDir: '..',
  srcExclude: NO_PAGES,
  rewrites: pageOf,
  cleanUrls: true,
  locales: { root: chinese, en: english },
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: { config: (markdown) => void markdown.use(repositoryLinks).use(chineseLines) },
  vite: {
    plugins: [oneIndex()],
    publicDir: join(import.meta.dirname, 'public'),
    // A demo that runs in this checkout writes all the time.
    server: { watch: { ignored: ['**/.zhida/**', '**/dist/**', '**/coverage/**'] } },
    // The words of the whole site, for its search, are one file.
    build: { chunkSizeWarningLimit: 3_000 },
  },
  buildEnd({ pages, rewrites }) {
    const lost = withoutCounterpart(pages.map((page) => rewrites.map[page] ?? page));
    if (lost.length > 0) throw new Error(`the switch of languages leads nowhere from ${lost.join(', ')}`);
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        _render: (source, env, markdown) => {
          const html = markdown.render(searchedPart(source, env.path), env);
          return env.frontmatter?.['search'] === false ? '' : html;
        },
        miniSearch: { options: { tokenize: wordsOf }, searchOptions: { combineWith: 'AND', prefix: true, fuzzy: 0.2 } },
        locales: { root: { translations: chineseSearch } },
      },
    },
  },
});
