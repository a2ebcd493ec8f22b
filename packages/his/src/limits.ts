/** Limits of one set of files. What is beyond them is not read, and named. */
export const HIS_LIMITS = {
  /** Bytes of one file. */
  fileBytes: 256 * 1024 * 1024,
  /** Rows of one file. */
  rows: 1_000_000,
  /** Columns of one file. */
  columns: 2_000,
  /** Characters of one row of a CSV file; a quote that is never closed is found out here at the latest. */
  rowLength: 4_000_000,
  /** Rows of one file whose quote is looked for to the length of the longest row; after them only to the end of a window. */
  strayQuotes: 50,
  /** Characters of a mapping file. */
  mappingLength: 1_000_000,
  /** YAML nodes an alias may repeat. */
  aliases: 200,
  /** Problems of a mapping that are told. */
  problems: 50,
  /** Issues of one reading; after them one `ISSUES_TRUNCATED`. */
  issues: 2_000,
  /** Earlier visits a snapshot carries. */
  history: 20,
} as const;
