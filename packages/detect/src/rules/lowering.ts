import type { Concept, Condition, Rule, RulePack } from '@zhida/packs';

/**
 * The concepts of whose words more can only take away or lower what a rule fixed by law says: those its conditions hold without, and
 * those such a concept is made of. One that a condition of any rule asks for as well (a carer, a fellow pupil) is not among them: rules
 * speak by its words.
 */
export function loweringConcepts(pack: RulePack): ReadonlySet<string> {
  const [byLaw, all] = [new Walk(pack), new Walk(pack)];
  for (const rule of pack.rules) {
    if (rule.statutory) walkRule(rule, byLaw);
    walkRule(rule, all);
  }
  return new Set([...byLaw.lowering].filter((id) => !all.raising.has(id)));
}

/** A choice of a lower level that is asked before the red takes the red's place. */
function walkRule({ when, levels }: Rule, walk: Walk): void {
  walk.condition(when, false);
  const lastRed = levels.findLastIndex(({ level }) => level === 'red');
  for (const [index, choice] of levels.entries())
    if (choice.when !== undefined && index <= lastRed) walk.condition(choice.when, choice.level !== 'red');
}

/** Follows conditions and what concepts are made of; `denies` is true where more words make a rule say less. */
class Walk {
  readonly lowering = new Set<string>();
  readonly raising = new Set<string>();
  readonly #pack: RulePack;
  readonly #concepts: ReadonlyMap<string, Concept>;
  readonly #seen = new Set<string>();

  constructor(pack: RulePack) {
    this.#pack = pack;
    this.#concepts = new Map(pack.concepts.map((concept) => [concept.id, concept]));
  }

  condition(condition: Condition, denies: boolean): void {
    if ('all' in condition) for (const part of condition.all) this.condition(part, denies);
    else if ('any' in condition) for (const part of condition.any) this.condition(part, denies);
    else if ('score' in condition) for (const { weight, when } of condition.score) this.condition(when, weight < 0 ? !denies : denies);
    else if ('context' in condition) this.condition(condition.context, denies);
    else if ('not' in condition) this.condition(condition.not, !denies);
    else if ('fewerThan' in condition) this.condition(condition.of, !denies);
    else if ('use' in condition) this.#named(condition.use, denies);
    else this.#fact(condition, denies);
  }

  #named(name: string, denies: boolean): void {
    const condition = this.#pack.conditions[name];
    if (condition !== undefined && this.#isNew(`use ${name}`, denies)) this.condition(condition, denies);
  }

  #fact(condition: Condition, denies: boolean): void {
    if ('near' in condition) this.#together(condition, denies);
    if ('mention' in condition) this.#concept(condition.mention, denies);
    if ('lasting' in condition) this.#concept(condition.lasting, denies);
    if ('mentionAtAge' in condition) this.#concept(condition.mentionAtAge, denies);
    if ('visit' in condition) this.#concept(condition.visit.concept, denies);
    if ('result' in condition) this.#concept(this.#pack.results[condition.result]?.concept ?? '', denies);
    if ('visits' in condition) {
      this.#concept(condition.visits.injury, denies);
      this.#concept(condition.visits.witness, !denies);
    }
    if ('mention' in condition) for (const id of condition.without ?? []) this.#concept(id, !denies);
  }

  #together(
    { near, without = [], notBetween = [] }: Pick<Extract<Condition, { near: unknown }>, 'near' | 'without' | 'notBetween'>,
    denies: boolean,
  ): void {
    for (const id of near) this.#concept(id, denies);
    for (const id of [...without, ...notBetween]) this.#concept(id, !denies);
  }

  #concept(id: string, denies: boolean): void {
    if (!this.#isNew(`concept ${id}`, denies)) return;
    (denies ? this.lowering : this.raising).add(id);
    const { includes = [], patterns = [] } = this.#concepts.get(id) ?? {};
    for (const part of includes) this.#concept(part, denies);
    for (const pattern of patterns) this.#together(pattern, denies);
  }

  #isNew(name: string, denies: boolean): boolean {
    const key = `${String(denies)} ${name}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}
