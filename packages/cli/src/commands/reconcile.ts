import { asUnavailable, type OpenDatabase, openDatabase } from '@zhida/database';
import { type Difference, type PressedReconciliation, type Reconciliation, reconcileLedger, reconcilePresses } from '@zhida/relay';
import type { Command } from 'commander';
import { secretIn } from '../serve/configuration.js';
import { POSTGRES_URL } from '../serve/databases.js';

/** Where the command writes, and where it leaves its exit code; `process` fits. */
export interface ReconcileIo {
  readonly stdout: { write(text: string): unknown };
  exitCode?: number | string | null | undefined;
}

/** `zhida reconcile`: pressed = stored = delivered or visibly open; prints the difference and exits 1 if there is one. */
export function registerReconcile(program: Command, io: ReconcileIo = process): void {
  program
    .command('reconcile')
    .description('compare what was pressed, stored, delivered and logged; exit 1 on any difference')
    .requiredOption('--relay <file>', 'a file with the URL of the relay’s database; arguments are read by every user of a machine')
    .option('--gateway <file>', 'a file with the URL of the gateway’s database: compares presses too')
    .option('--json', 'print the result as JSON', false)
    .action(async (options: { relay: string; gateway?: string; json: boolean }) => {
      const { ledger, presses } = await reconcile(options);
      const found = [...(presses?.differences ?? []), ...ledger.differences];
      io.stdout.write(options.json ? `${JSON.stringify({ ledger, presses })}\n` : describe(ledger, presses, found));
      io.exitCode = found.length === 0 ? 0 : 1;
    });
}

async function reconcile(options: {
  relay: string;
  gateway?: string;
}): Promise<{ ledger: Reconciliation; presses: PressedReconciliation | null }> {
  const opened: OpenDatabase<unknown>[] = [];
  const open = async (file: string, option: string): Promise<OpenDatabase<unknown>['pool']> => {
    const url = await secretIn(file, option, POSTGRES_URL);
    const database = openDatabase<unknown>({ url, applicationName: 'zhida reconcile', statementTimeoutMs: 600_000 });
    opened.push(database);
    return database.pool;
  };
  try {
    const relay = await open(options.relay, '--relay');
    // Presses first: one that is answered for between the two looks is then in the ledger, and not the other way round.
    const presses = options.gateway === undefined ? null : await reconcilePresses(await open(options.gateway, '--gateway'), relay);
    return { ledger: await reconcileLedger(relay), presses };
  } catch (error) {
    throw asUnavailable(error) ?? error;
  } finally {
    for (const database of opened) await database.close();
  }
}

function describe(ledger: Reconciliation, presses: PressedReconciliation | null, found: readonly Difference[]): string {
  const { reports, deliveries, proved, attested, open, attachments, deadLetters, forwards, exercises } = ledger;
  const held = Object.entries(open.held).map(([reason, count]) => `${reason} ${count}`);
  const lines = [
    ...(presses === null ? [] : [`presses     ${presses.presses}, held at the gateway ${presses.held}`]),
    `reports     ${reports}`,
    `deliveries  ${deliveries}: stored ${proved.stored}, accepted ${proved.accepted} by signed receipt; attested ${attested} by a person; open ${open.total}`,
    ...(attachments.total === 0 ? [] : [`attachments ${attachments.total}, still owed ${attachments.owed}`]),
    ...(forwards.total === 0 ? [] : [`forwarded   ${forwards.total} for other relays, not signed for ${forwards.open}`]),
    ...(exercises.reports === 0
      ? []
      : [`exercises   ${exercises.reports} reports, not counted above: ${exercises.deliveries} deliveries, open ${exercises.open}`]),
    ...(deadLetters === 0 ? [] : [`dead letters ${deadLetters}: faults of this relay`]),
    ...(held.length === 0 ? [] : [`held        ${held.join(', ')}`]),
    ...found.map(({ what, count, ids }) => `DIFFERENCE  ${what}: ${count} (${ids.join(' ')}${ids.length < count ? ' …' : ''})`),
    found.length === 0 ? 'no difference' : `${found.length} kinds of difference`,
  ];
  return `${lines.join('\n')}\n`;
}
