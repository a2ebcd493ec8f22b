import type { FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import { problemSchema } from './schemas.js';

interface Route {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly body?: TSchema;
  readonly headers?: TSchema;
  readonly params?: TSchema;
  /** Answers by status; a single schema is the 200. */
  readonly answer: TSchema | Readonly<Record<number, TSchema>>;
  /** @defaultValue application/json */
  readonly produces?: string;
}

/**
 * What a route says of itself in the API's description. It decides nothing: bodies are read by readers that turn what they
 * cannot use into issues or stable problems, so that nothing is coerced, stripped or refused by a validator.
 */
export function documented({ summary, tags, body, headers, params, answer, produces }: Route): { schema: FastifySchema } {
  const answers = '~kind' in answer ? { 200: answer as TSchema } : (answer as Readonly<Record<number, TSchema>>);
  return {
    schema: {
      summary,
      tags: [...tags],
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
      ...(params === undefined ? {} : { params }),
      ...(produces === undefined ? {} : { produces: [produces] }),
      response: { ...answers, '4xx': problemSchema, '5xx': problemSchema },
    },
  };
}
