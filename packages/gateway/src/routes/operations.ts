import { jwksOf } from '@zhida/signing';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { Array as ArrayOf, Object as ObjectOf, Record as RecordOf, String as Text, Unknown } from 'typebox';
import type { GatewayContext } from '../context.js';
import { documented, OPEN } from './documented.js';

const healthSchema = ObjectOf({ status: Text(), mode: Text() });
const jwksSchema = ObjectOf({ keys: ArrayOf(RecordOf(Text(), Unknown())) });

/** Keys, health and the API's description: open to whoever reaches the port, and without a word about a person. */
export function operationRoutes(app: FastifyInstance, context: GatewayContext): void {
  const tags = ['operations'];
  app.get('/.well-known/jwks.json', documented({ summary: 'Public keys of this gateway', tags, access: OPEN, answer: jwksSchema }), () =>
    jwksOf(context.keys),
  );
  app.get('/healthz', documented({ summary: 'The process lives', tags, access: OPEN, answer: healthSchema }), () => ({
    status: 'ok',
    mode: context.mode,
  }));
  app.get('/readyz', documented({ summary: 'The database can be used', tags, access: OPEN, answer: healthSchema }), async () => {
    await sql`select 1`.execute(context.database.db);
    return { status: 'ready', mode: context.mode };
  });
  app.get('/docs/json', { schema: { hide: true } }, () => app.swagger());
}
