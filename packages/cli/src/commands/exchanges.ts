import type { Command } from 'commander';
import { fill } from '../locales/texts.js';
import { jsonLines, listsRows, localText, operationsIn, type ShownFlags, tableText } from '../operations/shown.js';
import { askRelay, asOperator, type OperatorIo, type OperatorOptions } from '../operator.js';

interface Exchange {
  readonly party: string;
  readonly day: string;
  readonly agrees: boolean;
  readonly agencyCount: number;
  readonly ownCount: number;
  readonly missingHere: readonly string[];
  readonly missingThere: readonly string[];
  readonly checkedAt: string;
}

/** `zhida exchanges`: days the relay and the agencies have compared, and what one end has and the other has not. */
export function registerExchanges(program: Command, io: OperatorIo = process): void {
  listsRows(
    asOperator(
      program.command('exchanges').description('the daily comparison of receipts with each agency, differences first; exit 1 on any'),
    ),
  ).action(async ({ json, lang, ...options }: OperatorOptions & ShownFlags) => {
    const answer = await askRelay(io, options, { method: 'GET', path: '/v1/exchanges' });
    const { exchanges } = answer as unknown as { exchanges: readonly Exchange[] };
    io.stdout.write(json ? jsonLines(exchanges) : describe(exchanges, lang));
    io.exitCode = exchanges.every(({ agrees }) => agrees) ? 0 : 1;
  });
}

function describe(rows: readonly Exchange[], lang: ShownFlags['lang']): string {
  const { exchanges, none } = operationsIn(lang);
  if (rows.length === 0) return `${none}\n`;
  const { day, party, result, there, here, checked } = exchanges.headings;
  const table = tableText(
    [day, party, result, there, here, checked],
    rows.map((row) => [
      row.day,
      row.party,
      row.agrees ? exchanges.agrees : exchanges.differs,
      String(row.agencyCount),
      String(row.ownCount),
      localText(row.checkedAt),
    ]),
  );
  const missing = rows.flatMap(({ day: of, party: from, missingHere, missingThere }) => [
    ...missingHere.map((id) => `${fill(exchanges.missingHere, { day: of, party: from, id })}\n`),
    ...missingThere.map((id) => `${fill(exchanges.missingThere, { day: of, party: from, id })}\n`),
  ]);
  return `${table}${missing.join('')}`;
}
