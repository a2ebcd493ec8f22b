import type { RulePack } from '../rule-pack.js';
import codes from './codes.data.json' with { type: 'json' };
import concepts from './concepts.data.json' with { type: 'json' };
import cues from './cues.data.json' with { type: 'json' };
import guards from './guards.data.json' with { type: 'json' };
import headings from './headings.data.json' with { type: 'json' };
import manifest from './manifest.data.json' with { type: 'json' };
import rules from './rules.data.json' with { type: 'json' };

/**
 * The national rule pack `cn-national`. Its words are data; the compiler of JSON widens their types, so that what it holds
 * is proven by the tests of this package and by the detector, which refuses a pack with a loose end.
 */
export const nationalRulePack: RulePack = { ...manifest, ...codes, ...rules, concepts, cues, guards, headings } as unknown as RulePack;
