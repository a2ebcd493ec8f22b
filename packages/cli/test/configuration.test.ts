import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfiguration, readConfiguration, secretIn } from '../src/serve/configuration.js';
import { zhida } from './zhida-here.js';

const AGENCY = `agency:
  keys: keys/agency
  inbox: inbox
  listen: { host: 127.0.0.1, port: 7421 }
`;

const EXERCISE = `exercises:
  - id: autumn-2026
    facilities: ['1']
    from: 2026-11-22T20:00:00+08:00
    until: 2026-11-22T22:00:00+08:00
    patients: [{ name: hunter2, identifiers: [{ system: mrn, value: hunter2 }] }]
`;

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'zhida-configuration-')), 'zhida.yaml');
  writeFileSync(file, text);
  return file;
}

describe('what is wrong with a configuration is told by line and path, and never what stands there', () => {
  test.each([
    ['a word nobody knows', `${AGENCY}  secret-word: hunter2\n`, ['line 5: agency.secret-word: not known here']],
    ['a port that is none', AGENCY.replace('7421', '742100'), ['line 4: agency.listen.port: must be <= 65535']],
    ['something missing', 'agency:\n  keys: keys\n', ['line 2: agency: must have required properties listen']],
    [
      'an exercise that is over before it begins',
      AGENCY + EXERCISE.replace('T22', 'T18'),
      ['line 9: exercises.0.until: an exercise ends after it begins'],
    ],
    [
      'a time without its offset',
      EXERCISE.replace('20:00:00+08:00', '20:00:00'),
      ['line 4: exercises.0.from: this is a time with its offset (RFC 3339)'],
    ],
    ['no YAML', 'agency: [', ['line 1: not YAML (BAD_INDENT)']],
    ['the same twice', `${AGENCY}agency: {}\n`, ['line 5: not YAML (DUPLICATE_KEY)']],
  ])('%s', (_what, text, problems) => {
    const read = parseConfiguration(text);
    expect(read.configuration).toBeUndefined();
    expect(read.problems).toEqual(problems);
    expect(read.problems.join()).not.toContain('hunter2');
  });

  test('aliases that grow without end are refused', () => {
    const bomb = [
      'a: &a [x]',
      ...'bcdefgh'.split('').map(
        (name, index) =>
          `${name}: &${name} [${'abcdefg'
            .charAt(index)
            .repeat(9)
            .split('')
            .map((of) => `*${of}`)
            .join(', ')}]`,
      ),
    ];
    expect(parseConfiguration(bomb.join('\n')).problems).toEqual(['aliases repeat more than a configuration needs']);
  });
});

test('an exercise is read as the guide writes one', () => {
  expect(parseConfiguration(AGENCY + EXERCISE)).toMatchObject({ configuration: { exercises: [{ id: 'autumn-2026' }] }, problems: [] });
});

test('an SMS gateway is written with the fields its provider has', () => {
  const text = `relay:
  keys: keys/relay
  data: data/relay
  listen: { host: 127.0.0.1, port: 7411 }
  profile: sample-county
  facilities: ['1']
  escalation:
    channels:
      - kind: sms
        url: https://sms.example/v1/messages
        as: json
        headers: { authorization: 'Bearer {secret}' }
        fields: { mobile: '{phone}', template: { words: '{text}' } }
        secret: secrets/sms
        takenWhen: { member: code, is: '0' }
`;
  const { configuration, problems } = parseConfiguration(text);
  expect(problems).toEqual([]);
  expect(configuration?.relay?.escalation?.channels).toMatchObject([{ kind: 'sms', fields: { template: { words: '{text}' } } }]);
  expect(parseConfiguration(text.replace('as: json', 'as: xml')).configuration).toBeUndefined();
  const told = (from: string, to: string) => parseConfiguration(text.replace(from, to)).problems;
  expect(told("'{phone}'", "'0'")).toEqual([
    expect.stringMatching(/^line \d+: relay\.escalation\.channels\.0\.fields: needs a place for \{phone\}/),
  ]);
  expect(told("'{text}'", "'0'")).toEqual([expect.stringContaining('channels.0.fields')]);
  expect(told('        secret: secrets/sms\n', '')).toEqual([expect.stringContaining('channels.0.secret: a {secret} needs a secret')]);
  expect(told('as: json', 'as: form')).toEqual([expect.stringContaining('channels.0.fields: a form takes texts alone')]);
  expect(told('https://sms.example/v1/messages', 'sms.example')).toEqual([expect.stringContaining('channels.0.url')]);
});

test('a configuration is named on the command line or by ZHIDA_CONFIG, and its paths start from its own folder', async () => {
  const file = fileWith(AGENCY);
  const { configuration, path } = await readConfiguration(undefined, { ZHIDA_CONFIG: file });
  expect(path(configuration.agency?.keys ?? '')).toBe(join(file, '../keys/agency'));
  expect(path('/etc/keys')).toBe('/etc/keys');
  await expect(readConfiguration(undefined, {})).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'config' });
  await expect(readConfiguration('/nowhere/zhida.yaml', {})).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
});

test('a secret is one line of a file; what is not of the expected form is not repeated', async () => {
  await expect(secretIn(fileWith('redis://127.0.0.1:6379\n'), 'relay.queue.url', /^redis:/)).resolves.toBe('redis://127.0.0.1:6379');
  const wrong = secretIn(fileWith('hunter2'), 'relay.queue.url', /^redis:/);
  await expect(wrong).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'relay.queue.url' });
  await expect(wrong).rejects.not.toThrow(/hunter2/);
});

test('a gateway whose overlay cannot be used does not start: 78, and the member is named', async () => {
  const file = fileWith(`gateway:
  keys: keys
  data: data
  listen: { host: 127.0.0.1, port: 7410 }
  relayParty: relay:440299-01
  facility: { code: '1', name: n, regionCode: '440299', address: a, dutyContact: { title: t, phone: '0' } }
  profile: sample-county
  overlay: local.json
`);
  const start = (overlay: string) => {
    writeFileSync(join(file, '../local.json'), overlay);
    return zhida(['gateway', '--config', file]);
  };
  const moved = await start('{"levels":{"R-PG-01":"lower"}}');
  expect([moved.code, moved.stderr]).toEqual([78, expect.stringMatching(/gateway\.overlay .*local\.json overlay\.levels\.R-PG-01/)]);
  expect(await start('{')).toMatchObject({ code: 78, stderr: expect.stringContaining('gateway.overlay') });
  // One that can be used gets as far as the keys, which are not there.
  expect((await start('{"terms":{"C-HIT":["修理得"]}}')).stderr).not.toContain('overlay');
});
