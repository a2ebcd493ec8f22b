import { type EncounterSnapshot, type Issue, isZhidaError, ZhidaError } from '@zhida/core';
import { snapshotsFromBundle } from '@zhida/fhir';
import { snapshotsFromFiles } from '@zhida/his';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Array as ArrayOf, Literal, Object as ObjectOf, Record as RecordOf, String as Text, Union, Unknown } from 'typebox';
import { authenticateFeed } from '../access/feed-token.js';
import type { GatewayContext } from '../context.js';
import { type AssessedInput, takeEncounter, takeBackAll } from '../encounters/assess.js';
import { HTTP_FEED } from '../feeds/config.js';
import type { Feeds } from '../feeds/feeds.js';
import { type PostedMessages, takePosted, takePostedDocuments } from '../feeds/http.js';
import { bytesOf, jsonOf } from './body.js';
import { documented, FEED } from './documented.js';
import { assessmentSchema, bundleAnswerSchema } from './schemas.js';
import { snapshotSchema } from './snapshot-schema.js';

const FHIR = /^application\/fhir\+json\b/i;
/** `application/cda+xml`, `application/hl7-cda+xml`, `text/xml` and the like. */
const XML = /^(?:application|text)\/(?:[\w.-]+\+)?xml\b/i;
const HL7 = /^(?:application\/hl7-v2|x-application\/hl7-v2)(?:\+er7)?\b/i;

const ROWS = /^text\/csv\b/i;

/** What a feed may send, by its content type. */
const encounterBody = {
  content: {
    'application/json': {
      schema: Union([snapshotSchema, ArrayOf(RecordOf(Text(), Unknown()))], { description: 'A visit; or rows, with `?mapping=`' }),
    },
    'application/fhir+json': {
      schema: ObjectOf({ resourceType: Literal('Bundle') }, { additionalProperties: true, description: 'FHIR R4 or R5' }),
    },
    'application/hl7-v2': { schema: Text({ description: 'HL7 v2 messages' }) },
    'application/cda+xml': { schema: Text({ description: 'A WS/T 500 document' }) },
    'text/csv': { schema: Text({ description: 'Rows, with `?mapping=`' }) },
  },
};

interface RowsQuery {
  readonly mapping?: unknown;
  readonly table?: unknown;
}

/** `POST /v1/encounters`: a snapshot answers one Assessment; a bundle, messages, documents or rows answer one per visit, each taken on its own. */
export function encounterRoutes(app: FastifyInstance, context: GatewayContext, feeds: Feeds): void {
  app.post<{ Querystring: RowsQuery }>(
    '/v1/encounters',
    {
      bodyLimit: context.settings.maxBodyBytes,
      ...documented({
        summary:
          'Takes a visit and says why a report may be due; content types application/json (EncounterSnapshot), application/fhir+json (R4 Bundle), application/hl7-v2 (messages), application/cda+xml or another of XML (WS/T 500 documents), text/csv or JSON rows with `?mapping=NAME[&table=TABLE]`',
        tags: ['encounters'],
        access: FEED,
        body: encounterBody,
        answer: Union([assessmentSchema, bundleAnswerSchema]),
      }),
      // Before the body is read: nobody unknown makes this process hold 16 MiB.
      onRequest: async (request) => {
        await authenticateFeed(context, request);
      },
    },
    async (request) => {
      const contentType = request.headers['content-type'] ?? '';
      if (HL7.test(contentType)) return takeMessages(context, feeds, request);
      if (XML.test(contentType)) return takeXml(context, feeds, request);
      if (ROWS.test(contentType) || request.query.mapping !== undefined) return takeRows(context, feeds, request, request.query);
      return FHIR.test(contentType) ? takeBundle(context, request) : takeSnapshot(context, request);
    },
  );
}

async function takeSnapshot(context: GatewayContext, request: FastifyRequest): Promise<AssessedInput['assessment']> {
  const { assessment, promptId } = await takeEncounter(context, jsonOf(bytesOf(request)));
  request.log.info({ promptId, level: assessment.level }, 'encounter assessed');
  return assessment;
}

async function takeMessages(context: GatewayContext, feeds: Feeds, request: FastifyRequest): Promise<PostedMessages> {
  const posted = await takePosted(context, feeds.line(HTTP_FEED), bytesOf(request));
  request.log.info({ encounters: posted.assessments.length, notTaken: posted.issues.length }, 'messages assessed');
  return posted;
}

async function takeXml(context: GatewayContext, feeds: Feeds, request: FastifyRequest): Promise<PostedMessages> {
  const posted = await takePostedDocuments(context, feeds.line(HTTP_FEED), bytesOf(request));
  request.log.info({ encounters: posted.assessments.length, issues: posted.issues.length }, 'documents assessed');
  return posted;
}

async function takeBundle(context: GatewayContext, request: FastifyRequest): Promise<PostedMessages> {
  const { snapshots, deleted, issues } = snapshotsFromBundle(jsonOf(bytesOf(request)));
  if (snapshots.length + deleted.length === 0)
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the bundle holds no Encounter', { at: issues[0]?.at || 'entry' });
  const unknown = await takeBackAll(context, deleted);
  return takeEach(context, request, snapshots, [...issues, ...unknown]);
}

/** Rows by the mapping the request names; `table` says which table of it a CSV is, where there are several. */
async function takeRows(
  context: GatewayContext,
  feeds: Feeds,
  request: FastifyRequest,
  { mapping, table }: RowsQuery,
): Promise<PostedMessages> {
  const name = typeof table === 'string' ? table : '';
  const { snapshots, issues } = snapshotsFromFiles(
    [{ name, bytes: bytesOf(request) }],
    feeds.mapping(typeof mapping === 'string' ? mapping : ''),
  );
  if (snapshots.length === 0)
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'no row holds a visit', {
      at: issues.find(({ severity }) => severity === 'error')?.at || '$',
    });
  return takeEach(context, request, snapshots, issues);
}

/** Each visit on its own: one that is not this gateway’s is named, and the others are taken. */
async function takeEach(
  context: GatewayContext,
  request: FastifyRequest,
  snapshots: readonly EncounterSnapshot[],
  issues: readonly Issue[],
): Promise<PostedMessages> {
  const taken: AssessedInput[] = [];
  const refused: Issue[] = [];
  for (const [index, snapshot] of snapshots.entries()) {
    try {
      taken.push(await takeEncounter(context, snapshot));
    } catch (error) {
      // A request that holds one visit is answered for it; a database that is away is nobody’s row.
      if (!isZhidaError(error) || error.remedy === 'retry' || snapshots.length === 1) throw error;
      refused.push({ code: 'RESOURCE_UNREADABLE', severity: 'error', at: `visit[${index}].${error.at ?? ''}` });
    }
  }
  const prompts = taken.filter(({ promptId }) => promptId !== null).length;
  request.log.info({ encounters: taken.length, refused: refused.length, prompts }, 'visits assessed');
  return { assessments: taken.map(({ assessment }) => assessment), issues: [...issues, ...refused] };
}
