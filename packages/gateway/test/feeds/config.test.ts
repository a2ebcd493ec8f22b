import { isZhidaError } from '@zhida/core';
import { expect, test } from 'vitest';
import { checkFeeds, type FeedConfig } from '../../src/feeds/config.js';

const MLLP: FeedConfig = { kind: 'mllp', name: 'his', port: 2575 };
const FOLDER: FeedConfig = { kind: 'folder', name: 'lis', path: '/var/lis', format: 'hl7v2' };
const POLL: FeedConfig = { kind: 'fhir-poll', name: 'emr', baseUrl: 'https://emr.yunxi.example/fhir' };

test('feeds of every kind are taken as they are', () => {
  const rows: FeedConfig = { kind: 'folder', name: 'rows-1', path: 'rows', format: 'his', mapping: 'rows.yaml' };
  expect(checkFeeds([MLLP, FOLDER, POLL, rows])).toEqual([MLLP, FOLDER, POLL, rows]);
  expect(checkFeeds()).toEqual([]);
});

test.each<[FeedConfig[], string]>([
  [[MLLP, { ...FOLDER, name: 'his' }], 'feeds[1].name'],
  [[{ ...MLLP, name: 'http' }], 'feeds[0].name'],
  [[{ kind: 'http', name: 'other' as 'http' }], 'feeds[0].name'],
  [
    [
      { kind: 'http', name: 'http' },
      { kind: 'http', name: 'http' },
    ],
    'feeds[1].name',
  ],
  [[{ ...MLLP, name: '张三' }], 'feeds[0].name'],
  [[{ ...MLLP, port: 70_000 }], 'feeds[0].port'],
  [[{ ...FOLDER, path: '' }], 'feeds[0].path'],
  [[{ ...FOLDER, format: 'his' }], 'feeds[0].mapping'],
  [[{ ...FOLDER, mapping: 'rows.yaml' }], 'feeds[0].mapping'],
  [[{ ...FOLDER, pollMs: 0 }], 'feeds[0].pollMs'],
  [[{ ...POLL, baseUrl: 'ftp://emr.yunxi.example' }], 'feeds[0].baseUrl'],
  [[{ ...POLL, baseUrl: 'https://user:secret@emr.yunxi.example' }], 'feeds[0].baseUrl'],
])('a feed that cannot be is refused at start, by its place (%#)', (feeds, at) => {
  const thrown = ((): unknown => {
    try {
      return checkFeeds(feeds);
    } catch (error) {
      return error;
    }
  })();
  expect(isZhidaError(thrown) && [thrown.code, thrown.at]).toEqual(['ZD_ERR_OPTION_INVALID', at]);
});
