import { ZhidaError } from '@zhida/core';
import type { Detector } from '@zhida/detect';
import { snapshotsFromBundle } from '@zhida/fhir';
import type { FastifyInstance } from 'fastify';
import { authenticateFeed } from '../access/feed-token.js';
import { type AssessedInput, takeEncounter } from '../encounters/assess.js';
import type { GatewayContext } from '../options.js';

/** `POST /v1/encounters`: a snapshot answers one Assessment; a FHIR bundle answers one per Encounter, each taken on its own. */
export function encounterRoutes(app: FastifyInstance, context: GatewayContext, detector: Detector): void {
  app.addContentTypeParser(
    ['application/fhir+json', 'application/json'],
    { parseAs: 'string', bodyLimit: context.settings.maxBodyBytes },
    (_request, body, done) => {
      done(null, body);
    },
  );

  app.post('/v1/encounters', { bodyLimit: context.settings.maxBodyBytes }, async (request) => {
    await authenticateFeed(request);
    const input = parseJson(request.body);
    if (request.headers['content-type']?.startsWith('application/fhir+json') !== true) {
      const { assessment, promptId } = await takeEncounter(context, detector, input);
      request.log.info({ promptId, level: assessment.level }, 'encounter assessed');
      return assessment;
    }
    const { snapshots, issues } = snapshotsFromBundle(input);
    if (snapshots.length === 0)
      throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the bundle holds no Encounter', { at: issues[0]?.at ?? 'entry' });
    const taken: AssessedInput[] = [];
    for (const snapshot of snapshots) taken.push(await takeEncounter(context, detector, snapshot));
    request.log.info({ encounters: taken.length, prompts: taken.filter((item) => item.promptId !== null).length }, 'bundle assessed');
    return { assessments: taken.map((item) => item.assessment), issues };
  });
}

function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not JSON', { at: '$' });
  }
}
