import { HANDOVER_WAYS } from '@zhida/signing';
import { reportSchema } from '@zhida/report';
import type { FastifySchema } from 'fastify';
import { type TSchema, Type } from 'typebox';
import type { Scope } from '../plugins/assertions.js';
import { BLOCK_MAX } from '../paper/blocks.js';
import { problemSchema } from './schemas.js';
import { REASON_LENGTH_MAX, TEXT_LENGTH_MAX } from './short-text.js';

/** What a request carries, as the API's description says it. */
export interface Takes {
  /** One schema for a JSON body, or one for each content type. */
  readonly body?: TSchema | { readonly content: Readonly<Record<string, { readonly schema: TSchema }>> };
  readonly headers?: TSchema;
}

/** Credentials of which one is enough; those within one are asked for together. None at all: whoever reaches the port may ask. */
export type Access = readonly Readonly<Record<string, readonly string[]>>[];

/** What a route says of itself besides its summary and its answers. */
export interface Described {
  readonly security?: Access;
  readonly takes?: Takes;
}

declare module 'fastify' {
  interface FastifySchema {
    takes?: Takes;
  }
}

/** The schema of a route for a person of the hospital: who may operate deliveries may ask it, unless it says otherwise. */
export function operated(
  tag: 'operations' | 'paper',
  summary: string,
  response: object,
  described: Described = {},
): { schema: FastifySchema } {
  const schema = { summary, tags: [tag], security: gateway('delivery:operate'), ...described };
  return { schema: { ...schema, response: { 200: response, '4xx': problemSchema } } };
}

/**
 * Puts what a route takes into the description. It stands under a name of its own in the route, because of `body` and `headers` a
 * validator would be made, and a report is never refused for what stands in it (INV-9).
 */
export function withTaken({ schema, url }: { schema?: FastifySchema; url: string }): { schema: FastifySchema; url: string } {
  const { takes, ...rest } = schema ?? {};
  return { schema: { ...rest, ...takes }, url };
}

/** The credentials of `security`, by the names they have in the description. */
export const SECURITY_SCHEMES = {
  gateway: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'An assertion (typ zhida-assertion+jwt, EdDSA, at most 15 minutes) signed with the key of a pinned gateway: `iss`, `aud` this relay, `facility`, `mode`, `scope`, and as `sub` the person it acts for. The scopes named beside an operation are those it asks for.',
  },
  agency: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The same of a pinned agency, for what waits for it alone.',
  },
  pressTicket: {
    type: 'apiKey',
    in: 'header',
    name: 'Press-Ticket',
    description:
      'The ticket a pinned gateway signed for this press. It alone is enough for a report to be taken; so is an assertion alone, also one past its time. What was not whole is flagged and looked at afterwards.',
  },
  webhookSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'Standard Webhooks, `v1a`: Ed25519 by a key of the pinned relay that sends, over webhook-id, webhook-timestamp and body.',
  },
} as const;

/** Open to whoever reaches the port. */
export const OPEN: Access = [];
/** The body is a JWS whose signature is the credential. */
export const SIGNED_BODY: Access = [];
export const AGENCY: Access = [{ agency: ['inbox:read'] }];
export const PRESS: Access = [{ gateway: ['report:create'], pressTicket: [] }, { pressTicket: [] }, { gateway: ['report:create'] }];
export const RELAY: Access = [{ webhookSignature: [] }];

/** An assertion of a gateway with this scope. */
export function gateway(scope: Scope): Access {
  return [{ gateway: [scope] }];
}

const shortTextOf = (maxLength: number, description: string): TSchema => Type.String({ maxLength, description });

/** The JSON body of an act that is logged with its reason. */
export const reasonBody = Type.Object({ reason: shortTextOf(REASON_LENGTH_MAX, 'Logged; one line') });

export const formBody = Type.Object({
  reason: shortTextOf(REASON_LENGTH_MAX, 'Logged; one line'),
  deliveryId: Type.String({ pattern: '^dlv_[0-9a-z]{26}$', description: 'Whose view is printed' }),
  locale: Type.Optional(Type.String({ description: '`en`; anything else is zh-CN' })),
});

export const silenceBody = Type.Object({
  rung: Type.String({ pattern: '^[a-z0-9-]{1,40}$', description: 'As an alarm names it' }),
  reason: shortTextOf(REASON_LENGTH_MAX, 'Logged; one line'),
});

const optionalText = (description: string): TSchema => Type.Optional(Type.Union([shortTextOf(TEXT_LENGTH_MAX, description), Type.Null()]));

export const handoverBody = Type.Object({
  handedTo: shortTextOf(TEXT_LENGTH_MAX, 'To whom'),
  handedAt: Type.String({ format: 'date-time' }),
  how: Type.Union(HANDOVER_WAYS.map((way) => Type.Literal(way))),
  incidentNumber: optionalText('警情编号'),
});

export const callBody = Type.Object({
  callId: Type.String({ pattern: '^cal_[0-9a-z]{26}$', description: 'The same id is the same call' }),
  at: Type.String({ format: 'date-time' }),
  outcome: Type.Union([Type.Literal('answered'), Type.Literal('no-answer'), Type.Literal('transferred')]),
  number: optionalText('The number that was called'),
  answeredBy: optionalText('Who answered'),
  incidentNumber: optionalText('警情编号'),
  account: optionalText('Who called'),
});

export const paperBlockBody = Type.Object({
  count: Type.Integer({ minimum: 1, maximum: BLOCK_MAX }),
  handedTo: shortTextOf(TEXT_LENGTH_MAX, 'The site'),
});

/** A press: the key, and a report of which nothing is refused that is a JSON object of at most 1 MiB. */
export const pressTakes: Takes = {
  headers: Type.Object({
    'idempotency-key': Type.String({
      pattern: '^[\\x21-\\x7e]{1,128}$',
      description: 'The press_id; the same key with the same body is answered as before, with another body by 409',
    }),
  }),
  body: Type.Object(reportSchema.properties, {
    description:
      'A report. Nothing in it is required and nothing is refused for its form: what cannot be read is kept as it came and told under `issues`.',
  }),
};

/** A compact JWS or JWE as text. */
export function joseBody(description: string): NonNullable<Takes['body']> {
  return { content: { 'application/jose': { schema: Type.String({ description }) } } };
}

export const attachmentTakes: Takes = {
  headers: Type.Object({
    'idempotency-key': Type.String({ pattern: '^att_[0-9a-z]{26}$', description: 'The attachment’s id' }),
    'content-digest': Type.Optional(Type.String({ description: 'RFC 9530, one SHA-256: `sha-256=:…:`; what does not agree is refused' })),
  }),
  body: { content: { '*/*': { schema: Type.String({ format: 'binary', description: 'The bytes; Content-Type is kept as sent' }) } } },
};

const rosterRow = Type.Object({
  date: Type.String(),
  start: Type.String(),
  end: Type.String(),
  title: Type.String(),
  phone: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
});

export const rosterTakes: Takes = {
  body: {
    content: {
      'text/csv': { schema: Type.String({ description: 'UTF-8 or GB18030, with a heading' }) },
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': { schema: Type.String({ format: 'binary' }) },
      'application/json': { schema: Type.Array(rosterRow) },
    },
  },
};

export const eventsTakes: Takes = {
  headers: Type.Object({
    'last-event-id': Type.Optional(
      Type.String({
        pattern: '^\\d{1,9}$',
        description: 'The version after which to go on; without it the stream begins with how the report stands',
      }),
    ),
  }),
};

export const forwardTakes: Takes = {
  headers: Type.Object({
    'webhook-id': Type.String({ description: 'The delivery’s id' }),
    'webhook-timestamp': Type.String({ description: 'Seconds since 1970' }),
    'forward-to': Type.String({ description: 'The party of the agency it is for' }),
  }),
  body: joseBody('The envelope: a compact JWE that only that agency opens'),
};
