import { englishAlone } from '../.vitepress/pages.js';

/** A Chinese page in the place of each that exists in English alone: the switch of languages leads there, and it leads back. */
export default {
  paths: () =>
    englishAlone().map(({ place, title }) => ({ params: { page: place, title, address: `/en/${place.replace(/(^|\/)index$/, '$1')}` } })),
};
