import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openKeyDirectory } from '@zhida/signing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtScript } from '../fault/support/built-script.js';
import { blocksOf, ROOT } from '../support/documents.js';
import { ENGINE_ALONE } from './engine.js';

const run = promisify(execFile);
const DEADLINE_MS = 240_000;
const CONFIGURATION = ':/zhida/zhida.yaml:ro';

/**
 * `docker` as the commands of docker/README.md ask for it, without an engine: what a container is told, `zhida` is told in a folder that
 * stands for the container's `/zhida`. The fingerprint that is read out by telephone is asked of the file.
 */
const DOCKER = `
docker() {
  [ "$1 $2" = 'compose run' ] || { echo "no engine for: docker $*" >&2; return 1; }
  shift 2
  local mounted=''
  while [[ $1 == -* ]]; do
    if [ "$1" = --volume ]; then mounted=$2; shift; fi
    shift
  done
  local container="$CONTAINERS/\${PWD##*/}/$1"
  shift
  if [ -n "$mounted" ]; then local rest=\${mounted#*:}; cp "\${mounted%%:*}" "$container/$(basename "\${rest%%:*}")"; fi
  ( cd "$container"
    local words=("$@")
    if [ "\${words[-1]}" = FINGERPRINT ]; then words[-1]=$("$NODE" "$ZHIDA" keys fingerprint "$3"); fi
    "$NODE" "$ZHIDA" "\${words[@]}" )
}
`;

let root = '';
let said = '';
const container = (folder: string, service: string): string => join(root, 'containers', folder, service);

/** What a container of each service of ours finds at `/zhida`. */
function layContainers(): void {
  cpSync(join(ROOT, 'docker'), join(root, 'docker'), { recursive: true, filter: (source) => !source.endsWith('/secrets') });
  for (const folder of ['hospital', 'county', 'agency']) {
    const { services } = parse(readFileSync(join(ROOT, 'docker', folder, 'compose.yaml'), 'utf8')) as {
      services: Record<string, { volumes?: string[] }>;
    };
    for (const [service, { volumes = [] }] of Object.entries(services)) {
      const configuration = volumes.find((volume) => volume.endsWith(CONFIGURATION));
      if (configuration === undefined) continue;
      mkdirSync(join(container(folder, service), 'keys'), { recursive: true });
      cpSync(join(ROOT, 'docker', folder, configuration.slice(0, -CONFIGURATION.length)), join(container(folder, service), 'zhida.yaml'));
    }
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'zhida-containers-'));
  layContainers();
  const lines = blocksOf('docker/README.md', 'sh').flatMap((block) => block.split('\n'));
  const script = [DOCKER, ...lines.filter((line) => !ENGINE_ALONE.test(line))].join('\n');
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE: process.execPath,
    ZHIDA: await builtScript(join(ROOT, 'packages/cli/src/zhida.ts')),
    CONTAINERS: join(root, 'containers'),
  };
  said = (await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env })).stdout;
}, DEADLINE_MS);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the configuration of every set-up is found right', () => {
  expect(said.split('\n').filter((line) => line.includes('nothing wrong'))).toHaveLength(3);
});

test.each([
  ['hospital', ['relay-database', 'gateway-database', 'database-password']],
  ['county', ['relay-database', 'gateway-database', 'redis', 'database-password']],
  ['agency', ['agency-database', 'database-password']],
])('every secret of the %s is made, each as what reads it wants it', (folder, names) => {
  const { secrets } = parse(readFileSync(join(ROOT, 'docker', folder, 'compose.yaml'), 'utf8')) as { secrets: object };
  expect(Object.keys(secrets).toSorted()).toEqual(names.toSorted());
  const made = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, 'docker', folder, 'secrets', name), 'utf8').trim()]));
  for (const [name, secret] of Object.entries(made)) {
    const party = name.replace('-database', '');
    if (name === 'redis') expect(secret).toBe('redis://redis:6379');
    else if (name === 'database-password') expect(secret).toMatch(/^[0-9a-f]{48}$/);
    else expect(secret).toMatch(new RegExp(`^postgres://zhida_${party}:[0-9a-f]{48}@database/zhida_${party}$`));
  }
});

test.each([
  ['hospital', 'hospital', 'http://127.0.0.1:7411'],
  ['county', 'gateway', 'http://relay:7411'],
])('the gateway of the %s has the keys of its relay pinned', async (folder, service, baseUrl) => {
  const gateway = await openKeyDirectory(join(container(folder, service), 'keys/gateway'));
  expect(gateway.trusted.all().map((one) => [one.party, one.mode, one.baseUrl])).toEqual([['relay:440299-01', 'production', baseUrl]]);
});

test('an agency has keys of its own', async () => {
  expect((await openKeyDirectory(join(container('agency', 'agency'), 'keys/agency'))).party).toBe('agency:police-440299');
});
