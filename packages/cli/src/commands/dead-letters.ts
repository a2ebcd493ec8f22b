import { ZhidaError } from '@zhida/core';
import type { Command } from 'commander';
import { fill, wordOf } from '../locales/texts.js';
import { inLanguage, jsonLines, listsRows, localText, operationsIn, type ShownFlags, tableText } from '../operations/shown.js';
import { askForAll, askRelay, asOperator, type OperatorIo, type OperatorOptions } from '../operator.js';

interface DeadLetter {
  readonly deliveryId: string;
  readonly reportId: string;
  readonly number: string;
  readonly party: string;
  readonly fault: string;
  readonly since: string;
  readonly lastAt: string;
  readonly times: number;
}

/** `zhida dead-letters list|show|replay`: what the relay itself cannot bring on its way, and another try once that is mended. */
export function registerDeadLetters(program: Command, io: OperatorIo = process): void {
  const letters = program.command('dead-letters').description('what a fault of this relay keeps here; an agency that is away makes none');
  listsRows(
    asOperator(letters.command('list').description('deliveries that cannot leave by our own fault; exit 1 if there are any')),
  ).action(async ({ json, lang, ...options }: OperatorOptions & ShownFlags) => {
    const rows = await all(io, options);
    io.stdout.write(json ? jsonLines(rows) : describe(rows, lang));
    io.exitCode = rows.length === 0 ? 0 : 1;
  });
  ofOne(listsRows(asOperator(letters.command('show').description('one of them, and what to mend')))).action(
    async (id: string, { json, lang, ...options }: OperatorOptions & ShownFlags) => {
      const letter = (await all(io, options)).find(({ deliveryId }) => deliveryId === id);
      if (letter === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such dead letter', { at: 'delivery' });
      io.stdout.write(json ? jsonLines([letter]) : describeOne(letter, lang));
    },
  );
  ofOne(
    inLanguage(asOperator(letters.command('replay').description('try one again now; what goes out are the bytes of intake, or nothing'))),
  )
    .requiredOption('--reason <text>', 'what was mended; it is sealed')
    .action(async (id: string, { reason, lang, ...options }: OperatorOptions & Pick<ShownFlags, 'lang'> & { reason: string }) => {
      const path = `/v1/dead-letters/${encodeURIComponent(id)}/replay`;
      const answer = await askRelay(io, options, { method: 'POST', path, body: JSON.stringify({ reason }) });
      const { payloadSha256 } = answer as { payloadSha256: string | null };
      const { replayed, replayedUnrendered } = operationsIn(lang).deadLetters;
      io.stdout.write(`${fill(payloadSha256 === null ? replayedUnrendered : replayed, { id, sha256: payloadSha256 ?? '' })}\n`);
    });
}

function ofOne(command: Command): Command {
  return command.argument('<delivery>', 'dlv_…, as the list has it');
}

async function all(io: OperatorIo, options: OperatorOptions): Promise<DeadLetter[]> {
  return askForAll<DeadLetter>(io, options, { path: '/v1/dead-letters?', member: 'deadLetters' });
}

function describe(rows: readonly DeadLetter[], lang: ShownFlags['lang']): string {
  const { deadLetters, none } = operationsIn(lang);
  if (rows.length === 0) return `${none}\n`;
  const { number, party, fault, since, times, id } = deadLetters.headings;
  return tableText(
    [number, party, fault, since, times, id],
    rows.map((row) => [
      row.number,
      row.party,
      wordOf(deadLetters.faults, row.fault),
      localText(row.since),
      String(row.times),
      row.deliveryId,
    ]),
  );
}

function describeOne(letter: DeadLetter, lang: ShownFlags['lang']): string {
  const { headings, faults, last, todos } = operationsIn(lang).deadLetters;
  const lines = [
    [headings.number, letter.number],
    [headings.party, letter.party],
    [headings.fault, wordOf(faults, letter.fault)],
    [headings.since, localText(letter.since)],
    [last, localText(letter.lastAt)],
    [headings.times, String(letter.times)],
    [headings.id, letter.deliveryId],
  ];
  return `${tableText(['', ''], lines).trimStart()}→ ${wordOf(todos, letter.fault)}\n`;
}
