import { type Command, Option } from 'commander';
import { fill, wordOf } from '../locales/texts.js';
import { inLanguage, jsonLines, listsRows, localText, operationsIn, type ShownFlags, tableText } from '../operations/shown.js';
import { askForAll, askRelay, asOperator, type OperatorIo, type OperatorOptions } from '../operator.js';

interface Delivery {
  readonly deliveryId: string;
  readonly number: string;
  readonly party: string;
  readonly state: string;
  readonly attempts: number;
  readonly lastOutcome: string | null;
  readonly lastDetail: string | null;
  readonly waitsFor: string | null;
  readonly holdReason: string | null;
  readonly nextDueAt: string | null;
}

const STATES = ['open', 'attested', 'stored', 'accepted'] as const;

type ActOptions = OperatorOptions & Pick<ShownFlags, 'lang'> & { readonly reason: string };

/** `zhida deliveries list|redeliver|silence`: what is owed and why it waits, and what a person may do about one delivery. */
export function registerDeliveries(program: Command, io: OperatorIo = process): void {
  const deliveries = program
    .command('deliveries')
    .description('what has not arrived and why each waits; send one again now, silence one of its rungs');
  listsRows(asOperator(deliveries.command('list').description('deliveries of one state, oldest first, and what each waits for')))
    .addOption(new Option('--state <state>', 'how far they are').choices(STATES).default('open'))
    .action(async ({ state, json, lang, ...options }: OperatorOptions & ShownFlags & { state: string }) => {
      const rows = await askForAll<Delivery>(io, options, { path: `/v1/deliveries?state=${state}&`, member: 'deliveries' });
      io.stdout.write(json ? jsonLines(rows) : describe(rows, lang));
    });
  actsOnOne(
    deliveries.command('redeliver').description('make an open delivery due now; its id, its bytes and its rung stay what they are'),
  ).action(async (id: string, { reason, lang, ...options }: ActOptions) => {
    await act(io, options, { id, act: 'redeliver', body: { reason } });
    io.stdout.write(`${fill(operationsIn(lang).deliveries.redelivered, { id })}\n`);
  });
  actsOnOne(deliveries.command('silence').description('silence one rung of a delivery; neither its state nor its next clock changes'))
    .requiredOption('--rung <name>', 'the rung, as `zhida alarms list` names it')
    .action(async (id: string, { reason, rung, lang, ...options }: ActOptions & { rung: string }) => {
      await act(io, options, { id, act: 'silence', body: { rung, reason } });
      io.stdout.write(`${fill(operationsIn(lang).deliveries.silenced, { id, rung })}\n`);
    });
}

function actsOnOne(command: Command): Command {
  return inLanguage(asOperator(command))
    .argument('<delivery>', 'dlv_…, as the list has it')
    .requiredOption('--reason <text>', 'why; it is sealed');
}

async function act(
  io: OperatorIo,
  options: OperatorOptions,
  { id, act: what, body }: { readonly id: string; readonly act: string; readonly body: Readonly<Record<string, string>> },
): Promise<void> {
  await askRelay(io, options, { method: 'POST', path: `/v1/deliveries/${encodeURIComponent(id)}/${what}`, body: JSON.stringify(body) });
}

function describe(rows: readonly Delivery[], lang: ShownFlags['lang']): string {
  const { deliveries, holds, none } = operationsIn(lang);
  if (rows.length === 0) return `${none}\n`;
  const { number, party, waits, attempts, last, next, id } = deliveries.headings;
  return tableText(
    [number, party, waits, attempts, last, next, id],
    rows.map((row) => [
      row.number,
      row.party,
      row.waitsFor === 'release' ? wordOf(holds, row.holdReason ?? undefined) : wordOf(deliveries.waits, row.waitsFor ?? undefined) || '—',
      String(row.attempts),
      row.lastDetail ?? row.lastOutcome ?? '—',
      localText(row.nextDueAt),
      row.deliveryId,
    ]),
  );
}
