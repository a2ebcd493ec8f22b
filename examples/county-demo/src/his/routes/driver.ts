import type { FastifyInstance } from 'fastify';
import type { FeedName } from '../chart.js';
import type { HisDeps } from '../server.js';

export interface SentVisit {
  readonly id: string;
  readonly serial: number;
  readonly visitNumber: string;
  /** A doctor has saved it since. */
  readonly edited: boolean;
}

/** What a feed was told, so that what came in can be held against it. */
export interface SentDay {
  /** When this hospital day began, RFC 3339. */
  readonly since: string;
  readonly visits: readonly SentVisit[];
  /** Messages, resources' visits or files, as the feed counts them. */
  readonly messages: number;
}

/** What the demo's own script does by HTTP: send the day, and be somebody. */
export function driverRoutes(app: FastifyInstance, { charts, channels, gateway }: HisDeps): void {
  app.post<{ Params: { feed: FeedName } }>('/feeds/:feed/send', async (request): Promise<SentDay> => {
    const own = charts.list().filter(({ feed }) => feed === request.params.feed);
    const messages = await channels.send(request.params.feed, own, 'diagnosis');
    const visits = own.map(({ id, serial, visitNumber, revision }) => ({ id, serial, visitNumber, edited: revision > 1 }));
    return { since: charts.since, visits, messages };
  });
  app.post<{ Params: { account: string } }>('/clinicians/:account/token', async (request) => ({
    token: await gateway.clinicianToken(request.params.account),
  }));
  app.post('/administrator/token', async () => ({ token: await gateway.administratorToken() }));
}
