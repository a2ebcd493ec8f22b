import type { Migration } from '@zhida/database';
import { gatewayMigrations } from '@zhida/gateway';
import { receiverMigrations } from '@zhida/receiver/postgres';
import { relayMigrations } from '@zhida/relay';
import { describe, expect, test } from 'vitest';

const PACKAGES: readonly [string, readonly Migration[]][] = [
  ['relay', relayMigrations],
  ['gateway', gatewayMigrations],
  ['receiver', receiverMigrations],
];

/**
 * From before processes were exchanged one after the other: what the first version brings, and what changed a check. The list only
 * shrinks. Whoever must change what is there does it in two versions: one that adds beside it, and a later one that stops using it.
 */
const NOT_ADDITIVE = new Set([
  'audit-log-0001',
  'relay-0001-ledger',
  'relay-0004-escalation',
  '0001-encounters-prompts-presses',
  '0003-feed-records',
  'receiver-0001',
  '0002-openings',
]);

/** What a program that knows nothing of it can work beside. */
const ADDS: readonly RegExp[] = [
  /^create (table|sequence) /,
  /^create index /,
  // An index makes queries quick and forbids nothing, so another one may take its place.
  /^drop index /,
];

describe.each(PACKAGES)('%s', (_name, migrations) => {
  test('every migration that is not of the old ones is marked additive, so that N works beside N−1', () => {
    expect(migrations.filter(({ id, additive }) => additive !== true && !NOT_ADDITIVE.has(id)).map(({ id }) => id)).toEqual([]);
    expect(migrations.filter(({ id, additive }) => additive === true && NOT_ADDITIVE.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test('what is marked additive only adds', () => {
    for (const { id, sql } of migrations.filter(({ additive }) => additive === true))
      expect([id, statementsOf(sql).filter((statement) => !onlyAdds(statement, tablesMadeBy(sql)))]).toEqual([id, []]);
  });
});

test.each([
  'alter table reports drop column number',
  'alter table reports add column later text not null',
  "alter table reports add column later text not null default '', drop constraint reports_kind_check",
  'alter table reports add check (sequence < 9)',
  'create unique index later on reports (number)',
  'create trigger later before insert on reports for each row execute function later()',
  'update reports set version = 1',
  'drop table reports',
])('“%s” is not taken for additive', (statement) => {
  expect(onlyAdds(statement, new Set(['others']))).toBe(false);
});

function statementsOf(sql: string): string[] {
  return sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
}

function tablesMadeBy(sql: string): ReadonlySet<string> {
  return new Set([...sql.matchAll(/create table (\w+)/g)].map((match) => match[1] ?? ''));
}

function onlyAdds(statement: string, made: ReadonlySet<string>): boolean {
  if (ADDS.some((form) => form.test(statement))) return true;
  // What binds the rows of a new table binds nobody who does not know it.
  const bound = /^create (?:unique index|trigger) .*? on (\w+)/.exec(statement)?.[1];
  if (bound !== undefined) return made.has(bound);
  const added = /^alter table \w+ (add column .*)$/.exec(statement)?.[1];
  if (added === undefined) return false;
  return added
    .split(/, (?=\w+ (?:column|constraint|check))/)
    .every((part) => part.startsWith('add column ') && (!part.includes(' not null') || part.includes(' default ')));
}
