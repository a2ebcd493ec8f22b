/** Limits of one file of CDA documents. What is beyond them is not read, and named. */
export const CDA_LIMITS = {
  /** Bytes of one file. */
  fileBytes: 16 * 1024 * 1024,
  /** Elements of one file. */
  elements: 200_000,
  /** Elements inside elements. A document written by hand is below 40. */
  depth: 120,
  /** Places where a file is no XML that are passed over; after them it is read no further. */
  syntaxErrors: 100,
  /** Base64 characters of a body that is no XML, some 4 MB of text. */
  embeddedLength: 6_000_000,
  /** Issues of one reading; after them one `ISSUES_TRUNCATED`. */
  issues: 1_000,
} as const;
