import type { Issue, TriState } from '@zhida/core';
import type { Level, LocalText } from '@zhida/packs';

/** Where something was seen. `start` and `end` are UTF-16 code units of the original text, end exclusive; absent for a code or a value. */
export interface Evidence {
  /** Path into the snapshot: `notes[2].text`, `conditions[0].code`. */
  readonly at: string;
  readonly start?: number;
  readonly end?: number;
  readonly text?: string;
}

/** What a person is asked before an indication can be decided. */
export type Ask = 'BIRTH_DATE_UNKNOWN' | 'GESTATION_UNKNOWN' | 'GESTATION_UNCERTAIN';

/** 疑似线索: a reason to look, never a statement that abuse happened. */
export interface Indication {
  readonly ruleId: string;
  readonly family: string;
  /** 128-bit hash of facility, patient and rule, 32 hex digits: the same child and rule give the same key at every visit. */
  readonly key: string;
  readonly level: Level;
  /** True when this red is fixed by law and nothing may lower it. */
  readonly statutory: boolean;
  /** True when the overlay keeps the rule from prompting; it does not count towards the level of the assessment. */
  readonly silent: boolean;
  /** Item of article 4 of the 2020 Opinion. */
  readonly situation: number;
  readonly legalBasis: readonly string[];
  readonly summary: LocalText;
  readonly evidence: readonly Evidence[];
  /** Ids of the explanations that lowered it by one level. */
  readonly suppressedBy: readonly string[];
  readonly loweredFrom: Level | null;
  readonly asks: readonly Ask[];
}

export type AgeBasis = 'birth-date' | 'resident-id' | 'stated' | 'text';

/** By which rules: the pack, and the hospital's overlay where it has one that is named by its digest. */
export interface RulesUsed {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
  readonly overlay?: string;
}

/** What one encounter shows. Plain JSON, byte-identical for equal input, `now` and pack (design: INV-15). */
export interface Assessment {
  readonly schemaVersion: '1';
  readonly encounterId: string | null;
  readonly revision: number | null;
  readonly rulePack: RulesUsed;
  readonly minor: TriState;
  /** 周岁 at the encounter; the lowest the data allow. `months` is null when only the year is known; null when nothing is. */
  readonly age: { readonly years: number; readonly months: number | null; readonly basis: AgeBasis } | null;
  readonly level: Level;
  /** Items of article 4 pointed at by indications that count, ascending. */
  readonly situations: readonly number[];
  readonly indications: readonly Indication[];
  readonly issues: readonly Issue[];
}
