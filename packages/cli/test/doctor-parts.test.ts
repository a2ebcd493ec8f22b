import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyDirectory, addTrust, exportTrustFile, trustFingerprint } from '@zhida/signing';
import { frozenClock } from '@zhida/testkit';
import { nationalRulePack, packDigest } from '@zhida/packs';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { calendarLine } from '../src/doctor/calendar.js';
import { keysOf, missingTrustLines, trustLines } from '../src/doctor/keys.js';
import { packLine } from '../src/doctor/pack.js';
import { folderLines, nodeLine } from '../src/doctor/machine.js';
import { feedPortLine, serviceLines } from '../src/doctor/ports.js';
import { doctorEn } from '../src/locales/doctor-en.js';
import { doctorZhCN } from '../src/locales/doctor-zh-cn.js';

const directory = mkdtempSync(join(tmpdir(), 'zhida-doctor-parts-'));
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ['v20.18.0', 'wrong'],
  ['v20.19.0', 'right'],
  ['v21.7.0', 'wrong'],
  ['v22.11.0', 'wrong'],
  ['v22.12.0', 'right'],
  ['v24.0.0', 'right'],
])('Node.js %s is %s', (version, mark) => {
  expect(nodeLine(version).mark).toBe(mark);
});

test('a folder that cannot be is one that cannot be written', async () => {
  expect(await folderLines(join(directory, 'later', 'still'))).toMatchObject([{ mark: 'right', says: 'folderToMake' }]);
  expect(await folderLines(directory)).toMatchObject([{ mark: 'right', says: 'folder' }]);
  if (process.platform === 'linux') expect(await folderLines('/proc/zhida')).toMatchObject([{ mark: 'wrong', says: 'folderClosed' }]);
});

test('trust is told by the days it lasts, and a party that is not pinned is missed', async () => {
  const [relay, police] = await Promise.all([
    createKeyDirectory(join(directory, 'relay'), { party: 'relay:yunxi', role: 'relay', mode: 'test' }),
    createKeyDirectory(join(directory, 'police'), { party: 'agency:police', role: 'agency', mode: 'test' }),
  ]);
  const trust = exportTrustFile(police, {
    baseUrl: 'https://police.example',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-12-31T00:00:00Z',
  });
  await addTrust(relay, trust, { fingerprint: trustFingerprint(trust) });
  const { keys } = await keysOf(relay.directory);
  if (keys === undefined) throw new Error('keys');
  const said = (at: string): unknown => trustLines(keys, Date.parse(at)).map(({ mark, says, values }) => [mark, says, values?.['days']]);
  expect(said('2026-06-01T00:00:00Z')).toEqual([['right', 'trust', 213]]);
  expect(said('2026-12-11T00:00:00Z')).toEqual([['look', 'trustSoonOver', 20]]);
  expect(said('2026-12-31T00:00:00Z')).toEqual([['wrong', 'trustOver', 0]]);
  expect(said('2025-12-31T00:00:00Z')).toEqual([['wrong', 'trustOver', 365]]);
  expect(missingTrustLines(keys, ['agency:police', 'agency:none'])).toMatchObject([{ mark: 'wrong', values: { party: 'agency:none' } }]);
  expect((await keysOf(join(directory, 'nowhere'))).lines).toMatchObject([{ mark: 'wrong', todo: 'keysMissing' }]);
});

test('a rule pack outside its days is worth a look, one that is not whole is wrong', async () => {
  const section = { pack: 'own-pack.json' } as unknown as Parameters<typeof packLine>[0];
  const path = (written: string): string => join(directory, written);
  const told = async (change: object, now: string): Promise<unknown> => {
    const pack = { ...nationalRulePack, ...change };
    writeFileSync(path('own-pack.json'), JSON.stringify({ ...pack, digest: await packDigest(pack) }));
    return packLine(section, path, frozenClock(now));
  };
  const dates = { effectiveFrom: '2026-06-01', effectiveTo: '2026-12-31' };
  expect(await told(dates, '2026-12-31T12:00:00+08:00')).toMatchObject({ mark: 'right', says: 'pack' });
  expect(await told(dates, '2027-01-01T00:30:00+08:00')).toMatchObject({ mark: 'look', says: 'packOver', values: { day: '2026-12-31' } });
  expect(await told(dates, '2026-05-31T12:00:00+08:00')).toMatchObject({ mark: 'look', says: 'packNotYet', values: { day: '2026-06-01' } });
  expect(await told({ effectiveFrom: 'soon' }, '2026-06-01T12:00:00+08:00')).toMatchObject({ mark: 'wrong', says: 'packWrong' });
  const national = await packLine({} as Parameters<typeof packLine>[0], path, frozenClock('2026-11-29T12:00:00+08:00'));
  expect(national).toMatchObject({ mark: 'right', values: { id: 'cn-national', version: nationalRulePack.version } });
});

describe('the legal calendar', () => {
  const file = join(directory, 'calendar.json');
  const at = (text: string) => frozenClock(text);

  test('is told by what it lacks of the next 60 days', async () => {
    expect(await calendarLine(undefined, at('2026-11-01T09:00:00+08:00'))).toMatchObject({
      says: 'calendarUnverified',
      values: { year: '2026' },
    });
    // 60 days on is the first of January, 16:30 UTC of the day before.
    expect(await calendarLine(undefined, at('2026-11-02T00:30:00+08:00'))).toMatchObject({
      mark: 'look',
      says: 'calendarLacks',
      values: { years: '2027' },
    });
    const year = { source: 'the notice', verified: true, holidays: ['2027-01-01'], workdays: ['2027-01-03'] };
    writeFileSync(file, JSON.stringify({ years: { 2027: year } }));
    expect(await calendarLine(file, at('2027-01-10T09:00:00+08:00'))).toMatchObject({
      mark: 'right',
      says: 'calendar',
      values: { year: '2027' },
    });
    expect(await calendarLine(file, at('2026-11-29T09:00:00+08:00'))).toMatchObject({
      says: 'calendarUnverified',
      values: { year: '2026' },
    });
    // The year that begins within them counts too.
    const unread = { source: 'the notice', verified: false, holidays: ['2027-01-01'], workdays: [] };
    writeFileSync(file, JSON.stringify({ years: { 2026: { ...unread, verified: true, holidays: [] }, 2027: unread } }));
    expect(await calendarLine(file, at('2026-11-29T09:00:00+08:00'))).toMatchObject({
      says: 'calendarUnverified',
      values: { year: '2027' },
    });
  });

  test.each(['13-45', '02-30'])('with %s off in every year is wrong; 29 February is a day', async (day) => {
    const everyYear = (days: readonly string[]) => writeFileSync(file, JSON.stringify({ everyYear: days, years: {} }));
    everyYear(['01-01', day]);
    expect(await calendarLine(file, at('2026-11-29T09:00:00+08:00'))).toMatchObject({
      says: 'calendarWrong',
      values: { at: 'relay.calendar: everyYear[1]' },
    });
    everyYear(['02-29']);
    expect(await calendarLine(file, at('2026-11-29T09:00:00+08:00'))).not.toMatchObject({ says: 'calendarWrong' });
  });

  test.each([
    ['no JSON', '{', 'relay.calendar'],
    ['a day that is none', { holidays: ['2027-02-29'] }, 'relay.calendar: years.2027.holidays[0]'],
    ['a day of another year', { holidays: ['2027-01-01', '2026-01-02'] }, 'relay.calendar: years.2027.holidays[1]'],
    ['a worked day on a Friday', { workdays: ['2027-01-01'] }, 'relay.calendar: years.2027.workdays[0]'],
    ['a day that is off and worked', { holidays: ['2027-01-03'], workdays: ['2027-01-03'] }, 'relay.calendar: years.2027.workdays[0]'],
    ['a word nobody knows', { worked: [] }, 'relay.calendar: years.2027.worked'],
  ])('with %s is wrong, and its place is told', async (_what, content, place) => {
    const year = { source: 'the notice', verified: true, holidays: [], workdays: [] };
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify({ years: { 2027: { ...year, ...content } } }));
    expect(await calendarLine(file, at('2026-11-29T09:00:00+08:00'))).toMatchObject({
      mark: 'wrong',
      says: 'calendarWrong',
      values: { at: place },
    });
    expect(await calendarLine(join(directory, 'no.json'), at('2026-11-29T09:00:00+08:00'))).toMatchObject({
      values: { at: 'relay.calendar' },
    });
  });
});

describe('ports', () => {
  async function listening(answers: (path: string) => readonly [status: number, body: object]): Promise<number> {
    const server = createServer((request, response) => {
      const [status, body] = answers(request.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return (server.address() as { port: number }).port;
  }
  const look = async (port: number): Promise<unknown> => {
    const { running, lines } = await serviceLines({ host: '0.0.0.0', port }, 'production');
    return [running, lines[0]?.mark, lines[0]?.says];
  };

  test('our own service is told by its health, and by its mode', async () => {
    const healthy = (mode: string, ready: number) =>
      listening((path) => (path === '/healthz' ? [200, { status: 'ok', mode }] : [ready, {}]));
    expect(await look(await healthy('production', 200))).toEqual([true, 'right', 'running']);
    expect(await look(await healthy('production', 503))).toEqual([true, 'wrong', 'notReady']);
    expect(await look(await healthy('test', 200))).toEqual([false, 'wrong', 'otherMode']);
    expect(await look(await listening(() => [200, {}]))).toEqual([false, 'wrong', 'portTaken']);
    expect(await look(await listening(() => [404, {}]))).toEqual([false, 'wrong', 'portTaken']);
    expect(await look(0)).toEqual([false, 'look', 'portAny']);
  });

  test('a feed listens where the gateway runs, and nobody does where it does not', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const listen = { host: '127.0.0.1', port: (server.address() as { port: number }).port };
    expect((await feedPortLine(listen, 'mllp-his', true)).says).toBe('feedPort');
    expect((await feedPortLine(listen, 'mllp-his', false)).says).toBe('portTaken');
    await new Promise((resolve) => server.close(resolve));
    expect((await feedPortLine(listen, 'mllp-his', true)).says).toBe('feedPortSilent');
    expect((await feedPortLine(listen, 'mllp-his', false)).says).toBe('feedPortFree');
  });
});

test('both languages fill the same places', () => {
  const places = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].toSorted();
  for (const table of ['says', 'todos'] as const)
    for (const [key, text] of Object.entries(doctorZhCN[table]))
      expect([key, places(text)]).toEqual([key, places(doctorEn[table][key as keyof (typeof doctorEn)[typeof table]])]);
});
