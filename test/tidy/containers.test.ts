import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfiguration } from '../../packages/cli/src/serve/configuration.js';

const DOCKER = fileURLToPath(new URL('../../docker/', import.meta.url));
const CONFIGURATION = '/zhida/zhida.yaml';

interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly healthcheck?: object;
}

interface Compose {
  readonly services: Readonly<Record<string, Container>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const folders = readdirSync(DOCKER).filter((name) => existsSync(join(DOCKER, name, 'compose.yaml')));
const containers = folders.flatMap((folder) => {
  const compose = parse(readFileSync(join(DOCKER, folder, 'compose.yaml'), 'utf8')) as Compose;
  return Object.entries(compose.services).map(([name, container]) => ({ folder, name, container, compose }));
});
const ours = containers.filter(({ container }) => container.image === 'zhida');

function configurationOf(folder: string, container: Container) {
  const mounted = (container.volumes ?? []).find((volume) => volume.includes(`:${CONFIGURATION}:`))?.split(':')[0] ?? '';
  const { configuration, problems } = parseConfiguration(readFileSync(join(DOCKER, folder, mounted), 'utf8'));
  expect(problems).toEqual([]);
  return configuration ?? {};
}

test('there are set-ups of a hospital, a county and an agency', () => {
  expect(folders.toSorted()).toEqual(['agency', 'county', 'hospital']);
  expect(ours.length).toBeGreaterThan(4);
});

describe.each(ours)('$folder: $name', ({ folder, container, compose }) => {
  test('runs as nobody in particular, changes nothing of itself, and may do nothing special', () => {
    expect(container).toMatchObject({ user: 'node', read_only: true, cap_drop: ['ALL'] });
  });

  test('opens the ports its configuration listens on, and no other', () => {
    const { relay, gateway, agency } = configurationOf(folder, container);
    const command = container.command?.[0];
    const sections = { relay: [relay], gateway: [gateway], agency: [agency], up: [relay, gateway] }[command ?? ''] ?? [];
    const listens = sections.map((section) => section?.listen.port);
    const feeds = command === 'relay' ? [] : (gateway?.feeds ?? []).flatMap((feed) => (feed.kind === 'mllp' ? [feed.port] : []));
    const opened = (container.ports ?? []).map((port) => Number(port.split(':')[1]));
    expect(new Set(opened)).toEqual(new Set([...listens, ...feeds]));
    expect(opened).toHaveLength(listens.length + feeds.length);
  });

  test('is asked for its health where it listens', () => {
    const health = new URL(container.environment?.['ZHIDA_HEALTH'] ?? '');
    expect(health.pathname).toBe('/readyz');
    expect((container.ports ?? []).map((port) => port.split(':')[1])).toContain(health.port);
  });

  test('is given every secret its configuration names, and no secret stands in it', () => {
    const { relay, gateway, agency } = configurationOf(folder, container);
    const redis = relay?.queue?.backend === 'redis' ? [relay.queue.url] : [];
    const named = [relay?.database, gateway?.database, agency?.database, ...redis].filter((file) => file !== undefined);
    const given = (container.secrets ?? []).map((secret) => (typeof secret === 'string' ? secret : secret.target));
    expect(given.toSorted()).toEqual(named.map((file) => `/zhida/${file}`).toSorted());
    for (const secret of container.secrets ?? [])
      expect(compose.secrets).toHaveProperty([typeof secret === 'string' ? secret : secret.source]);
  });

  test('mounts volumes and files that are there', () => {
    for (const source of (container.volumes ?? []).map((volume) => volume.split(':')[0] ?? '')) {
      if (source.startsWith('.')) expect(existsSync(join(DOCKER, folder, source))).toBe(true);
      else expect(compose.volumes).toHaveProperty([source]);
    }
  });
});

test('every other container says whether it is well', () => {
  for (const { container } of containers.filter((one) => !ours.includes(one))) expect(container.healthcheck).toBeDefined();
});

test('Redis keeps what it is told and evicts nothing', () => {
  const settings = readFileSync(join(DOCKER, 'county/redis.conf'), 'utf8').split('\n');
  expect(settings).toContain('appendonly yes');
  expect(settings).toContain('maxmemory-policy noeviction');
});

test('the image is built with the package manager of the checkout and does not run as root', () => {
  const lines = readFileSync(join(DOCKER, 'Dockerfile'), 'utf8').split('\n');
  const { packageManager } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { packageManager: string };
  expect(lines.filter((line) => line.includes('npx -y')).every((line) => line.includes(packageManager))).toBe(true);
  const lastStage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  expect(lastStage).toContain('USER node');
  expect(lastStage.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  expect(lines.filter((line) => line.startsWith('FROM ')).every((line) => !line.includes(':latest'))).toBe(true);
});
