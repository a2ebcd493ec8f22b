import { ZhidaError } from '@zhida/core';
import { snapshotsFromBundle } from '@zhida/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Union } from 'typebox';
import { authenticateFeed } from '../access/feed-token.js';
import type { GatewayContext } from '../context.js';
import { type AssessedInput, takeEncounter } from '../encounters/assess.js';
import { bytesOf, jsonOf } from './body.js';
import { documented } from './documented.js';
import { assessmentSchema, bundleAnswerSchema } from './schemas.js';
import { snapshotSchema } from './snapshot-schema.js';

const FHIR = /^application\/fhir\+json\b/i;

/** `POST /v1/encounters`: a snapshot answers one Assessment; a FHIR bundle answers one per Encounter, each taken on its own. */
export function encounterRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.post(
    '/v1/encounters',
    {
      bodyLimit: context.settings.maxBodyBytes,
      ...documented({
        summary:
          'Takes a visit and says why a report may be due; content types application/json (EncounterSnapshot), application/fhir+json (R4 Bundle)',
        tags: ['encounters'],
        body: snapshotSchema,
        answer: Union([assessmentSchema, bundleAnswerSchema]),
      }),
      // Before the body is read: nobody unknown makes this process hold 16 MiB.
      onRequest: async (request) => {
        await authenticateFeed(context, request);
      },
    },
    async (request) => (FHIR.test(request.headers['content-type'] ?? '') ? takeBundle(context, request) : takeSnapshot(context, request)),
  );
}

async function takeSnapshot(context: GatewayContext, request: FastifyRequest): Promise<AssessedInput['assessment']> {
  const { assessment, promptId } = await takeEncounter(context, jsonOf(bytesOf(request)));
  request.log.info({ promptId, level: assessment.level }, 'encounter assessed');
  return assessment;
}

async function takeBundle(context: GatewayContext, request: FastifyRequest) {
  const { snapshots, issues } = snapshotsFromBundle(jsonOf(bytesOf(request)));
  if (snapshots.length === 0)
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the bundle holds no Encounter', { at: issues[0]?.at || 'entry' });
  const taken: AssessedInput[] = [];
  for (const snapshot of snapshots) taken.push(await takeEncounter(context, snapshot));
  const prompts = taken.filter(({ promptId }) => promptId !== null).length;
  request.log.info({ encounters: taken.length, prompts }, 'bundle assessed');
  return { assessments: taken.map(({ assessment }) => assessment), issues };
}
