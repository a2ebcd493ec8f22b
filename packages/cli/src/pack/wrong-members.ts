import {
  Array as ArrayOf,
  Boolean as Flag,
  Cyclic,
  Literal,
  Number as Num,
  Object as ObjectOf,
  Optional,
  Record as RecordOf,
  Ref,
  String as Text,
  type TSchema,
} from 'typebox';
import { Errors } from 'typebox/value';

const texts = ArrayOf(Text());
const inTwoLanguages = ObjectOf({ zh: Text(), en: Text() });
const deeper = Ref('Condition');

/** What names something or holds conditions; what else a condition asks is the compiler's to refuse. */
const condition = Cyclic(
  {
    Condition: ObjectOf({
      all: Optional(ArrayOf(deeper)),
      any: Optional(ArrayOf(deeper)),
      context: Optional(deeper),
      not: Optional(deeper),
      of: Optional(deeper),
      score: Optional(ArrayOf(ObjectOf({ weight: Num(), when: deeper }))),
      use: Optional(Text()),
      code: Optional(Text()),
      result: Optional(Text()),
      mention: Optional(Text()),
      mentionAtAge: Optional(Text()),
      lasting: Optional(Text()),
      near: Optional(texts),
      without: Optional(texts),
      notBetween: Optional(texts),
    }),
  },
  'Condition',
);

const rule = ObjectOf({
  id: Text(),
  statutory: Flag(),
  summary: inTwoLanguages,
  when: condition,
  levels: ArrayOf(ObjectOf({ level: Text(), when: Optional(condition) })),
  situations: ArrayOf(ObjectOf({ situation: Num(), when: Optional(condition) })),
  legalBasis: texts,
  suppressors: texts,
});

/** Members of a pack, as far as a check looks into them. */
const MEMBERS: Readonly<Record<string, TSchema>> = {
  schemaVersion: Literal('1'),
  id: Text(),
  version: Text(),
  digest: Text(),
  effectiveFrom: Text(),
  jurisdiction: Text(),
  cues: RecordOf(Text(), texts),
  codeSets: RecordOf(Text(), ObjectOf({ include: texts })),
  results: RecordOf(Text(), ObjectOf({ concept: Text(), loinc: texts })),
  conditions: RecordOf(Text(), condition),
  gestation: ObjectOf({}),
  paediatric: ObjectOf({ departments: texts, concept: Text() }),
  weighing: ObjectOf({}),
};
/** What the lists of a pack are made of. */
const LISTS: Readonly<Record<string, TSchema>> = {
  folds: Text(),
  concepts: ObjectOf({ id: Text(), terms: texts, includes: Optional(texts), patterns: Optional(ArrayOf(ObjectOf({ near: texts }))) }),
  guards: ObjectOf({ terms: texts }),
  headings: ObjectOf({ section: Text(), terms: texts }),
  suppressors: ObjectOf({ id: Text(), why: inTwoLanguages, when: condition }),
  rules: rule,
};

/** Members of a pack that are missing or have the wrong form: `rules[3].when.all[0]`. */
export function wrongMembers(content: Record<string, unknown>): string[] {
  return [
    ...Object.entries(MEMBERS).flatMap(([name, schema]) => placesIn(schema, content[name], name)),
    // Item by item: of one value no more than a few problems are found.
    ...Object.entries(LISTS).flatMap(([name, schema]) => {
      const list = content[name];
      return Array.isArray(list) ? list.flatMap((item: unknown, index) => placesIn(schema, item, `${name}[${index}]`)) : [name];
    }),
  ];
}

function placesIn(schema: TSchema, value: unknown, at: string): string[] {
  const places = Errors(schema, value).flatMap((problem) =>
    problem.keyword === 'required'
      ? problem.params.requiredProperties.map((name) => placeOf(at, `${problem.instancePath}/${name}`))
      : placeOf(at, problem.instancePath),
  );
  return [...new Set(places)];
}

/** A JSON pointer as a place of the file. */
function placeOf(at: string, pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'))
    .reduce((place, step) => (/^\d+$/.test(step) ? `${place}[${step}]` : `${place}.${step}`), at);
}
