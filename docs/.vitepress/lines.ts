import type { MarkdownRenderer } from 'vitepress';

const ENDS_CHINESE = /[\p{Script=Han}\u3000-\u303f\uff00-\uffef”’]$/u;

/** A line of the source that ends in Chinese goes on without a space: between sentences of Chinese there is none. */
export function chineseLines(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('chinese-lines', (state) => {
    for (const { children } of state.tokens) {
      children?.forEach((token, index) => {
        const before = children[index - 1]?.content ?? '';
        if (token.type === 'softbreak' && ENDS_CHINESE.test(before)) Object.assign(token, { type: 'text', content: '' });
      });
    }
  });
}
