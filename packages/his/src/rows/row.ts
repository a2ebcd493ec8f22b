/** One row of a table. */
export interface Row {
  /** Where it is: `visits:13` (line of the file) or `visits[12]` (place in the list). */
  readonly at: string;
  /** The cell of a column; `undefined` where the row has none. */
  cell(column: string): unknown;
}

/** Why a stretch of a file is no row. */
export type BrokenRow = 'not-csv' | 'too-long' | 'not-an-object' | 'cells';

/** The rows of one file or list. */
export interface RowSet {
  readonly rows: readonly Row[];
  readonly broken: readonly { readonly at: string; readonly why: BrokenRow }[];
  /** Rows whose quotes were not as they should be, read with the quotes as plain signs. */
  readonly mended: readonly string[];
  /** Names of its columns, in order; of a list of objects those of all of them. */
  readonly columns: readonly string[];
  /** The columns are named once for all rows, so that one that is not there is in none. */
  readonly hasHeader: boolean;
  /** There were more rows than the limit. */
  readonly cut: boolean;
}
