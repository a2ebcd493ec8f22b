import type { FastifyBaseLogger } from 'fastify';
import type { GatewayContext } from '../context.js';
import type { FeedLine } from './line.js';

/** A feed that runs. */
export interface Feed {
  readonly name: string;
  readonly kind: 'mllp' | 'folder' | 'fhir-poll';
  /** Where an MLLP feed listens. */
  readonly port?: number;
  /** @throws ZhidaError `ZD_ERR_PORT_TAKEN` or `ZD_ERR_OPTION_INVALID` for a feed that cannot run. */
  start(): Promise<void>;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

/** What a feed is made of. */
export interface FeedParts {
  readonly context: GatewayContext;
  readonly line: FeedLine;
  readonly logger: FastifyBaseLogger;
}

/** Says why a feed does not get on, or with `undefined` that it does. */
export async function noteProblem({ database, facility, clock }: GatewayContext, name: string, problem: string | undefined): Promise<void> {
  const now = new Date(clock.now());
  await database.db
    .updateTable('feeds')
    .set((expression) =>
      problem === undefined
        ? { problem_code: null, problem_since: null }
        : { problem_code: problem, problem_since: expression.fn.coalesce('problem_since', expression.val(now)) },
    )
    .where('facility', '=', facility.code)
    .where('name', '=', name)
    .execute();
}
