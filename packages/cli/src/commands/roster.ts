import { readFile } from 'node:fs/promises';
import { type Issue, ZhidaError } from '@zhida/core';
import type { Command } from 'commander';
import { EXIT_INPUT_SKIPPED } from '../exit-codes.js';
import { localText } from '../operations/shown.js';
import { askRelay, asOperator, type OperatorIo, type OperatorOptions } from '../operator.js';

interface RosterAnswer {
  readonly shifts: number;
  readonly issues?: readonly Issue[];
  readonly gaps: readonly { readonly from: string; readonly to: string }[];
}

/** `zhida roster import|gaps`: who is called when nothing comes. */
export function registerRoster(program: Command, io: OperatorIo = process): void {
  const roster = program.command('roster').description('the duty roster (总值班) of the relay: import it, and see when nobody is on duty');
  asOperator(
    roster
      .command('import')
      .description('import CSV, xlsx or JSON in the place of what it overlaps; exit 2 if a row could not be read, 1 on a gap'),
  )
    .argument('<file>', 'columns date, start, end, title, phone, email; names are not kept')
    .option('--json', 'one JSON object', false)
    .action(async (file: string, options: OperatorOptions & { json: boolean }) => {
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the roster cannot be read', { at: file, cause });
      });
      show(io, (await askRelay(io, options, { method: 'PUT', path: '/v1/roster', body: bytes })) as unknown as RosterAnswer, options.json);
    });
  asOperator(roster.command('gaps').description('the hours of the next 72 in which nobody is on duty; exit 1 if there are any'))
    .option('--json', 'one JSON object', false)
    .action(async (options: OperatorOptions & { json: boolean }) => {
      show(io, (await askRelay(io, options, { method: 'GET', path: '/v1/roster' })) as unknown as RosterAnswer, options.json);
    });
}

function show(io: OperatorIo, answer: RosterAnswer, json: boolean): void {
  const { shifts, issues = [], gaps } = answer;
  const lines = [
    `shifts  ${shifts}`,
    ...issues.map(({ code, at }) => `SKIPPED ${at}: ${code}`),
    ...gaps.map(({ from, to }) => `GAP     nobody on duty from ${localText(from)} to ${localText(to)}`),
    ...(gaps.length === 0 ? ['somebody is on duty in every hour of the next 72'] : []),
  ];
  io.stdout.write(json ? `${JSON.stringify(answer)}\n` : `${lines.join('\n')}\n`);
  io.exitCode = issues.length > 0 ? EXIT_INPUT_SKIPPED : gaps.length > 0 ? 1 : 0;
}
