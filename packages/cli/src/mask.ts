/** Words of the snapshot's own closed lists and code systems, which say nothing of who it is. */
const OPEN_KEYS = new Set([
  'schemaVersion',
  'class',
  'arrival',
  'disposition',
  'sex',
  'section',
  'system',
  'role',
  'certainty',
  'status',
  'kind',
  'mode',
  'feedsPresent',
  'regionCode',
]);
const TIME_KEYS = new Set(['start', 'end', 'at', 'birthDate', 'deceasedAt']);

/** A copy for showing: structure, closed lists and years stay, every other text shows only how long it is. */
export function masked(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => masked(item, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, name)]));
  }
  if (value === null || typeof value === 'boolean' || OPEN_KEYS.has(key)) return value;
  if (typeof value === 'number') return '•';
  if (typeof value !== 'string') return undefined;
  if (TIME_KEYS.has(key)) return value.replace(/^(\d{4})(.*)$/, (_whole, year: string, rest: string) => year + rest.replace(/\d/g, '•'));
  return `•×${Array.from(value).length}`;
}
