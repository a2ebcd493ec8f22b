export { type FhirCursor, cursorFrom } from './cursor.js';
export { FHIR_SOURCE_DEFAULTS, type FhirSourceOptions } from './options.js';
export { type FhirBatch, type FhirRecord, type FhirSource, type FhirUnread, createFhirSource } from './source.js';
