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
      expect([id, statementsOf(sql).filter((statement) => !onlyAdds(statement, madeBy(sql)))]).toEqual([id, []]);
  });
});

test.each([
  'alter table reports drop column number',
  'alter table reports add column later text not null',
  "alter table reports add column later text not null default '', drop constraint reports_kind_check",
  'alter table reports add check (sequence < 9)',
  'create unique index later on reports (number)',
  'create trigger later before insert on reports for each row execute function keeper()',
  'create trigger later after insert on reports for each row execute function later()',
  'create trigger later after insert or update on reports for each row execute function keeper()',
  'insert into reports select * from others',
  'update reports set version = 1',
  'drop table reports',
])('“%s” is not taken for additive', (statement) => {
  expect(onlyAdds(statement, { tables: new Set(['others']), keepers: new Set(['keeper']) })).toBe(false);
});

test.each([
  ['begin insert into others (id) values (new.id) on conflict do nothing; return null; end', true],
  ['begin update reports set version = 1; return null; end', false],
  ["begin raise exception 'no'; end", false],
])('a trigger function that says “%s” keeps a table of its own: %s', (body, keeps) => {
  const sql = `create table others (id text); create function keeper() returns trigger language plpgsql as $keep$ ${body} $keep$;`;
  expect(madeBy(sql).keepers.has('keeper')).toBe(keeps);
  expect(statementsOf(sql).filter((statement) => !onlyAdds(statement, madeBy(sql))).length === 0).toBe(keeps);
});

/** What a migration brings: tables, and trigger functions that write into these tables alone and stop nothing. */
interface Made {
  readonly tables: ReadonlySet<string>;
  readonly keepers: ReadonlySet<string>;
}

const TRIGGER_FUNCTION = /create function (\w+)\(\) returns trigger language plpgsql as \$(\w*)\$([\s\S]*?)\$\2\$/g;

function madeBy(sql: string): Made {
  const tables = new Set([...sql.matchAll(/create table (\w+)/g)].map((match) => match[1] ?? ''));
  const functions = [...sql.matchAll(TRIGGER_FUNCTION)];
  return { tables, keepers: new Set(functions.flatMap(([, name = '', , body = '']) => (keepsAlone(body, tables) ? [name] : []))) };
}

function keepsAlone(body: string, tables: ReadonlySet<string>): boolean {
  return statementsIn(body.replace(/^\s*begin\b/, '')).every((statement) => {
    const written = /^(?:insert into|delete from) (\w+)/.exec(statement)?.[1];
    return written === undefined ? /^(perform pg_advisory_xact_lock|return null$|end$)/.test(statement) : tables.has(written);
  });
}

function statementsOf(sql: string): string[] {
  const { keepers } = madeBy(sql);
  return statementsIn(sql.replace(TRIGGER_FUNCTION, (whole, name: string) => (keepers.has(name) ? '' : whole)));
}

function statementsIn(sql: string): string[] {
  return sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
}

function onlyAdds(statement: string, { tables, keepers }: Made): boolean {
  if (ADDS.some((form) => form.test(statement))) return true;
  // What binds the rows of a new table binds nobody who does not know it, nor does what fills it.
  const bound = /^(?:create (?:unique index|trigger) .*? on|insert into) (\w+)/.exec(statement)?.[1];
  if (bound !== undefined) return tables.has(bound) || keepers.has(keeperCalled(statement));
  const added = /^alter table \w+ (add column .*)$/.exec(statement)?.[1];
  if (added === undefined) return false;
  return added
    .split(/, (?=\w+ (?:column|constraint|check))/)
    .every((part) => part.startsWith('add column ') && (!part.includes(' not null') || part.includes(' default ')));
}

/** The function of a trigger that looks on while rows are inserted into another table. */
function keeperCalled(statement: string): string {
  return /^create trigger \w+ after insert on .* execute function (\w+)\(\)$/.exec(statement)?.[1] ?? '';
}
