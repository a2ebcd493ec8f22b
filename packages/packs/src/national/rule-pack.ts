import type { RulePack } from '../rule-pack.js';
import codes from './codes.data.json' with { type: 'json' };
import conceptsViolence from './concepts-violence.data.json' with { type: 'json' };
import conceptsInjury from './concepts-injury.data.json' with { type: 'json' };
import conceptsSexual from './concepts-sexual.data.json' with { type: 'json' };
import conceptsPregnancySelfharm from './concepts-pregnancy-selfharm.data.json' with { type: 'json' };
import conceptsPoisoning from './concepts-poisoning.data.json' with { type: 'json' };
import conceptsNeglect from './concepts-neglect.data.json' with { type: 'json' };
import conceptsRoles from './concepts-roles.data.json' with { type: 'json' };
import conceptsIdentity from './concepts-identity.data.json' with { type: 'json' };
import concepts from './concepts.data.json' with { type: 'json' };
import harm from './conditions-harm.data.json' with { type: 'json' };
import cues from './cues.data.json' with { type: 'json' };
import guards from './guards.data.json' with { type: 'json' };
import headings from './headings.data.json' with { type: 'json' };
import manifest from './manifest.data.json' with { type: 'json' };
import rulesViolence from './rules-violence.data.json' with { type: 'json' };
import rulesInjury from './rules-injury.data.json' with { type: 'json' };
import rulesSexual from './rules-sexual.data.json' with { type: 'json' };
import rulesPoisoning from './rules-poisoning.data.json' with { type: 'json' };
import rulesCare from './rules-care.data.json' with { type: 'json' };
import weighing from './weighing.data.json' with { type: 'json' };
import first from './rules.data.json' with { type: 'json' };

/**
 * The national rule pack `cn-national`. Its words are data; the compiler of JSON widens their types, so that what it holds
 * is proven by the tests of this package and by the detector, which refuses a pack with a loose end.
 */
export const nationalRulePack: RulePack = {
  ...manifest,
  ...codes,
  codeSets: { ...codes.codeSets, ...harm.codeSets },
  results: { ...codes.results, ...harm.results },
  concepts: [
    ...concepts,
    ...conceptsViolence,
    ...conceptsInjury,
    ...conceptsSexual,
    ...conceptsPregnancySelfharm,
    ...conceptsPoisoning,
    ...conceptsNeglect,
    ...conceptsIdentity,
    ...conceptsRoles,
  ],
  cues,
  guards,
  headings,
  weighing,
  conditions: { ...first.conditions, ...harm.conditions },
  suppressors: [...first.suppressors, ...harm.suppressors],
  rules: [...first.rules, ...rulesViolence, ...rulesInjury, ...rulesSexual, ...rulesPoisoning, ...rulesCare],
} as unknown as RulePack;
