import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createId, systemClock } from '@zhida/core';
import { createKeyDirectory, type KeyDirectory } from '@zhida/signing';
import { freePort, waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { introduce } from '../fault/support/county.js';
import { press } from '../fault/support/press.js';
import { CIVIL_AFFAIRS, FACILITY, GATEWAY, POLICE, profile, RELAY } from '../fault/support/profile.js';
import { zhida } from '../../packages/cli/test/zhida-process.js';
import { type BareService, folderOf, layDatabase, startService, untilReady } from './support/bare-service.js';

const DEADLINE_MS = 60_000;

describe('the processes of docker/, started bare', () => {
  const started: BareService[] = [];
  const drops: (() => Promise<void>)[] = [];
  let root: string;
  let hospital: string;
  let agency: string;
  let ports: { relay: number; gateway: number; mllp: number; agency: number };
  let gatewayKeys: KeyDirectory;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'zhida-services-'));
    ports = { relay: await freePort(), gateway: await freePort(), mllp: await freePort(), agency: await freePort() };
    hospital = await folderOf(root, 'hospital', 'hospital/zhida.yaml', {
      'relay.listen': { host: '127.0.0.1', port: ports.relay },
      'relay.profile': 'profile.json',
      'relay.facilities': [FACILITY],
      'relay.endpoints': { [POLICE]: { privateNetworks: ['127.0.0.0/8'] } },
      'gateway.listen': { host: '127.0.0.1', port: ports.gateway },
      'gateway.relayParty': RELAY,
      'gateway.facility.code': FACILITY,
      'gateway.profile': 'profile.json',
      'gateway.feeds.0.port': ports.mllp,
    });
    await writeFile(join(hospital, 'profile.json'), JSON.stringify(profile));
    agency = await folderOf(root, 'agency', 'agency/zhida.yaml', { 'agency.listen': { host: '127.0.0.1', port: ports.agency } });
    drops.push(await layDatabase(hospital, 'relay-database'));
    drops.push(await layDatabase(hospital, 'gateway-database'));
    drops.push(await layDatabase(agency, 'agency-database'));
    const keysOf = (folder: string, party: string, role: 'relay' | 'gateway' | 'agency'): Promise<KeyDirectory> =>
      createKeyDirectory(join(folder, 'keys', role), { party, role, mode: 'test', clock: systemClock });
    const relayKeys = await keysOf(hospital, RELAY, 'relay');
    gatewayKeys = await keysOf(hospital, GATEWAY, 'gateway');
    const policeKeys = await keysOf(agency, POLICE, 'agency');
    await introduce(gatewayKeys, relayKeys, `http://127.0.0.1:${ports.gateway}`);
    await introduce(relayKeys, gatewayKeys, `http://127.0.0.1:${ports.relay}`);
    await introduce(relayKeys, policeKeys, `http://127.0.0.1:${ports.relay}`);
    await introduce(policeKeys, relayKeys, `http://127.0.0.1:${ports.agency}`);
  });
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
    for (const drop of drops) await drop();
    await rm(root, { recursive: true, force: true });
  });

  async function ready(service: BareService, port: number): Promise<void> {
    started.push(service);
    await untilReady(service, port);
  }

  async function officer(): Promise<{ inbox(): Promise<{ number: string }[]> }> {
    const args = ['agency', 'add-officer', '--keys', join(agency, 'keys/agency'), '--id', 'duty', '--name', '值班员'];
    const { code, stdout } = await zhida(args);
    expect(code).toBe(0);
    const base = `http://127.0.0.1:${ports.agency}`;
    const session = await fetch(`${base}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ officer: 'duty', code: stdout.trim() }),
    });
    expect(session.status).toBe(200);
    const { token } = (await session.json()) as { token: string };
    return {
      async inbox() {
        const answer = await fetch(`${base}/v1/inbox`, { headers: { authorization: `Bearer ${token}` } });
        return ((await answer.json()) as { rows: { number: string }[] }).rows;
      },
    };
  }

  test('a press goes from the hospital’s process to the agency’s, and both end in order when they are told to', async () => {
    const [up, receiver] = [await startService('up', hospital), await startService('agency', agency)];
    await ready(up, ports.relay);
    await ready(up, ports.gateway);
    await ready(receiver, ports.agency);
    const { status, answer } = await press(
      { clock: systemClock, gatewayKeys },
      `http://127.0.0.1:${ports.relay}`,
      `press-${createId('prs')}`,
    );
    expect(status).toBe(202);
    expect(answer?.deliveries.map(({ recipient }) => recipient.party).toSorted()).toEqual([CIVIL_AFFAIRS, POLICE].toSorted());
    const desk = await officer();
    await waitUntil(async () => (await desk.inbox()).some(({ number }) => number === answer?.number), {
      what: 'the police have it',
      deadlineMs: DEADLINE_MS,
    });
    expect(existsSync(join(hospital, 'data/relay/audit'))).toBe(true);
    for (const { child } of [up, receiver]) child.kill('SIGTERM');
    expect(await Promise.all([up.ended, receiver.ended])).toEqual([0, 0]);
    for (const service of [up, receiver]) expect(service.output()).not.toMatch(/张某某|操作员甲|account-77|postgres:\/\//);
    // Three processes and a command of the command line start here: on a busy machine that alone takes a minute.
  }, 240_000);

  test('a service whose secret is missing says which setting names it, and ends with 78', async () => {
    const folder = await folderOf(root, 'bare', 'agency/zhida.yaml', { 'agency.keys': join(agency, 'keys/agency') });
    const service = await startService('agency', folder);
    started.push(service);
    expect(await service.ended).toBe(78);
    expect(service.output()).toContain('ZD_ERR_OPTION_INVALID at agency.database');
  });
});
