import { ZhidaPromptElement } from './element.js';

/** Importing this file makes `<zhida-prompt>` known to the page; a page that loads it twice keeps the first. */
export { ZhidaPromptElement };
export const ELEMENT_NAME = 'zhida-prompt';

if (customElements.get(ELEMENT_NAME) === undefined) customElements.define(ELEMENT_NAME, ZhidaPromptElement);
