import { writeFile } from 'node:fs/promises';
import {
  type CommandIo,
  describeVerification,
  exportAuditLog,
  languageOf,
  proveEntry,
  readKeys,
  runVerify,
  verifyAuditDirectory,
} from '@zhida/audit-log';
import type { Command } from 'commander';

/** Where the command writes, and where it leaves its exit code; `process` fits. */
export type AuditIo = CommandIo & { exitCode?: number | string | null | undefined };

interface KeyOptions {
  key: string[];
  trust: string[];
}

const KEY = 'a key you trust: a verifier key (name+keyid+base64), or a file with one, a JWK, a JWK set or a trust file';

/** `zhida audit verify|prove|export`: works on files alone, with every service stopped. */
export function registerAudit(program: Command, io: AuditIo = process): void {
  const audit = program.command('audit').description('verify, prove and hand over the audit log, from its files alone');
  withKeys(audit.command('verify').argument('<path>', 'an audit directory, or the proof of one entry'))
    .description('prove that no entry was changed, dropped or swapped; exit 1 names the entry, 2 when nothing could be verified')
    .option('--allow-tail', 'accept entries after the newest checkpoint, as in a copy of a log at work', false)
    .option('--json', 'print the result as JSON', false)
    .action(async (path: string, options: KeyOptions & { allowTail: boolean; json: boolean }) => {
      const { allowTail, json } = options;
      io.exitCode = await runVerify({ path, keys: [...options.key, ...options.trust], allowTail, json }, io);
    });
  audit
    .command('prove')
    .argument('<directory>', 'an audit directory')
    .description('prove that one entry is in the log (C2SP tlog-proof); `audit verify` checks the proof without the log')
    .requiredOption('--entry <id>', 'aud_…')
    .option('--output <file>', 'write the proof to a new file instead of standard output')
    .action(async (directory: string, options: { entry: string; output?: string }) => {
      const proof = await proveEntry(directory, options.entry);
      if (options.output === undefined) io.stdout.write(proof);
      else await writeFile(options.output, proof, { flag: 'wx', mode: 0o600 });
    });
  withKeys(audit.command('export').argument('<directory>', 'an audit directory'))
    .description('write everything under the newest checkpoint to one tar file, after verifying it')
    .requiredOption('--output <file>', 'a file that does not exist yet')
    .action(async (directory: string, options: KeyOptions & { output: string }) => {
      io.exitCode = await exportVerified(directory, options, io);
    });
}

async function exportVerified(directory: string, options: KeyOptions & { output: string }, io: AuditIo): Promise<number> {
  const language = languageOf(io.env);
  const publicKeys = await readKeys([...options.key, ...options.trust]);
  const result = await verifyAuditDirectory(directory, { publicKeys, allowTail: true });
  io.stderr.write(describeVerification(result, language));
  if (!result.ok) return 1;
  const size = await exportAuditLog(directory, options.output);
  io.stderr.write({ zh: `已导出 ${size} 条。\n`, en: `${size} entries exported.\n` }[language]);
  return 0;
}

function withKeys(command: Command): Command {
  const collect = (value: string, earlier: string[]): string[] => [...earlier, value];
  return command
    .option('--key <key>', `${KEY}; may be given again`, collect, [])
    .option('--trust <file>', 'a trust file of the party that keeps the log; may be given again', collect, []);
}
