import type { Command } from 'commander';
import { fill, localeOf, textsOf, wordOf } from '../locales/texts.js';
import { inLanguage, jsonLines, listsRows, localText, operationsIn, type ShownFlags, tableText } from '../operations/shown.js';
import { askRelay, asOperator, type OperatorIo, type OperatorOptions } from '../operator.js';

interface Line {
  readonly party: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly system: string;
  readonly trusted: boolean;
  readonly disabledSince: string | null;
  readonly disabledReason: string | null;
  readonly breakerSince: string | null;
  readonly open: number;
  readonly oldestOpenAt: string | null;
  readonly held: readonly { readonly reason: string; readonly count: number }[];
}

/** `zhida endpoints list|disable|enable`: how the road to each recipient stands, and who stops sending on one. */
export function registerEndpoints(program: Command, io: OperatorIo = process): void {
  const endpoints = program
    .command('endpoints')
    .description('the roads to the recipients: see how they stand, stop sending on one, start again');
  listsRows(asOperator(endpoints.command('list').description('each recipient, how its road stands, and what waits on it'))).action(
    async (options: OperatorOptions & ShownFlags) => {
      const answer = await askRelay(io, options, { method: 'GET', path: '/v1/endpoints' });
      const { lines } = answer as unknown as { lines: readonly Line[] };
      io.stdout.write(options.json ? jsonLines(lines) : describe(lines, options));
    },
  );
  decision(endpoints.command('disable').description('stop sending to a recipient; what is for it is held, nothing is dropped'), io);
  decision(endpoints.command('enable').description('send to a recipient again, what was held first'), io);
}

function decision(command: Command, io: OperatorIo): void {
  const act = command.name() === 'disable' ? 'disable' : 'enable';
  inLanguage(asOperator(command))
    .argument('<party>', 'the recipient, agency:…')
    .requiredOption('--reason <text>', 'why; it is shown beside the line and kept in the audit log')
    .action(async (party: string, { reason, lang, ...options }: OperatorOptions & { reason: string } & Pick<ShownFlags, 'lang'>) => {
      const path = `/v1/endpoints/${encodeURIComponent(party)}/${act}`;
      const request = { method: 'POST', path, body: JSON.stringify({ reason }), scope: 'endpoint:admin' } as const;
      const { repeat } = (await askRelay(io, options, request)) as { repeat: boolean };
      const { done } = operationsIn(lang).endpoints;
      io.stdout.write(`${fill(repeat ? done[`${act}Before`] : done[act], { party })}\n`);
    });
}

function describe(lines: readonly Line[], { lang }: ShownFlags): string {
  const { headings } = operationsIn(lang).endpoints;
  const { party, name, state, open, oldest } = headings;
  return tableText(
    [party, name, state, open, oldest],
    lines.map((line) => [
      line.party,
      line.name[localeOf(textsOf(lang))],
      stateOf(line, lang),
      String(line.open),
      localText(line.oldestOpenAt),
    ]),
  );
}

function stateOf({ system, trusted, disabledSince, disabledReason, breakerSince, held }: Line, lang: ShownFlags['lang']): string {
  const { endpoints, holds } = operationsIn(lang);
  const { states, held: heldHere, separator } = endpoints;
  const road =
    system === 'no-system'
      ? states.byHand
      : disabledSince !== null
        ? fill(states.disabled, { since: localText(disabledSince), reason: disabledReason ?? '' })
        : !trusted
          ? states.untrusted
          : breakerSince !== null
            ? fill(states.breaker, { since: localText(breakerSince) })
            : states.works;
  return [road, ...held.map(({ reason, count }) => fill(heldHere, { reason: wordOf(holds, reason) || reason, count }))].join(separator);
}
