/** Limits of one message. What is beyond them is not read, and named. */
export const HL7_LIMITS = {
  /** Bytes of one message. A scanned report as base64 fits, a film does not. */
  messageBytes: 16 * 1024 * 1024,
  /** Field, component and repetition separators of one message: each costs the parser an object or more. */
  separators: 200_000,
  segments: 20_000,
  /** Base64 characters of one ED value, some 4 MB of text. */
  embeddedLength: 6_000_000,
  /** Issues of one message; after them one `ISSUES_TRUNCATED`. */
  issues: 200,
  /** Facts of one kind a visit keeps; beyond it the longest series of numbers loses its oldest. */
  factsOfKind: 2_000,
  /** Earlier visits a snapshot carries. */
  history: 20,
} as const;
