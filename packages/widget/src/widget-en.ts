/** English, loaded by pages that ask for it. */
export { en } from './locales/en.js';
