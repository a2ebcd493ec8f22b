import type { FastifyInstance } from 'fastify';
import type { HisDeps } from '../server.js';

const FHIR_JSON = 'application/fhir+json; charset=utf-8';
const PAGE_SIZE = 200;
const NOT_FOUND = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] };

type Query = { readonly patient?: string; readonly _lastUpdated?: string; readonly _count?: string; readonly page?: string };

/** The FHIR R4 interface of the women and children's campus: read, and search by patient and by change, in pages. */
export function fhirRoutes(app: FastifyInstance, { fhir }: HisDeps): void {
  app.get<{ Params: { type: string; id: string } }>('/fhir/:type/:id', async (request, reply) => {
    const resource = fhir.read(request.params.type, request.params.id);
    void reply.type(FHIR_JSON);
    if (resource === undefined) return reply.code(404).send(JSON.stringify(NOT_FOUND));
    return reply.send(JSON.stringify(resource));
  });
  app.get<{ Params: { type: string }; Querystring: Query }>('/fhir/:type', async (request, reply) => {
    const { patient, _lastUpdated: changed, _count: count, page = '0' } = request.query;
    const size = Math.min(Number(count ?? PAGE_SIZE), PAGE_SIZE);
    const from = changed?.replace(/^ge/, '');
    const found = fhir.search(request.params.type, {
      ...(patient === undefined ? {} : { patient: patient.replace(/^Patient\//, '') }),
      ...(from === undefined ? {} : { changedFrom: from }),
    });
    const start = Number(page) * size;
    const base = `${request.protocol}://${request.host}`;
    const next = new URL(request.url, base);
    next.searchParams.set('page', String(Number(page) + 1));
    const bundle = {
      resourceType: 'Bundle',
      type: 'searchset',
      total: found.length,
      link: start + size < found.length ? [{ relation: 'next', url: next.href }] : [],
      entry: found
        .slice(start, start + size)
        .map((resource) => ({ fullUrl: `${base}/fhir/${resource.resourceType}/${resource.id}`, resource, search: { mode: 'match' } })),
    };
    return reply.type(FHIR_JSON).send(JSON.stringify(bundle));
  });
}
