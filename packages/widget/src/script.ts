// What a page loads by a plain script element. It exports nothing, so that wrapping it in a function makes it a script.
import { loadPartsFrom } from './load-parts.js';
import './define.js';

const { currentScript } = document;
if (currentScript instanceof HTMLScriptElement) loadPartsFrom(currentScript.src.replace(/[^/]*$/, ''));
