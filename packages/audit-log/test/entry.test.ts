import { canonicalBytes } from '@zhida/core';
import { describe, expect, test } from 'vitest';
import { auditEntry, auditToken, isAuditToken, leafHash, opensCommitment, readAuditEntry } from '../src/index.js';
import { ORIGIN } from './log-fixture.js';

const CLOCK = { now: () => Date.parse('2026-11-22T04:30:00.000Z') };
const input = {
  origin: ORIGIN,
  actor: 'relay:440299-01',
  action: 'report.accepted',
  subject: { reportId: 'rpt_1', press: 'prs_1' },
  clock: CLOCK,
};

describe('an entry', () => {
  test('is its canonical bytes, and nothing else is logged', () => {
    const { entry, bytes, opening } = auditEntry(input);
    expect(Buffer.from(bytes).toString()).toBe(
      `{"action":"report.accepted","actor":"relay:440299-01","at":"2026-11-22T04:30:00.000Z","commitment":null,"id":"${entry.id}",` +
        `"origin":"${ORIGIN}","subject":{"press":"prs_1","reportId":"rpt_1"},"v":"1"}`,
    );
    expect(opening).toBeNull();
    expect(readAuditEntry(bytes)).toEqual(entry);
  });

  test('commits to its detail without holding it; detail and salt come apart, to be sealed', () => {
    const detail = { number: '440299-261122-010001-5', note: '张某某' };
    const { entry, bytes, opening } = auditEntry({ ...input, detail });
    expect(entry.commitment).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from(bytes).toString()).not.toContain('张某某');
    expect(opening).toEqual({ detail, salt: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(opening !== null && opensCommitment(entry, opening)).toBe(true);
    expect(opening !== null && opensCommitment(entry, { ...opening, detail: { ...detail, note: '李某某' } })).toBe(false);
    expect(opening !== null && opensCommitment(entry, { ...opening, salt: '00'.repeat(32) })).toBe(false);
  });

  test('equal details have different commitments, so none can be guessed from another', () => {
    const commitments = [1, 2, 3].map(() => auditEntry({ ...input, detail: { outcome: 'refused' } }).entry.commitment);
    expect(new Set(commitments).size).toBe(3);
  });

  test('proves the same when the detail is erased: the leaf never held it', () => {
    const { bytes, entry } = auditEntry({ ...input, detail: { any: 'thing' } });
    expect(leafHash(canonicalBytes(readAuditEntry(bytes)))).toEqual(leafHash(bytes));
    expect(readAuditEntry(bytes).commitment).toBe(entry.commitment);
  });

  test.each([
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['not JSON', Buffer.from('{"v":')],
    ['not an object', Buffer.from('[]')],
    ['without an id', change((entry) => delete entry['id'])],
    ['with an id of another kind', change((entry) => (entry['id'] = 'rpt_01k8s3v9kq0000000000000000'))],
    ['with a subject that is no text', change((entry) => (entry['subject'] = { reportId: 1 }))],
    ['of another version', change((entry) => (entry['v'] = '2'))],
    ['with white space', Buffer.from(Buffer.from(auditEntry(input).bytes).toString().replace(',', ', '))],
    ['with a byte order mark', Buffer.concat([Buffer.from('\ufeff'), auditEntry(input).bytes])],
    ['with a member twice', Buffer.from(Buffer.from(auditEntry(input).bytes).toString().replace('{', '{"action":"a",'))],
  ])('%s is not read', (_, bytes) => {
    expect(() => readAuditEntry(bytes)).toThrow(expect.objectContaining({ code: 'ZD_ERR_INPUT_UNREADABLE' }));
  });

  test('a member a later version added is read', () => {
    expect(readAuditEntry(change((entry) => (entry['witness'] = 'w1')))).toMatchObject({ v: '1', witness: 'w1' });
  });
});

describe('INV-11 nothing about a person gets into an entry', () => {
  test.each([
    ['a Chinese name', '张婷婷'],
    ['a name in Latin letters', 'Zhang Tingting'],
    ['a sentence', 'fell from the stairs'],
    ['a mobile number', '13800138000'],
    ['a mobile number with its country code', '8613800138000'],
    ['a mobile number behind a prefix', 'tel:13800138000'],
    ['a resident number', '440232201902031234'],
    ['a resident number ending in X', 'id/44023220190203123X'],
    ['an empty value', ''],
    ['a value with quotes', 'a"b'],
    ['a very long value', 'a'.repeat(129)],
  ])('%s is refused as actor and as subject, and the error does not repeat it', (_, value) => {
    const attempts = [() => auditEntry({ ...input, actor: value }), () => auditEntry({ ...input, subject: { staff: value } })];
    for (const attempt of attempts) {
      expect(attempt).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
      if (value !== '') expect(attempt).not.toThrow(value);
    }
    expect(auditToken(value)).toBe('withheld');
  });

  test.each([
    'rpt_01k8s3v9kq0000000000000000',
    'relay:440299-01',
    'agency:police-440299',
    '440232-261122-030007-5',
    '91440299MA5DEMO01X',
    '12440232456123789X',
    'D1024',
    'stored',
    '2026-11-22T04:30:00.000Z',
    'a13800138000b3f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4d5e6f708192'.slice(0, 64),
    'urn/zhida/x@1.0',
  ])('%s is an id or a short token', (value) => {
    expect(isAuditToken(value)).toBe(true);
    expect(auditToken(value)).toBe(value);
  });

  test('actions, subject keys and origins are plain words, and a subject is small', () => {
    for (const action of ['Report accepted', 'report..x', '.report', '接收'])
      expect(() => auditEntry({ ...input, action })).toThrow('action');
    expect(() => auditEntry({ ...input, subject: { 张婷婷: 'x' } })).toThrow(expect.objectContaining({ at: 'subject[0]' }));
    expect(() => auditEntry({ ...input, origin: 'two words' })).toThrow('origin');
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, position) => [`key${position}`, 'x']));
    expect(() => auditEntry({ ...input, subject: many })).toThrow('at most 16');
  });
});

function change(edit: (entry: Record<string, unknown>) => unknown): Uint8Array {
  const entry = JSON.parse(Buffer.from(auditEntry(input).bytes).toString()) as Record<string, unknown>;
  edit(entry);
  return canonicalBytes(entry);
}
