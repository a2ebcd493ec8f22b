import { writeFileSync } from 'node:fs';
import { ARCHITECTURE_FILE, architecture, ERRORS_FILE, errorReference } from './documents.js';

/** Writes the documents that are made from the sources; a test compares them with what is checked in. */
writeFileSync(ERRORS_FILE, errorReference());
writeFileSync(ARCHITECTURE_FILE, architecture());
