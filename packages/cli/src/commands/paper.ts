import type { Command } from 'commander';
import { askRelay, asOperator, type OperatorIo, type OperatorOptions } from '../operator.js';

interface Block {
  readonly first: string;
  readonly last: string;
  readonly count: number;
  readonly handedTo: string;
  readonly entered: number;
  readonly void: number;
  readonly gaps: readonly string[];
}

/** `zhida paper hand-out|list|void`: numbers for paper forms. */
export function registerPaper(program: Command, io: OperatorIo = process): void {
  const paper = program.command('paper').description('numbers for paper forms: hand out a block, see what was entered, strike a form off');
  asOperator(paper.command('hand-out').description('hand the next numbers to a site'))
    .requiredOption('--to <site>', 'the site that gets the forms')
    .option('--count <number>', 'how many', '50')
    .option('--json', 'one JSON object', false)
    .action(async (options: OperatorOptions & { to: string; count: string; json: boolean }) => {
      const body = JSON.stringify({ count: Number(options.count), handedTo: options.to });
      const block = (await askRelay(io, options, { method: 'POST', path: '/v1/paper/blocks', body })) as unknown as Block;
      io.stdout.write(options.json ? `${JSON.stringify(block)}\n` : lineOf(block));
    });
  asOperator(paper.command('list').description('every block, and the forms that were passed over; exit 1 if there are any'))
    .option('--json', 'one JSON object a line', false)
    .action(async (options: OperatorOptions & { json: boolean }) => {
      const { blocks } = (await askRelay(io, options, { method: 'GET', path: '/v1/paper/blocks' })) as unknown as {
        blocks: readonly Block[];
      };
      io.stdout.write(blocks.map((block) => (options.json ? `${JSON.stringify(block)}\n` : lineOf(block))).join(''));
      io.exitCode = blocks.some(({ gaps }) => gaps.length > 0) ? 1 : 0;
    });
  asOperator(paper.command('void').description('strike a number off whose form was spoilt or never written'))
    .argument('<number>', 'the number on the form')
    .requiredOption('--reason <text>', 'why')
    .action(async (number: string, options: OperatorOptions & { reason: string }) => {
      const body = JSON.stringify({ reason: options.reason });
      await askRelay(io, options, { method: 'POST', path: `/v1/paper/numbers/${encodeURIComponent(number)}/void`, body });
      io.stdout.write(`${number} is struck off\n`);
    });
}

function lineOf({ first, last, count, handedTo, entered, void: struck, gaps }: Block): string {
  const open = count - entered - struck;
  const passed = gaps.map((number) => `GAP     ${number} was passed over: enter it, or strike it off\n`).join('');
  return `${first} to ${last}  ${handedTo}: entered ${entered}, struck off ${struck}, open ${open}\n${passed}`;
}
