import { readMessage, snapshotsFromMessages } from '@zhida/hl7v2';
import { describe, expect, test } from 'vitest';
import { CHILD, VISIT, gb18030, message, msh } from './messages.js';

const NOTE = 'OBX|1|FT|^现病史||半天前被同学推倒，左臂疼痛。||||||F';

function text(charset: string, note: string = NOTE): string {
  return `${[msh('ADT^A08', { charset }), CHILD, VISIT, note].join('\r')}\r`;
}

function read(bytes: Uint8Array): { charset: string | undefined; name: string | undefined; note: string | undefined; issues: string[] } {
  const { message: parsed, issues } = readMessage(bytes);
  const [update] = parsed?.updates ?? [];
  const note = update?.facts.find(({ list }) => list === 'notes')?.value as { text: string } | undefined;
  return {
    charset: parsed?.header.charset,
    name: update?.patient.name ?? undefined,
    note: note?.text,
    issues: issues.map(({ code, severity, at }) => `${code} ${severity} ${at}`),
  };
}

const WORDS = { name: '张演示', note: '半天前被同学推倒，左臂疼痛。' };

describe('the charset of a message', () => {
  test.each(['GB 18030-2000', 'GB18030', 'GBK', 'GB2312', 'gbk', 'GB 18030-2000~ASCII'])(
    'declared %s and so written is read',
    (charset) => {
      expect(read(gb18030(text(charset)))).toEqual({ charset: 'gb18030', ...WORDS, issues: [] });
    },
  );

  test.each(['UNICODE UTF-8', 'UTF-8', 'UNICODE'])('declared %s and so written is read', (charset) => {
    expect(read(Buffer.from(text(charset)))).toEqual({ charset: 'utf-8', ...WORDS, issues: [] });
  });

  test.each(['GB 18030-2000', '8859/1', 'ASCII', 'KLINGON'])(
    'declared %s, written in UTF-8: the bytes win, and that is named',
    (charset) => {
      expect(read(Buffer.from(text(charset)))).toEqual({
        charset: 'utf-8',
        ...WORDS,
        issues: ['CHARSET_MISDECLARED warning MSH-18'],
      });
    },
  );

  test.each(['UNICODE UTF-8', '8859/1', 'ASCII', 'KLINGON'])(
    'declared %s, written in GB18030: the bytes win, and that is named',
    (charset) => {
      expect(read(gb18030(text(charset)))).toEqual({
        charset: 'gb18030',
        ...WORDS,
        issues: ['CHARSET_MISDECLARED warning MSH-18'],
      });
    },
  );

  test('not declared is found and named', () => {
    expect(read(Buffer.from(text('')))).toEqual({ charset: 'utf-8', ...WORDS, issues: ['CHARSET_UNDECLARED information MSH-18'] });
    expect(read(gb18030(text('')))).toEqual({ charset: 'gb18030', ...WORDS, issues: ['CHARSET_UNDECLARED information MSH-18'] });
  });

  test('a name in GB18030 whose bytes happen to be UTF-8 is still Chinese where GB is declared', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${msh('ADT^A08', { charset: 'GBK' })}\rPID|1||P1001||`),
      Buffer.of(0xc2, 0xa1, 0xc4, 0xa3),
      Buffer.from('||20190203|F\r'),
    ]);
    expect(read(bytes)).toMatchObject({
      charset: 'gb18030',
      name: new TextDecoder('gb18030').decode(Buffer.of(0xc2, 0xa1, 0xc4, 0xa3)),
      issues: [],
    });
  });

  test('Latin-1 is Latin-1 where it is declared and looks it', () => {
    const bytes = Buffer.from(`${msh('ADT^A08', { charset: '8859/1' })}\rPID|1||P1001||Müller-Exämple^Zoë||20190203|F\r`, 'latin1');
    expect(read(bytes)).toMatchObject({ charset: 'iso-8859-1', name: 'Zoë Müller-Exämple', issues: [] });
  });

  test('ASCII needs no declaration', () => {
    expect(read(Buffer.from(`${msh('ADT^A08', { charset: '' })}\rPID|1||P1001||Example^Ann||20190203|F\r`))).toMatchObject({
      charset: 'us-ascii',
      issues: [],
    });
  });

  test('the second byte of a GB18030 character may be a separator and is none', () => {
    // 亅 0x817C ends in the byte of |, 乗 0x815C in that of the backslash, 乛 0x815E in that of ^, 亊 0x817E in that of ~.
    const name = '亅乗乛亊';
    const [first, ...rest] = text('GBK').split('\r');
    const bytes = gb18030([first?.replace('|HIS|', `|${name}|`), ...rest].join('\r').replace('张^演示', `${name}^${name}`));
    expect([...bytes].filter((byte) => byte === 0x7c).length).toBeGreaterThan(
      [...Buffer.from(text('GBK'))].filter((byte) => byte === 0x7c).length,
    );
    const { message: parsed, issues } = readMessage(bytes);
    expect(issues).toEqual([]);
    expect(parsed?.header).toMatchObject({ sendingApplication: name, controlId: 'M0001', charset: 'gb18030' });
    expect(parsed?.updates[0]?.patient.name).toBe(name + name);
  });

  test('bytes in hexadecimal are in the charset of the message', () => {
    const note = NOTE.replace('左臂', '\\XD7F3B1DB\\');
    expect(read(gb18030(text('GBK', note)))).toMatchObject(WORDS);
    const utf8 = NOTE.replace('左臂', `\\X${Buffer.from('左臂').toString('hex')}\\`);
    expect(read(Buffer.from(text('UTF-8', utf8)))).toMatchObject(WORDS);
  });

  test.each(['utf-16le', 'utf-16be'])('%s is read from a file', (encoding) => {
    const little = Buffer.from(`\uFEFF${text('UNICODE UTF-16')}`, 'utf16le');
    const bytes = encoding === 'utf-16le' ? little : little.swap16();
    expect(snapshotsFromMessages(bytes).snapshots).toMatchObject([{ patient: { name: '张演示' } }]);
    expect(read(bytes)).toMatchObject(WORDS);
  });

  test('a byte order mark of UTF-8 is no part of the message', () => {
    expect(read(Buffer.from(`\uFEFF${text('UTF-8')}`))).toMatchObject({ ...WORDS, issues: [] });
  });

  test('text cut inside a character is read, and named', () => {
    const bytes = gb18030(text('GBK'));
    const cut = Buffer.concat([bytes.subarray(0, bytes.length - 8), Buffer.of(0x81, 0x0d)]);
    expect(read(cut)).toMatchObject({ charset: 'gb18030', name: '张演示', issues: ['TEXT_NOT_WELL_FORMED warning MSH-18'] });
  });

  test.each(['', 'UNICODE UTF-8', 'GBK'])('declared "%s", UTF-8 with one field cut inside a character stays UTF-8', (charset) => {
    const whole = Buffer.from(text(charset, `${NOTE}\rNTE|1||孩子不说话`));
    // The last character of the comment lost its last byte, as a sender with lengths in bytes leaves it.
    expect(read(Buffer.concat([whole.subarray(0, -2), Buffer.from('\r')]))).toMatchObject({ charset: 'utf-8', ...WORDS });
  });

  test('of a character whose bytes are escaped one by one', () => {
    const note = NOTE.replace('左', '\\XD7\\\\XF3\\');
    expect(read(gb18030(text('GBK', note)))).toMatchObject(WORDS);
  });

  test('decoded text is taken as it is', () => {
    const { message: parsed, issues } = readMessage(text('GBK'));
    expect(parsed?.updates[0]?.patient.name).toBe('张演示');
    expect(issues).toEqual([]);
    expect(readMessage(message(msh('ADT^A04'), CHILD, VISIT)).issues).toEqual([]);
  });
});
