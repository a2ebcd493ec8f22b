import type { LocalText } from '@zhida/packs';
import type { Indication } from './assessment.js';
import type { Document } from './facts/facts.js';
import type { ConditionTrace } from './rules/trace.js';
import { assertConcepts } from './text/assertion.js';
import { type Lexicon, isHelper } from './text/lexicon.js';

/** A word a rule asks for, where it stands, and what the text says of it. Only `asserted` ones are facts. */
export interface Sighting {
  readonly concept: string;
  readonly at: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** `denied`; `another`: somebody else's; `not-actual`: asked, advised, taught, planned. */
  readonly standing: 'asserted' | 'denied' | 'another' | 'not-actual';
}

/** Why a rule did, or did not, speak about one encounter. */
export interface Explanation {
  readonly ruleId: string;
  readonly indication: Indication | null;
  /** Why no rule was asked at all: nothing could be read, the patient is of age, or nothing says this is a child. */
  readonly stoppedBy: 'unreadable' | 'of-age' | 'age-unknown' | null;
  /** What each part of the rule's condition answered; `null` where the record could not be read. */
  readonly condition: ConditionTrace | null;
  /** The explanations that lower the rule, and whether they hold here. None lowers a red fixed by law. */
  readonly suppressors: readonly { readonly id: string; readonly why: LocalText; readonly holds: boolean }[];
  /** Words of the rule that stand in the record, used or not. */
  readonly sightings: readonly Sighting[];
}

/** Words a reader needs to see; more say nothing new. */
const SIGHTINGS_MAX = 100;

/** Every word of these concepts (1 by index) that can be asserted, with what its text says of it. */
export function sightingsOf(documents: readonly Document[], { concepts }: Lexicon, wanted: Uint8Array): Sighting[] {
  const found: Sighting[] = [];
  for (const { at, text, section, clauses } of documents) {
    assertConcepts(clauses, concepts, section, ({ concept: index, start, end }, { actual, patient, polarity }) => {
      const concept = concepts[index];
      if (wanted[index] !== 1 || concept === undefined || isHelper(concept.kind) || found.length >= SIGHTINGS_MAX) return;
      const standing = !actual ? 'not-actual' : !patient ? 'another' : polarity === 'negated' ? 'denied' : 'asserted';
      found.push({ concept: concept.id, at, start, end, text: text.slice(start, end), standing });
    });
  }
  return found;
}
