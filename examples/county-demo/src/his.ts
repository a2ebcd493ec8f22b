import { randomBytes, timingSafeEqual } from 'node:crypto';
import { systemClock, ZhidaError } from '@zhida/core';
import { type KeyDirectory, openKeyDirectory, signAssertion } from '@zhida/signing';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { runChild } from './child.js';
import { type EncounterFile, expectedEncounters, readEncounterFile } from './encounter-files.js';
import { renderHisPage, type HisVisit } from './his-page.js';
import { DEMO_HOSPITAL } from './hospital-facts.js';
import { HOST, PARTIES } from './layout.js';

export interface HisConfig {
  readonly keys: string;
  readonly port: number;
  readonly gatewayUrl: string;
}

export interface HisReady {
  /** Opens the demo HIS in a browser; new at every start. */
  readonly signInUrl: string;
  readonly code: string;
}

/** What the gateway said of one visit. */
export interface SentEncounter {
  readonly file: string;
  readonly encounter: string;
  readonly level: string;
  readonly rules: readonly string[];
}

interface AssessmentAnswer {
  readonly encounterId: string;
  readonly level: string;
  readonly indications: readonly { readonly ruleId: string }[];
}

/** The visit that is sent anew when every prompt has been answered long ago. */
const NEW_VISIT = 'V260013.json';

runChild(async ({ keys: keyDirectory, port, gatewayUrl }: HisConfig) => {
  const keys = await openKeyDirectory(keyDirectory);
  const code = randomBytes(12).toString('base64url');
  const app = await createHis({ keys, code, gatewayUrl });
  await app.listen({ host: HOST, port });
  const ready: HisReady = { signInUrl: `http://${HOST}:${port}/?code=${code}`, code };
  return { ready, stop: () => app.close() };
});

interface HisDeps {
  readonly keys: KeyDirectory;
  readonly code: string;
  readonly gatewayUrl: string;
}

async function createHis(deps: HisDeps): Promise<FastifyInstance> {
  const app = fastify();
  const sent: SentEncounter[] = [];

  app.addHook('onRequest', async (request, reply) => {
    const given = codeOf(request);
    const expected = Buffer.from(deps.code);
    if (given.length === expected.length && timingSafeEqual(given, expected)) return;
    await reply.code(401).type('text/plain; charset=utf-8').send('请从演示程序打印的地址进入。 Open the address the demo printed.\n');
  });

  app.post('/encounters/send', async () => {
    const token = await feedToken(deps);
    sent.length = 0;
    for (const { file } of await expectedEncounters()) sent.push(await sendFile(deps, token, file));
    return sent;
  });

  app.post('/encounters/new', async () => sendAsNew(deps, await feedToken(deps), NEW_VISIT));

  app.post<{ Params: { account: string } }>('/clinicians/:account/token', async (request) => ({
    token: await clinicianToken(deps, request.params.account),
  }));

  app.get('/', async (request, reply) => {
    const visits = await chartVisits(sent);
    const html = renderHisPage({
      visits,
      token: await clinicianToken(deps, 'D1001'),
      gatewayUrl: deps.gatewayUrl,
      english: /^en\b/i.test(request.headers['accept-language'] ?? ''),
    });
    return reply
      .header('set-cookie', `his=${deps.code}; HttpOnly; SameSite=Strict; Path=/`)
      .header('content-security-policy', `default-src 'none'; style-src 'unsafe-inline'; form-action ${deps.gatewayUrl}`)
      .type('text/html; charset=utf-8')
      .send(html);
  });
  return app;
}

function codeOf(request: FastifyRequest): Buffer {
  const query = (request.query as { code?: unknown }).code;
  const cookie = /(?:^|; )his=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const header = request.headers['x-his-code'];
  const given = [query, cookie, header].find((value) => typeof value === 'string');
  return Buffer.from(typeof given === 'string' ? given : '');
}

/** The doctors of the demo; any account beginning with D is one of them. */
function clinicianToken({ keys }: HisDeps, account: string): Promise<string> {
  return signAssertion({
    keys,
    audience: PARTIES.gateway.party,
    scope: 'prompt:answer report:read.own',
    facility: DEMO_HOSPITAL.code,
    lifetimeSeconds: 900,
    now: systemClock.now(),
    extra: { sub: account, name: account === 'D1001' ? '李医生' : `值班医生${account.slice(1)}`, role: 'doctor', staffId: account },
  });
}

async function feedToken({ keys, gatewayUrl }: HisDeps): Promise<string> {
  const assertion = await signAssertion({
    keys,
    audience: PARTIES.gateway.party,
    scope: 'encounter:write',
    facility: DEMO_HOSPITAL.code,
    lifetimeSeconds: 300,
    now: systemClock.now(),
  });
  const response = await fetch(new URL('/v1/token', gatewayUrl), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: 'encounter:write',
    }),
  });
  if (!response.ok) throw new ZhidaError('ZD_ERR_HTTP', `the gateway refused a token with ${response.status}`, { at: 'v1/token' });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function sendFile(deps: HisDeps, token: string, file: string): Promise<SentEncounter> {
  return send(deps, token, { file, ...(await readEncounterFile(file)) });
}

/** The same invented visit as another child's, today. */
async function sendAsNew(deps: HisDeps, token: string, file: string): Promise<SentEncounter> {
  const visit = JSON.parse((await readEncounterFile(file)).text) as { id: string; patient: { id: string } };
  const serial = randomBytes(4).toString('hex');
  const text = JSON.stringify({
    ...visit,
    id: `${visit.id}-${serial}`,
    patient: { ...visit.patient, id: `${visit.patient.id}-${serial}` },
  });
  return send(deps, token, { file, text, contentType: 'application/json' });
}

async function send(
  { gatewayUrl }: HisDeps,
  token: string,
  { file, text, contentType }: EncounterFile & { file: string },
): Promise<SentEncounter> {
  const response = await fetch(new URL('/v1/encounters', gatewayUrl), {
    method: 'POST',
    body: text,
    headers: { 'content-type': contentType, authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new ZhidaError('ZD_ERR_HTTP', `the gateway refused ${file} with ${response.status}`, { at: 'v1/encounters' });
  const answer = (await response.json()) as AssessmentAnswer | { assessments: AssessmentAnswer[] };
  const [assessment] = 'assessments' in answer ? answer.assessments : [answer];
  if (assessment === undefined) throw new ZhidaError('ZD_ERR_HTTP', `the gateway assessed nothing in ${file}`, { at: 'v1/encounters' });
  return {
    file,
    encounter: assessment.encounterId,
    level: assessment.level,
    rules: [
      ...new Set(assessment.indications.filter((indication) => indication.ruleId !== '').map((indication) => indication.ruleId)),
    ].sort(),
  };
}

async function chartVisits(sent: readonly SentEncounter[]): Promise<HisVisit[]> {
  const visits: HisVisit[] = [];
  for (const { file, encounter } of await expectedEncounters()) {
    if (file.endsWith('.fhir.json')) continue;
    const { text } = await readEncounterFile(file);
    const snapshot = JSON.parse(text) as {
      visitNumber?: string;
      location?: string;
      patient?: { name?: string; sex?: string; birthDate?: string };
      notes?: { text: string }[];
    };
    visits.push({
      encounter,
      visitNumber: snapshot.visitNumber ?? '',
      name: snapshot.patient?.name ?? '',
      sex: snapshot.patient?.sex === 'female' ? '女' : '男',
      birthDate: snapshot.patient?.birthDate ?? '',
      location: snapshot.location ?? '',
      complaint: snapshot.notes?.[0]?.text ?? '',
      marked: sent.some((item) => item.encounter === encounter && (item.level === 'red' || item.level === 'orange')),
    });
  }
  return visits;
}
