import type { EncounterSnapshot } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import type { Static } from 'typebox';
import { expect, test } from 'vitest';
import type { Prompt } from '@zhida/widget';
import type { PromptView } from '../src/index.js';
import type { assessmentSchema, promptSchema } from '../src/routes/schemas.js';
import type { snapshotSchema } from '../src/routes/snapshot-schema.js';

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

test('the API’s schema of a snapshot is the hand-written EncounterSnapshot', () => {
  const same: Same<DeepReadonly<Static<typeof snapshotSchema>>, DeepReadonly<EncounterSnapshot>> = true;
  expect(same).toBe(true);
});

test('the API’s schema of an Assessment is the hand-written one with the hash of its input', () => {
  type Described = Omit<DeepReadonly<Static<typeof assessmentSchema>>, 'issues'>;
  type Written = Omit<DeepReadonly<Assessment & { inputSha256: string }>, 'issues'>;
  const same: Same<Described, Written> = true;
  expect(same).toBe(true);
});

test('the API’s schema of a prompt is the hand-written PromptView', () => {
  type Described = Omit<DeepReadonly<Static<typeof promptSchema>>, 'prefill'>;
  const same: Same<Described, Omit<DeepReadonly<PromptView>, 'prefill'>> = true;
  expect(same).toBe(true);
});

test('the widget’s Prompt is what the gateway sends', () => {
  const sent: [DeepReadonly<PromptView>] extends [DeepReadonly<Prompt>] ? true : false = true;
  expect(sent).toBe(true);
});

test('a schema that lacks a field, or has one more, would be found', () => {
  const lacking: Same<Omit<DeepReadonly<Static<typeof snapshotSchema>>, 'id'>, DeepReadonly<EncounterSnapshot>> = false;
  expect(lacking).toBe(false);
});
