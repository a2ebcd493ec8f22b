import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { systemClock } from '@zhida/core';
import { migrate, openDatabase } from '@zhida/database';
import { gatewayMigrations } from '@zhida/gateway';
import { exportTrustFile } from '@zhida/signing';
import { createTestDatabase, waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture } from '../../packages/relay/test/support/fixture.js';
import { zhida } from '../../packages/cli/test/zhida-here.js';
import { blocksOf, ROOT } from '../support/documents.js';
import { scriptArguments } from '../support/scripts.js';
import { TYPED } from './typed.js';

const DEADLINE_MS = 240_000;

interface Answer {
  readonly code: number | null;
  readonly said: string;
}

/** Files of these names are what a reader of the documents has, most of them copied out of the documents themselves. */
let folder = '';
let fixture: Fixture;
let dropGatewayDatabase: () => Promise<void>;
/** What a reader writes in place of the words in capitals. */
const instead: Record<string, string> = {
  CODE: FACILITY,
  NAME: 'duty-1',
  SITE: '溪口镇卫生院',
  PARTY: 'agency:civil-affairs-440299',
  REASON: '检修',
  DIRECTORY: 'audit',
  'NEW-FOLDER': 'vectors',
};

function lay(name: string, content: string, mode = 0o644): void {
  writeFileSync(join(folder, name), content, { mode });
}

/** The first block of this language in a document. */
function copied(document: string, language: string): string {
  const [block] = blocksOf(document, language);
  if (block === undefined) throw new Error(`${document} has no block of ${language}`);
  return block;
}

function layFiles(): void {
  lay('visits.jsonl', copied('docs/guides/start.md', 'jsonl'));
  lay('labels.csv', 'V1,red\nV2,none\n');
  lay('hospital.cases.jsonl', copied('docs/guides/write-a-rule.md', 'jsonl'));
  lay('hospital.overlay.json', copied('docs/guides/write-a-rule.md', 'json'));
  lay('mapping.yaml', copied('docs/his-mapping.md', 'yaml'));
  lay(
    'visits.csv',
    '就诊号,病人ID,就诊时间,就诊类型,陪同,主诉\nV1,P1,2026-05-03 21:10,急诊,母亲,摔伤1天\nV2,P2,2026/5/3 9:05,门诊,无,咳嗽3天\n',
  );
  lay('patients.csv', 'ID,姓名,性别,出生日期\nP1,云小溪,女,2013/4/5\nP2,山小石,1,20190203\n');
  lay('results.csv', '就诊号,项目,结果,单位,报告时间,作废\nV1,血红蛋白,98,g/L,03/05/2026 22:00,0\n');
  const head = (type: string, id: string): string =>
    `MSH|^~\\&|HIS|YUNXI|ZHIDA|YUNXI|20260503211005||${type}|${id}|T|2.4|||||CHN|UNICODE UTF-8`;
  const visit = 'PID|1||P1^^^YUNXI^MR||云^小溪||20130405|F\rPV1|1|E|急诊||||||||||||||||V1|||||||||||||||||||||||||20260503210000';
  const result = 'OBR|1||L1|HCG^尿HCG|||20260503213000\rOBX|1|ST|2106-3^尿HCG^LN||阳性||||||F';
  lay('messages.hl7', `${head('ADT^A04', 'M1')}\r${visit}\rZPI|1\n\n${head('ORU^R01', 'M2')}\r${visit}\r${result}\n`);
  lay('zhida.yaml', readFileSync(join(ROOT, 'docker/hospital/zhida.yaml'), 'utf8'));
  lay('roster.csv', 'date,start,end,title,phone\n2026-01-05,20:00,08:00,总值班,0000-1\n');
}

/** A relay that listens with its ledger, the gateway's keys and database, and the relay's trust file. */
async function startRelay(): Promise<void> {
  fixture = await makeFixture({
    relay: { clock: systemClock },
    queue: (url) => {
      lay('relay.url', `${url}\n`, 0o600);
      return { backend: 'postgres', url };
    },
  });
  await fixture.start();
  const { port } = fixture.relay.app.server.address() as { port: number };
  await fixture.parties.introduce(fixture.parties.relay, fixture.parties.gateway, `http://127.0.0.1:${port}`);
  symlinkSync(fixture.parties.gateway.directory, join(folder, 'gateway-keys'));
  const trust = exportTrustFile(fixture.parties.relay, {
    baseUrl: `http://127.0.0.1:${port}`,
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2036-01-01T00:00:00Z',
  });
  lay('relay.trust.json', JSON.stringify(trust));
  const gateway = await createTestDatabase();
  dropGatewayDatabase = () => gateway.drop();
  const database = openDatabase<unknown>({ url: gateway.url });
  await migrate(database.pool, gatewayMigrations, { namespace: 'gateway' });
  await database.close();
  lay('gateway.url', `${gateway.url}\n`, 0o600);
}

beforeAll(async () => {
  // Within the checkout, where the script's `--import tsx` is found.
  folder = mkdtempSync(join(ROOT, 'packages/cli/test/typed-'));
  layFiles();
  await startRelay();
  expect((await fixture.press()).statusCode).toBe(202);
  // Its agencies live in another year than the machine, and sign for nothing.
  const isAlarmed = async (): Promise<boolean> => (await fixture.database.pool.query('select from escalations')).rowCount === 2;
  await waitUntil(isAlarmed, { what: 'both telephone alarms', deadlineMs: DEADLINE_MS / 2 });
  await copyWholeLog();
  process.chdir(folder);
}, DEADLINE_MS);

afterAll(async () => {
  process.chdir(ROOT);
  await fixture?.close();
  await dropGatewayDatabase?.();
  rmSync(folder, { recursive: true, force: true });
}, DEADLINE_MS);

/** A line as words, what a reader puts in their places put there. */
function wordsOf(line: string): string[] {
  return line.split(' ').map((word) => instead[word] ?? word);
}

/** Runs a TypeScript file of this checkout in the reader's folder, in the way the root script runs `zhida`. */
async function start(file: string, args: readonly string[]): Promise<Answer> {
  const options = scriptArguments('zhida').slice(0, -1);
  const child = spawn(process.execPath, [...options, join(ROOT, file), ...args], { cwd: folder });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  return { code: await new Promise<number | null>((resolve) => child.once('close', resolve)), said };
}

/** `zhida` in this process, so that rules and parsers are loaded once, and every other program in its own. */
async function typed(line: string): Promise<Answer> {
  const words = wordsOf(line);
  if (line.startsWith('pnpm -s zhida ')) {
    const { code, stdout, stderr } = await zhida(words.slice(3));
    return { code, said: stdout + stderr };
  }
  if (line.startsWith('npx zhida-audit-verify ')) return start('packages/audit-log/src/verify-bin.ts', words.slice(2));
  const [file = '', ...args] = words.slice(words.findIndex((word) => word.endsWith('.ts')));
  return start(file, args);
}

test.each(Object.entries(TYPED))(
  '%s',
  async (line, { says, code = 0, writes }) => {
    const answer = await typed(line);
    expect(answer.code, answer.said).toBe(code);
    const said = writes === undefined ? answer.said : readFileSync(join(folder, writes), 'utf8');
    for (const one of says) expect(said).toMatch(one);
  },
  DEADLINE_MS,
);

test(
  'a command of `pnpm -s zhida` is typed in a shell as it stands there, and writes nothing but its answer',
  async () => {
    const line = 'pnpm -s zhida scan --json --format encounter visits.jsonl';
    expect(Object.keys(TYPED)).toContain(line);
    // A reader has the file in the checkout; here it lies in a folder of it.
    const child = spawn(line.replace('visits.jsonl', relative(ROOT, join(folder, 'visits.jsonl'))), { cwd: ROOT, shell: true });
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
    expect(await new Promise<number | null>((resolve) => child.once('close', resolve)), await stderr).toBe(0);
    const levels = (await stdout)
      .trimEnd()
      .split('\n')
      .map((answer) => (JSON.parse(answer) as { level: string }).level);
    expect(levels).toEqual(['red', 'none']);
    expect(await stderr).toBe('');
  },
  DEADLINE_MS,
);

/** The relay goes on writing its log: what is handed over is a copy of an instant at which it was whole. */
async function copyWholeLog(): Promise<void> {
  const [source, copy] = [join(fixture.options.dataDirectory, 'audit'), join(folder, 'audit')];
  const committed = async (): Promise<number> => {
    const { rows } = await fixture.database.pool.query<{ count: string }>('select count(*) from audit_entries');
    return Number(rows[0]?.count);
  };
  const copied = async (): Promise<boolean> => {
    if (!existsSync(join(source, 'checkpoint'))) return false;
    rmSync(copy, { recursive: true, force: true });
    cpSync(source, copy, { recursive: true });
    const size = Number(readFileSync(join(copy, 'checkpoint'), 'utf8').split('\n')[1]);
    return size > 0 && size === (await committed());
  };
  await waitUntil(copied, { what: 'a copy of the whole log', deadlineMs: DEADLINE_MS / 2 });
}
