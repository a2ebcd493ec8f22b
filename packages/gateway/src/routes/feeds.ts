import { ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { Array as ArrayOf, Boolean as Flag, Enum, Integer, Null, Object as ObjectOf, String as Text, Union } from 'typebox';
import { authenticateAdministrator } from '../access/operator.js';
import type { GatewayContext } from '../context.js';
import type { Feeds } from '../feeds/feeds.js';
import { feedMessages, feedStates, replayMessage } from '../feeds/list.js';
import type { FeedMessageStatus } from '../feeds/tables.js';
import { ADMINISTRATOR, documented } from './documented.js';

const STATUSES: readonly FeedMessageStatus[] = ['received', 'processed', 'set-aside', 'refused'];
const nullableText = Union([Text(), Null()]);
const nullableNumber = Union([Integer(), Null()]);

const feedStateSchema = ObjectOf({
  name: Text(),
  kind: Enum(['http', 'mllp', 'folder', 'fhir-poll']),
  waiting: Integer(),
  setAside: Integer(),
  refused: Integer(),
  lastMessageAt: nullableText,
  problem: Union([ObjectOf({ code: Text(), since: Text() }), Null()]),
});
export const feedListSchema = ObjectOf({ feeds: ArrayOf(feedStateSchema) });

const feedMessageSchema = ObjectOf({
  id: Text(),
  feed: Text(),
  status: Enum([...STATUSES]),
  format: Enum(['hl7v2', 'fhir', 'encounter', 'his', 'cda', 'fhir-record']),
  type: nullableText,
  controlId: nullableText,
  record: nullableNumber,
  line: nullableNumber,
  problem: Union([ObjectOf({ code: Text(), at: nullableText }), Null()]),
  ackCode: nullableText,
  receivedAt: Text(),
  replayable: Flag(),
});
export const feedMessageListSchema = ObjectOf({ messages: ArrayOf(feedMessageSchema) });
export const feedReplaySchema = ObjectOf({
  id: Text(),
  status: Enum([...STATUSES]),
  problem: Union([ObjectOf({ code: Text(), at: nullableText }), Null()]),
});

const feedParameters = ObjectOf({ feed: Text() });
const messageParameters = ObjectOf({ feed: Text(), id: Text() });

/** What the administrator sees of the feeds, and how a message that was set aside is worked on again. Nothing of a record is shown. */
export function feedRoutes(app: FastifyInstance, context: GatewayContext, feeds: Feeds): void {
  const tags = ['operations'];

  app.get(
    '/ops/feeds',
    documented({ summary: 'How each feed stands', tags, access: ADMINISTRATOR, answer: feedListSchema }),
    async (request, reply) => {
      await authenticateAdministrator(context, request);
      return reply.header('cache-control', 'no-store').send({ feeds: await feedStates(context, feeds) });
    },
  );

  app.get<{ Params: { feed: string }; Querystring: { status?: unknown; before?: unknown } }>(
    '/ops/feeds/:feed/messages',
    documented({
      summary: 'Messages of a feed, newest first; `?status=set-aside` those a person has to look at, `?before=ID` the next page',
      tags,
      access: ADMINISTRATOR,
      params: feedParameters,
      answer: feedMessageListSchema,
    }),
    async (request, reply) => {
      await authenticateAdministrator(context, request);
      const { feed } = request.params;
      feeds.line(feed);
      const { status, before } = request.query;
      const messages = await feedMessages(context, feed, {
        ...(status === undefined ? {} : { status: statusOf(status) }),
        ...(typeof before === 'string' ? { before } : {}),
      });
      return reply.header('cache-control', 'no-store').send({ messages });
    },
  );

  app.post<{ Params: { feed: string; id: string } }>(
    '/ops/feeds/:feed/messages/:id/replay',
    documented({
      summary: 'Works on a message that was set aside once more',
      tags,
      access: ADMINISTRATOR,
      params: messageParameters,
      answer: feedReplaySchema,
    }),
    async (request, reply) => {
      const { account } = await authenticateAdministrator(context, request);
      const { id, status, problemCode, problemAt } = await replayMessage(context, feeds, { ...request.params, account });
      const problem = problemCode === null ? null : { code: problemCode, at: problemAt };
      return reply.header('cache-control', 'no-store').send({ id, status, problem });
    },
  );
}

function statusOf(given: unknown): FeedMessageStatus {
  const status = STATUSES.find((one) => one === given);
  if (status === undefined) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'no such status', { at: 'status' });
  return status;
}
