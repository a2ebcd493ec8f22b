import { parseArgs } from 'node:util';
import { type CommandIo, VERIFY_EXIT, runVerify } from './verify/verify-command.js';

const USAGE = `zhida-audit-verify DIR|PROOF [--key VKEY|FILE]... [--trust FILE]... [--allow-tail] [--json]

Verifies an audit log, or the proof of one entry, from its files alone. No service, no network.

  --key VKEY|FILE  a key you trust: a verifier key (name+keyid+base64), or a file with one, a JWK, a JWK set or a trust file
  --trust FILE     the same, for trust files
  --allow-tail     accept entries after the newest checkpoint, as in a copy of a log at work
  --json           print the result as JSON

Without a key, the one the directory names is used: that proves consistency, not origin.
Exit: 0 verified, 1 the log does not prove itself, 2 nothing could be verified.
`;

/** The program `zhida-audit-verify`: reads its arguments, verifies, prints. Returns the exit code. */
export async function main(argv: readonly string[], io: CommandIo): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    io.stderr.write(`${error instanceof Error ? error.message : 'wrong arguments'}\n\n${USAGE}`);
    return VERIFY_EXIT.unreadable;
  }
  const { values, positionals } = parsed;
  const [path] = positionals;
  if (values.help || path === undefined || positionals.length > 1) {
    (values.help ? io.stdout : io.stderr).write(USAGE);
    return values.help ? VERIFY_EXIT.ok : VERIFY_EXIT.unreadable;
  }
  return runVerify({ path, keys: [...values.key, ...values.trust], json: values.json, allowTail: values['allow-tail'] }, io);
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      key: { type: 'string', multiple: true, default: [] },
      trust: { type: 'string', multiple: true, default: [] },
      'allow-tail': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}
