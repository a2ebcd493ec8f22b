import type { RulePack } from '@zhida/packs';
import type { Lexicon } from '../text/lexicon.js';
import { createCodeSets } from './codes.js';
import { compileDerived, compileSeen, includedIn } from './derive.js';
import { type RecordReader, createRecordReader } from './reader.js';
import { createResultReader } from './results.js';

/** Creates the reader of records that hears the words of a pack. */
export function createReaderOfPack(pack: RulePack, lexicon: Lexicon): RecordReader {
  return createRecordReader({
    lexicon,
    results: createResultReader(pack, lexicon),
    codeSets: createCodeSets(pack.codeSets),
    derive: compileDerived(pack, lexicon),
    includeKinds: includedIn(pack, lexicon),
    seeDerived: compileSeen(pack, lexicon),
  });
}
