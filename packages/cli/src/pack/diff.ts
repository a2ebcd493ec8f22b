import type { Concept, Rule, RulePack } from '@zhida/packs';

/** What changes from one pack to another, by rule and by words. */
export interface PackDiff {
  readonly from: string;
  readonly to: string;
  readonly rules: readonly RuleChange[];
  /** By concept: how many words come and go. */
  readonly terms: readonly { readonly concept: string; readonly added: number; readonly removed: number }[];
  /** Other parts of the pack that differ. */
  readonly parts: readonly string[];
}

export interface RuleChange {
  readonly rule: string;
  readonly change: 'added' | 'removed' | 'changed' | 'silenced' | 'unsilenced';
  /** Members of the rule that differ. */
  readonly members: readonly string[];
  /** Its levels, where they differ: `orange → red`. */
  readonly levels: string | null;
}

export interface Resolved {
  readonly name: string;
  readonly pack: RulePack;
  readonly silent: readonly string[];
}

const PARTS = [
  'guards',
  'cues',
  'headings',
  'codeSets',
  'results',
  'gestation',
  'paediatric',
  'conditions',
  'suppressors',
  'folds',
] as const;

export function diffPacks(from: Resolved, to: Resolved): PackDiff {
  return {
    from: from.name,
    to: to.name,
    rules: ruleChanges(from, to),
    terms: termChanges(from.pack.concepts, to.pack.concepts),
    parts: PARTS.filter((name) => !isSame(from.pack[name], to.pack[name])),
  };
}

function ruleChanges(from: Resolved, to: Resolved): RuleChange[] {
  const [before, after] = [byId(from.pack.rules), byId(to.pack.rules)];
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort();
  return ids.flatMap((id) => {
    const [was, is] = [before.get(id), after.get(id)];
    const silence = silenceChange(id, from.silent.includes(id), to.silent.includes(id));
    if (was === undefined || is === undefined) return [changeOf(id, was === undefined ? 'added' : 'removed'), ...silence];
    const members = [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .filter((name) => !isSame(was[name as keyof Rule], is[name as keyof Rule]))
      .sort();
    if (members.length === 0) return silence;
    const levels = members.includes('levels') ? `${levelsOf(was)} → ${levelsOf(is)}` : null;
    return [{ rule: id, change: 'changed' as const, members, levels }, ...silence];
  });
}

function silenceChange(id: string, was: boolean, is: boolean): RuleChange[] {
  return was === is ? [] : [changeOf(id, is ? 'silenced' : 'unsilenced')];
}

function changeOf(rule: string, change: RuleChange['change']): RuleChange {
  return { rule, change, members: [], levels: null };
}

function levelsOf({ levels }: Rule): string {
  return [...new Set(levels.map(({ level }) => level))].join('/');
}

function termChanges(from: readonly Concept[], to: readonly Concept[]): PackDiff['terms'] {
  const [before, after] = [byId(from), byId(to)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((concept) => {
    const [was, is] = [new Set(before.get(concept)?.terms), new Set(after.get(concept)?.terms)];
    const added = [...is].filter((term) => !was.has(term)).length;
    const removed = [...was].filter((term) => !is.has(term)).length;
    return added + removed === 0 ? [] : [{ concept, added, removed }];
  });
}

function byId<Item extends { readonly id: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.id, item]));
}

/** Members come in the order somebody typed them; both sides are data that JSON can hold. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** The difference for reading. */
export function diffLines({ from, to, rules, terms, parts }: PackDiff): string[] {
  if (rules.length + terms.length + parts.length === 0) return [`${from} and ${to} say the same`];
  return [
    `${from} → ${to}`,
    ...rules.map(({ rule, change, members, levels }) =>
      [`  ${rule} ${change}`, ...(members.length === 0 ? [] : [members.join(', ')]), ...(levels === null ? [] : [levels])].join('  '),
    ),
    ...terms.map(({ concept, added, removed }) => `  ${concept}  +${added} −${removed} words`),
    ...parts.map((name) => `  ${name} changed`),
  ];
}
