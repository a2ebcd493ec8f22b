import type { Command } from 'commander';
import { fill, wordOf } from '../locales/texts.js';
import { inLanguage, jsonLines, listsRows, localText, operationsIn, type ShownFlags, tableText } from '../operations/shown.js';
import { askForAll, askRelay, asOperator, type OperatorIo, type OperatorOptions } from '../operator.js';

interface Alarm {
  readonly escalationId: string;
  readonly rung: string;
  readonly number: string | null;
  readonly party: string | null;
  readonly mode: string | null;
  readonly raisedAt: string;
  readonly sent: number;
}

const CHASE = 'chase-';

/** `zhida alarms list|acknowledge`: what somebody has to be told, until a person has seen it. */
export function registerAlarms(program: Command, io: OperatorIo = process): void {
  const alarms = program.command('alarms').description('alarms that stand: see them, and say that you have');
  listsRows(
    asOperator(
      alarms.command('list').description('alarms nobody has acknowledged and whose cause stands, oldest first; exit 1 if there are any'),
    ),
  ).action(async ({ json, lang, ...options }: OperatorOptions & ShownFlags) => {
    const rows = await askForAll<Alarm>(io, options, { path: '/v1/escalations?', member: 'alarms' });
    io.stdout.write(json ? jsonLines(rows) : describe(rows, lang));
    io.exitCode = rows.length === 0 ? 0 : 1;
  });
  inLanguage(
    asOperator(alarms.command('acknowledge').description('a person has seen it and acts on it: it is not told again; no state changes')),
  )
    .argument('<alarm>', 'esc_…, as the list has it')
    .action(async (id: string, { lang, ...options }: OperatorOptions & Pick<ShownFlags, 'lang'>) => {
      const path = `/v1/escalations/${encodeURIComponent(id)}/acknowledge`;
      const { repeat } = (await askRelay(io, options, { method: 'POST', path })) as { repeat: boolean };
      const { acknowledged, acknowledgedBefore } = operationsIn(lang).alarms;
      io.stdout.write(`${fill(repeat ? acknowledgedBefore : acknowledged, { id })}\n`);
    });
}

function describe(rows: readonly Alarm[], lang: ShownFlags['lang']): string {
  const { alarms, none } = operationsIn(lang);
  if (rows.length === 0) return `${none}\n`;
  const { raised, rung, what, number, party, sent, id } = alarms.headings;
  return tableText(
    [raised, rung, what, number, party, sent, id],
    rows.map((row) => [
      localText(row.raisedAt),
      row.rung,
      `${wordOf(alarms.modes, row.mode ?? undefined)}${wordOf(alarms.rungs, row.rung.startsWith(CHASE) ? 'chase' : row.rung)}`,
      row.number ?? '—',
      row.party ?? '—',
      String(row.sent),
      row.escalationId,
    ]),
  );
}
