import type { FactListName, FieldKind } from '../targets.js';

/** Where a field comes from: a column of the row, or the same for all. */
export type Source =
  | {
      readonly column: string;
      readonly map: ReadonlyMap<string, string> | undefined;
      readonly otherwise: string | undefined;
      readonly time: TimeFormat | undefined;
      readonly split: string | undefined;
    }
  | { readonly value: string };

/** A written form of times as an expression with the groups y M d H m s. */
export interface TimeFormat {
  readonly pattern: RegExp;
}

export interface FieldMapping {
  /** Path in the snapshot, or in the item of a list. */
  readonly path: readonly string[];
  readonly name: string;
  readonly kind: FieldKind;
  readonly source: Source;
}

/** Rows in which each of these columns has one of these values. */
export type RowCondition = readonly { readonly column: string; readonly values: ReadonlySet<string> }[];

export interface FactMapping {
  readonly list: FactListName;
  readonly when: RowCondition;
  readonly fields: readonly FieldMapping[];
  /** Fields without which an item says nothing. */
  readonly saying: ReadonlySet<string>;
}

export interface TableMapping {
  readonly name: string;
  /** True for the name of one of its files, without folder and ending. */
  readonly isFile: (stem: string) => boolean;
  /** How its rows find their visit. */
  readonly place: { readonly visit: string } | { readonly table: string; readonly column: string; readonly key: string };
  readonly when: RowCondition;
  readonly fields: readonly FieldMapping[];
  readonly facts: readonly FactMapping[];
  /** Every column the mapping takes something from, with the fields it goes to. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** A mapping file, checked and ready. Made by `readMapping`. */
export interface HisMapping {
  readonly zone: string;
  readonly encoding: 'utf-8' | 'gb18030' | undefined;
  readonly delimiter: string;
  readonly set: readonly FieldMapping[];
  /** In an order in which every table stands after the one its rows are found by. */
  readonly tables: readonly TableMapping[];
}
