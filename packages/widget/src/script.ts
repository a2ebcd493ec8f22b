// What a page loads by a plain script element. It exports nothing, so that wrapping it in a function makes it a script.
import './define.js';
