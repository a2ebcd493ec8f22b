import { type HisMapping, type RowFile, type RowsReading, HIS_LIMITS, snapshotsFromFiles, snapshotsFromRows } from '@zhida/his';
import { type FormatReader, type ReadRecord, bytesOf, refused } from '../reading.js';
import { recordsOf } from '../records.js';
import { readRecord } from './json.js';

/**
 * Rows by a mapping. All files together are one set of tables, so they are read at the end. With a field each record holds
 * the tables of its own, by name.
 */
export function hisReader(mapping: HisMapping, field: string | undefined): FormatReader {
  const files: RowFile[] = [];
  return {
    async *read(source, onBytes) {
      if (field !== undefined) {
        for await (const record of recordsOf(source.name, source.open(onBytes))) {
          yield readRecord(record, (place, value) => recordOf(place, snapshotsFromRows(value, mapping)), field);
        }
        return;
      }
      const bytes = await bytesOf(source, onBytes, HIS_LIMITS.fileBytes);
      if (bytes === undefined) yield refused(source.name, `longer than ${HIS_LIMITS.fileBytes} bytes`, 'ZD_ERR_INPUT_TOO_LARGE');
      else files.push({ name: source.name, bytes });
    },
    *finish() {
      if (files.length > 0) yield recordOf(files.map(({ name }) => name).join('+'), snapshotsFromFiles(files, mapping));
    },
  };
}

function recordOf(place: string, { snapshots, issues, tables, unreadable }: RowsReading): ReadRecord {
  return {
    place,
    encounters: snapshots.map((snapshot) => ({ snapshot, input: snapshot })),
    issues,
    unreadable: unreadable === 0 ? undefined : { code: 'ZD_ERR_INPUT_UNREADABLE', why: `${unreadable} rows or files could not be used` },
    skipped: tables.flatMap(({ table, unmapped }) => unmapped.map((number) => `${table} column ${number}`)),
  };
}
