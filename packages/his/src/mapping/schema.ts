import {
  Array as ArrayOf,
  Boolean as Bool,
  Enum,
  Literal,
  Number as Num,
  Object as ObjectOf,
  Optional,
  Record as RecordOf,
  type Static,
  String as Text,
  Union,
} from 'typebox';
import { FACT_LISTS, FACT_LIST_NAMES, VISIT_FIELDS } from '../targets.js';

const closed = { additionalProperties: false } as const;
const constant = Union([Text(), Num(), Bool()]);

const source = Union(
  [
    Text({ minLength: 1, description: 'The column to take it from.' }),
    ObjectOf(
      {
        column: Text({ minLength: 1 }),
        map: Optional(RecordOf(Text(), constant, { description: 'What the column says, and what it means. A meaning of null deletes.' })),
        otherwise: Optional(Text({ description: 'The meaning of everything the map does not have.' })),
        time: Optional(Text({ description: 'How times are written, for example dd/MM/yyyy HH:mm. Year-first ones need none.' })),
        split: Optional(Text({ minLength: 1, description: 'The sign between several values in one cell.' })),
      },
      closed,
    ),
    ObjectOf({ value: constant }, { ...closed, description: 'The same in every row.' }),
  ],
  { description: 'Where a value comes from.' },
);

const condition = RecordOf(Text(), ArrayOf(Text(), { minItems: 1 }), {
  description: 'Only rows in which each of these columns has one of these values.',
});

// The names are for editors; the reader checks each where it compiles it, and so can say which one is wrong.
const visitFields = RecordOf(Text(), source, { propertyNames: { enum: Object.keys(VISIT_FIELDS) } });
const factFields = FACT_LIST_NAMES.map((list) => ({
  if: { properties: { list: { const: list } } },
  // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word
  then: { properties: { fields: { propertyNames: { enum: Object.keys(FACT_LISTS[list]) } } } },
}));

const fact = ObjectOf(
  {
    list: Enum([...FACT_LIST_NAMES]),
    when: Optional(condition),
    fields: RecordOf(Text(), source),
  },
  { ...closed, allOf: factFields },
);

const table = ObjectOf(
  {
    file: Optional(Text({ minLength: 1, description: 'Names of its files, * for any part; by default the table’s own name.' })),
    visit: Optional(Text({ minLength: 1, description: 'The column with the visit number.' })),
    from: Optional(
      ObjectOf(
        {
          table: Text({ minLength: 1, description: 'The table whose rows refer to this one.' }),
          column: Text({ minLength: 1, description: 'The column there.' }),
          key: Text({ minLength: 1, description: 'The column here that has the same value.' }),
        },
        closed,
      ),
    ),
    when: Optional(condition),
    fields: Optional(visitFields),
    facts: Optional(ArrayOf(fact)),
  },
  { ...closed, description: 'One kind of row. It has either a column with the visit number, or a key by which other rows refer to it.' },
);

const MAPPING = ObjectOf(
  {
    version: Union([Literal(1), Literal('1')]),
    zone: Optional(Text({ description: 'IANA zone of times without an offset. Asia/Shanghai where it is not said.' })),
    encoding: Optional(Enum(['utf-8', 'gb18030'], { description: 'Encoding of the files. Found from the bytes where it is not said.' })),
    delimiter: Optional(
      Text({ minLength: 1, maxLength: 1, description: 'The sign between two cells of a CSV file. A comma where it is not said.' }),
    ),
    set: Optional(RecordOf(Text(), constant, { description: 'Fields that are the same in every visit, by path.' })),
    tables: RecordOf(Text(), table),
  },
  { ...closed, title: 'zhida mapping of rows of a hospital information system to encounter snapshots' },
);

/** The mapping file as JSON Schema (draft 2020-12), for editors and for the reader. `mapping.schema.json` is the same. */
export const MAPPING_SCHEMA = MAPPING;
/** A mapping file that keeps the schema; its scalars are text, as written. */
export type MappingDocument = Static<typeof MAPPING>;
export type SourceDocument = Static<typeof source>;
export type ConditionDocument = Static<typeof condition>;
