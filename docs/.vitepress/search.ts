import type { Plugin } from 'vitepress';

/**
 * The words of a text for the index, where `field` says what is indexed, and of what somebody types, where it does not. Chinese has no
 * spaces, and a dictionary cuts a word in a sentence otherwise than the same word alone, and in one browser otherwise than in another: so
 * a run of Han characters is indexed as its pairs. A search wants every pair of each word typed, and none across two words: 报案人身份
 * finds 报案人的身份. VitePress sends this function to the browser as text: it may use nothing from outside itself.
 */
export function wordsOf(text: string, field?: string): string[] {
  const pairs = (run: string): string[] => {
    const signs = run.match(/./gu) ?? [];
    return signs.length < 2 ? [run] : signs.slice(1).map((sign, at) => `${signs[at]}${sign}`);
  };
  const typed = (run: string): string[] => {
    // Older browsers take the run as one word.
    if (typeof Intl.Segmenter !== 'function') return [run];
    const words = Array.from(new Intl.Segmenter('zh', { granularity: 'word' }).segment(run), ({ segment }) => segment);
    const long = words.filter((word) => word.length > 1);
    return long.length === 0 ? [run] : long;
  };
  return Array.from(text.matchAll(/\p{Script=Han}+|[\p{L}\p{N}_]+/gu), ([run]) => run).flatMap((run) => {
    if (!/\p{Script=Han}/u.test(run)) return [run];
    return field === undefined ? typed(run).flatMap(pairs) : pairs(run);
  });
}

/** What of a page is searched: of the API reference its names alone, for it is most of the site and its sentences say little by themselves. */
export function searchedPart(source: string, file: string): string {
  if (!file.includes('/reference/api/')) return source;
  return source
    .split('\n')
    .filter((line) => /^#{1,3} /.test(line))
    .join('\n\n');
}

const INDEX = '/@localSearchIndex';

/**
 * One index for both languages: VitePress finds a page's language by its file, and here only its address has one. It also means that who
 * searches in Chinese finds what exists in English alone.
 */
export function oneIndex(): Plugin {
  return {
    name: 'zhida:one-search-index',
    transform(code, id) {
      if (id !== INDEX) return undefined;
      const load = `() => import('${INDEX.slice(1)}root')`;
      if (!code.includes(load)) throw new Error('VitePress builds its search index in another way now');
      return `export default { root: ${load}, en: ${load} }`;
    },
  };
}
