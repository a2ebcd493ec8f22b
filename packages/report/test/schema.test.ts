import { type Static } from 'typebox';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Report, reportSchema } from '../src/index.js';

/** The hand-written type is readonly throughout; a JSON Schema has no such word, so it is added before comparing. */
type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** Forces the compiler to lay both sides open, so that interfaces and mapped types compare member by member. */
type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;

describe('the schema of a report', () => {
  test('is the hand-written type, member by member', () => {
    type FromSchema = DeepReadonly<Static<typeof reportSchema>>;
    const same: Same<FromSchema, DeepReadonly<Report>> = true;
    expect(same).toBe(true);
    expectTypeOf<FromSchema>().toEqualTypeOf<Report>();
  });

  test('a type that differs in one member is told apart', () => {
    type Other = Omit<Report, 'department'> & { readonly department?: number };
    const same: Same<DeepReadonly<Other>, DeepReadonly<Report>> = false;
    expect(same).toBe(false);
  });

  test('requires the six members of the minimum that no default can invent, and nothing else', () => {
    expect([...reportSchema.required].sort()).toEqual(['createdAt', 'facility', 'kind', 'mode', 'reportId', 'schemaVersion']);
  });
});
