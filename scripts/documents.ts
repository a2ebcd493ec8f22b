import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '../packages/core/src/error-codes.js';
import { repositoryFiles } from './repository-files.js';

const ROOT = join(import.meta.dirname, '..');

/** What each invariant promises: the first is INV-1. */
export const INVARIANTS: readonly string[] = [
  'The relay’s `202` means that report, deliveries and audit entries are committed; 已提交 is shown only after it.',
  'Pressed = stored = delivered or visibly open; `zhida reconcile` prints the difference.',
  'PostgreSQL is the ledger; the queue may be flushed at any moment.',
  'At-least-once with one id and the same bytes; exactly once in effect at the receiver.',
  'Only proof closes a delivery: a signed receipt by stage, or a named person’s attestation, counted apart.',
  'Nothing gives up: after the fast ladder every hour, and alarms climb until somebody acts.',
  'A disabled, broken, unknown or missing endpoint holds reports and pages somebody; it never drops.',
  'No internal veto and no take-back: corrections are reports of their own in the same chain.',
  'A report never waits for, and is never refused for, what is missing in it.',
  'Every recipient sees only its view; a field nobody listed is seen by nobody.',
  'No child, guardian or reporter in queue, logs, metrics, alerts, URLs, errors, SMS or audit leaves.',
  'Every change of state has its audit entry in the same transaction; the log is append-only and provable.',
  'More facts never remove an indication, except facts that put the patient past the rule’s age.',
  'Every indication names rule, pack version, legal basis and the exact span or code.',
  'Detection is deterministic and total: equal input, equal bytes; bad data is an issue, never an exception.',
  '`mode` is inside every signed payload; `test` and `production` share nothing.',
  'Unverified legal text never reaches a clinical screen.',
];

/** One Markdown row an invariant, with the files whose tests name it. */
export function invariantTable(): string {
  const texts = repositoryFiles('*.test.ts').map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);
  const rows = INVARIANTS.map((promise, index) => {
    const named = new RegExp(`['\`"]INV-${index + 1}\\b`);
    const tests = texts.filter(([, text]) => named.test(text)).map(([file]) => `[${file}](../${file})`);
    return `| ${index + 1} | ${promise} | ${tests.join('<br>')} |`;
  });
  return ['| INV | promise | tests that name it |', '|---|---|---|', ...rows].join('\n');
}

const REMEDIES = {
  'fix-input': 'mend what was sent',
  'fix-config': 'mend the set-up; a service ends with 78',
  retry: 'try again later; HTTP answers carry Retry-After',
  'call-a-human': 'a person has to look',
} as const;

/** docs/reference/errors.md: every stable code, what it means and what helps. */
export function errorReference(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { remedy, status, summary }]) => `| \`${code}\` | ${summary} | ${REMEDIES[remedy]} | ${status} |`,
  );
  return `# Error codes

Generated from \`packages/core/src/errors.ts\` by \`pnpm gen\`. Switch on the code, never on the message. Neither a message nor its place (\`at\`) ever holds a
value of a record.

| code | what it means | what helps | HTTP |
|---|---|---|---|
${rows.join('\n')}
| \`ZD_ERR_BUG\` | Something that should not be possible; the message of a foreign error may quote a record, so nothing more is said. | report it with the log’s ids | 500 |
`;
}

export const ARCHITECTURE_FILE = join(ROOT, 'docs/ARCHITECTURE.md');
export const ERRORS_FILE = join(ROOT, 'docs/reference/errors.md');
const [BEGIN, END] = ['<!-- generated: invariants -->', '<!-- end -->'];

/** docs/ARCHITECTURE.md as it stands, with the table of the invariants made anew. */
export function architecture(): string {
  const text = readFileSync(ARCHITECTURE_FILE, 'utf8');
  const [before = '', rest = ''] = text.split(BEGIN);
  const after = rest.slice(rest.indexOf(END));
  return `${before}${BEGIN}\n${invariantTable()}\n${after}`;
}
