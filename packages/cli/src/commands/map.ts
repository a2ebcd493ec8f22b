import { readFile } from 'node:fs/promises';
import { ZhidaError } from '@zhida/core';
import { type RowsReading, type TableReading, snapshotsFromFiles } from '@zhida/his';
import type { Command } from 'commander';
import { EXIT_INPUT_SKIPPED } from '../exit-codes.js';
import { masked } from '../mask.js';
import { readMappingFile } from '../mapping-file.js';

/** Snapshots shown. */
const SHOWN = 3;
/** Issues named one by one. */
const ISSUES_SHOWN = 20;

const DETAILS = `
Reads the files as zhida scan --format his does, and prints on standard output which column became what, what was not understood
(by place and code) and the first ${SHOWN} snapshots with every text, name and number masked. Nothing leaves this machine.

Exit code: 0; 2 when a row or a file could not be used; 78 when the mapping itself is wrong.`;

/** `zhida map try`: shows what a mapping file understands of a hospital's own files. */
export function registerMap(program: Command): void {
  const map = program.command('map').description('Mapping files for rows of a hospital information system.');
  map
    .command('try')
    .summary('show what a mapping understands of files')
    .description('Show what a mapping file understands of CSV or JSON files, and what it does not.')
    .argument('<MAPPING>', 'the mapping file (YAML)')
    .argument('<FILE...>', 'files of rows, together one set of tables')
    .addHelpText('after', DETAILS)
    .action(async (mappingName: string, names: string[]) => {
      const mapping = await readMappingFile(mappingName);
      const files = await Promise.all(names.map(async (name) => ({ name, bytes: await bytesOf(name) })));
      const reading = snapshotsFromFiles(files, mapping);
      process.stdout.write(`${linesOf(reading).join('\n')}\n`);
      process.exitCode = reading.unreadable === 0 ? 0 : EXIT_INPUT_SKIPPED;
    });
}

async function bytesOf(name: string): Promise<Uint8Array> {
  return readFile(name).catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the file cannot be read', { at: name, cause });
  });
}

function linesOf(reading: RowsReading): string[] {
  const { snapshots, issues, tables, rows, unreadable } = reading;
  const more = issues.length > ISSUES_SHOWN ? [`  and ${issues.length - ISSUES_SHOWN} more`] : [];
  return [
    `${rows} rows, ${unreadable} rows or files that could not be used, ${snapshots.length} visits`,
    ...tables.flatMap(tableLines),
    ...(issues.length === 0 ? [] : ['', 'not understood']),
    ...issues.slice(0, ISSUES_SHOWN).map(({ code, severity, at }) => `  ${severity} ${code}${at === '' ? '' : ` at ${at}`}`),
    ...more,
    '',
    `the first ${Math.min(SHOWN, snapshots.length)} of ${snapshots.length} visits, masked`,
    ...snapshots.slice(0, SHOWN).map((snapshot) => JSON.stringify(masked(snapshot), null, 2)),
  ];
}

function tableLines({ table, rows, unreadable, spoilt, columns, missing, unmapped }: TableReading): string[] {
  return [
    '',
    `${table}: ${rows} rows, ${unreadable} not used, ${spoilt} cells not used`,
    ...columns.map(({ column, number, fills }) => `  column ${number} ${column} → ${fills.join(', ')}`),
    ...missing.map((column) => `  missing: ${column}`),
    // Not by name: where a file has no header, a patient stands in its place.
    ...(unmapped.length === 0 ? [] : [`  not in the mapping: columns ${unmapped.join(', ')}`]),
  ];
}
