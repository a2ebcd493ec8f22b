import { ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { BLOCK_MAX, findPaperNumber, handOutBlock, listBlocks, voidPaperNumber } from '../paper/blocks.js';
import { currentCaller, currentOperator } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { gateway, operated, paperBlockBody, reasonBody } from './described.js';
import { jsonObjectOf } from './json-body.js';
import { reasonIn, shortText, TEXT_LENGTH_MAX } from './short-text.js';
import { paperBlockSchema, paperBlocksSchema, paperNumberSchema, recordedSchema } from './schemas.js';

/** Number blocks for paper forms: handed out while the line is up, entered when it is up again. */
export function paperRoutes(app: FastifyInstance, { intake, ledger }: RouteContext): void {
  const context = { ledger, profile: intake.profile };
  app.post(
    '/v1/paper/blocks',
    operated('paper', 'Hands out the next numbers for paper forms to a site', paperBlockSchema, { takes: { body: paperBlockBody } }),
    async (request) => {
      const operator = await currentOperator(app, request);
      const body = jsonObjectOf(request.body);
      const count = body['count'];
      if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > BLOCK_MAX)
        throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', `a block has 1 to ${BLOCK_MAX} numbers`, { at: 'count' });
      const handedTo = shortText(body, 'handedTo', TEXT_LENGTH_MAX);
      if (handedTo === null) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a block is handed to somebody', { at: 'handedTo' });
      return handOutBlock(operator.facility, context, { count, handedTo, by: operator.account });
    },
  );

  app.get(
    '/v1/paper/blocks',
    operated('paper', 'All blocks, what was entered of them, and which forms were passed over', paperBlocksSchema),
    async (request) => {
      const operator = await currentOperator(app, request);
      return { blocks: await listBlocks(operator.facility, context) };
    },
  );

  app.get<{ Params: { number: string } }>(
    '/v1/paper/numbers/:number',
    operated('paper', 'Whether a number may still be entered, or which report it became', paperNumberSchema, {
      security: gateway('report:read'),
    }),
    async (request) => {
      const caller = await currentCaller(app, request, 'report:read');
      return findPaperNumber(caller.facility, context, request.params.number);
    },
  );

  app.post<{ Params: { number: string } }>(
    '/v1/paper/numbers/:number/void',
    operated('paper', 'Strikes a number off whose form was spoilt or never written, with a reason', recordedSchema, {
      takes: { body: reasonBody },
    }),
    async (request) => {
      const operator = await currentOperator(app, request);
      const reason = reasonIn(request.body, 'striking a number off needs a reason');
      await voidPaperNumber(operator.facility, context, { text: request.params.number, reason, by: operator.account });
      return { recorded: true, repeat: false };
    },
  );
}
