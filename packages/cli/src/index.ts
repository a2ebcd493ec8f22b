export { EXIT_INPUT_SKIPPED, EXIT_USAGE, exitCodeOf } from './exit-codes.js';
export { createProgram } from './program.js';
