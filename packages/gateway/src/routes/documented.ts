import type { FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import { problemSchema } from './schemas.js';

/** Credentials of which one is enough; those within one are asked for together. None at all: whoever reaches the port may ask. */
export type Access = readonly Readonly<Record<string, readonly string[]>>[];

/** The credentials of `security`, by the names they have in the description. */
export const SECURITY_SCHEMES = {
  feed: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token of `POST /v1/token`, with the scope `encounter:write`.',
  },
  clinician: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'An assertion the HIS signs with its pinned key for the account that is signed in there (typ zhida-assertion+jwt, EdDSA, at most 15 minutes). The scopes named beside an operation are those it asks for.',
  },
  pressTicket: {
    type: 'apiKey',
    in: 'header',
    name: 'Press-Ticket',
    description:
      'The ticket of one press, as a prompt or `POST /v1/tickets` gave it; it presses also past its time, and reads only within it.',
  },
  desk: { type: 'apiKey', in: 'cookie', name: 'zhida_officer', description: 'Whoever has signed in at `/duty/sign-in`.' },
} as const;

export const OPEN: Access = [];
export const FEED: Access = [{ feed: ['encounter:write'] }];
export const CLINICIAN: Access = [{ clinician: ['prompt:answer'] }];
export const ADMINISTRATOR: Access = [{ clinician: ['endpoint:admin'] }];
export const PRESS: Access = [{ pressTicket: [] }];
/** The account that pressed, by its token or by the ticket of that press. */
export const READER: Access = [{ clinician: ['report:read.own'] }, { pressTicket: [] }];
export const DESK: Access = [{ desk: [] }];

/** A body by its content types. */
export interface Contents {
  readonly content: Readonly<Record<string, { readonly schema: TSchema }>>;
}

/** The fields of a form, as a browser sends them. */
export function formBody(schema: TSchema): Contents {
  return { content: { 'application/x-www-form-urlencoded': { schema } } };
}

interface Route {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly access: Access;
  readonly body?: TSchema | Contents;
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
export function documented({ summary, tags, access, body, headers, params, answer, produces }: Route): { schema: FastifySchema } {
  const answers = '~kind' in answer ? { 200: answer as TSchema } : (answer as Readonly<Record<number, TSchema>>);
  return {
    schema: {
      summary,
      tags: [...tags],
      security: access,
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
      ...(params === undefined ? {} : { params }),
      ...(produces === undefined ? {} : { produces: [produces] }),
      response: { ...answers, '4xx': problemSchema, '5xx': problemSchema },
    },
  };
}
