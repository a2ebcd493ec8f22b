import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@zhida/core';
import { createKeyDirectory } from '@zhida/signing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Pace } from './driver/pace.js';
import { emptyHospital, type Hospital, pressAll, type Side } from './driver/pressing.js';
import { GATEWAY, STATION } from './support/profile.js';

/** What a relay answers to each kind of question, whoever asks. */
interface Answers {
  press: Answer;
  call: Answer;
  attachment: Answer;
  attestation: Answer;
  status: Answer;
}
type Answer = readonly [status: number, body?: unknown];

/** As many as are pressed until each of what is rare had its turn and one asks how an earlier report stands. */
const REPORTS = 7;
const LINE = { deliveryId: 'dlv_1', state: 'stored', recipient: { kind: 'police' } };

let answers: Answers;
let listening: Server;
let root: string;
let side: Side;

beforeEach(async () => {
  const deliveries = [{ deliveryId: 'dlv_station', recipient: { party: STATION } }];
  answers = {
    press: [202, { reportId: 'rpt_1', number: '1', deliveries }],
    call: [200],
    attachment: [201],
    attestation: [200],
    status: [200, { headline: 'stored', lines: [LINE] }],
  };
  listening = createServer((request, response) => {
    request.resume().once('end', () => answer(response, answers[kindOf(request.method, request.url)]));
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  root = await mkdtemp(join(tmpdir(), 'zhida-fault-pressing-'));
  const gatewayKeys = await createKeyDirectory(join(root, 'gateway'), { party: GATEWAY, role: 'gateway', mode: 'test' });
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  side = { balancer: { url } as Side['balancer'], gateway: { clock: systemClock, gatewayKeys } as Side['gateway'], agencies: [] };
});
afterEach(async () => {
  listening.closeAllConnections();
  listening.close();
  await rm(root, { recursive: true, force: true });
});

function kindOf(method: string | undefined, url = ''): keyof Answers {
  if (method === 'GET') return 'status';
  if (url.endsWith('/calls')) return 'call';
  if (url.endsWith('/attachments')) return 'attachment';
  return url.endsWith('/attest') ? 'attestation' : 'press';
}

function answer(response: ServerResponse, [status, body = {}]: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The hours in which nobody answers pass at once. */
function quickPace(): Pace {
  let nowMs = 0;
  return {
    now: () => nowMs,
    async delay(ms) {
      nowMs += ms * 100;
    },
  };
}

async function pressed(): Promise<Hospital> {
  const hospital = emptyHospital();
  // At 0 somebody telephones about each report, and asks after each.
  const pressing = { reports: REPORTS, pressers: 1, isEnough: () => false, random: () => 0, pace: quickPace() };
  await pressAll(side, pressing, hospital);
  return hospital;
}

test('where all is answered nothing is wrong, and what was shown is kept', async () => {
  const { answered, seen, wrong } = await pressed();
  expect(wrong).toEqual({ lost: [], false: [] });
  expect(answered.size).toBe(REPORTS);
  expect(seen).toMatchObject([{ deliveryId: 'dlv_1', state: 'stored' }]);
});

const UNANSWERED: readonly (readonly [what: keyof Answers, status: number, found: RegExp])[] = [
  ['press', 409, /^press press-prs_\w+ was never answered$/],
  ['call', 503, /^a call about rpt_1 was never answered$/],
  ['attachment', 503, /^an attachment of rpt_1 was never answered$/],
  ['attestation', 503, /^an attestation of rpt_1 was never answered$/],
  ['status', 503, /^how rpt_1 stands was never answered$/],
];

test.each(UNANSWERED)('what is never answered is lost, also where it is the last: %s', async (what, status, found) => {
  answers[what] = [status, { code: 'ZD_ERR' }];
  const { wrong } = await pressed();
  expect(wrong.lost).toEqual([expect.stringMatching(found), 'nothing was answered for 600 s']);
});

test('an answered report that nobody is shown is lost', async () => {
  answers.status = [404];
  expect((await pressed()).wrong).toEqual({ lost: ['report rpt_1 was answered for, and is shown to nobody: 404'], false: [] });
});

test.each([
  ['says more than its lines', 'accepted', LINE.state],
  ['is unknown', 'delivered', LINE.state],
  ['is as unknown as its lines', 'delivered', 'delivered'],
])('a headline that %s is false', async (_what, headline, state) => {
  answers.status = [200, { headline, lines: [{ ...LINE, state }] }];
  expect((await pressed()).wrong).toEqual({ lost: [], false: [`rpt_1 has the headline ${headline}`] });
});
