import { type Condition, nationalRulePack } from '@zhida/packs';
import { type Texts, fill, wordOf } from '../locales/texts.js';

const WORDS_SHOWN = 3;
const CODES_SHOWN = 4;

/** One fact a rule asks for, in words. */
export function conditionName(condition: Condition, texts: Texts): string {
  const { leaf } = texts.why;
  const concept = (id: string): string => conceptName(id, texts);
  if ('mention' in condition) return fill(leaf.mention, { concept: concept(condition.mention) });
  if ('near' in condition) return fill(leaf.near, { concepts: condition.near.map(concept).join(' + ') });
  if ('lasting' in condition) return fill(leaf.lasting, { concept: concept(condition.lasting), n: condition.days });
  if ('mentionAtAge' in condition) return fill(leaf.mentionAtAge, { concept: concept(condition.mentionAtAge), n: condition.below });
  if ('code' in condition) return fill(leaf.code, { name: condition.code, codes: codesOf(condition.code) });
  if ('result' in condition)
    return fill(condition.negative === true ? leaf.resultNegative : leaf.result, { name: resultName(condition.result, texts) });
  return aboutPatient(condition, texts) ?? aboutVisits(condition, texts) ?? JSON.stringify(condition);
}

function aboutPatient(condition: Condition, texts: Texts): string | undefined {
  const { leaf } = texts.why;
  if ('ageYears' in condition) return fill(leaf.ageYears, { range: rangeText(condition.ageYears, texts) });
  if ('ageMonths' in condition) return fill(leaf.ageMonths, { range: rangeText(condition.ageMonths, texts) });
  if ('ageDays' in condition) return fill(leaf.ageDays, { range: rangeText(condition.ageDays, texts) });
  if ('sex' in condition) return leaf[condition.sex];
  if ('severeWasting' in condition) return leaf.severeWasting;
  if ('statementWeighs' in condition) return fill(leaf.statementWeighs, { n: condition.statementWeighs });
  if ('weighsRed' in condition) return fill(leaf.weighsRed, { n: condition.weighsRed });
  if ('recordWeighs' in condition) return fill(leaf.recordWeighs, { n: condition.recordWeighs.below });
  if ('gestation' in condition)
    return fill(condition.gestation === 'before' ? leaf.gestationBefore : leaf.gestationUnknown, { n: condition.years });
  if ('mother' in condition)
    return condition.mother.conceivedBelow === undefined
      ? fill(leaf.mother, { range: rangeText(condition.mother, texts) })
      : fill(leaf.motherConceived, { n: condition.mother.conceivedBelow });
  return undefined;
}

function aboutVisits(condition: Condition, texts: Texts): string | undefined {
  const { leaf, forms } = texts.why;
  if ('encounterClass' in condition)
    return fill(leaf.encounterClass, { name: wordOf(texts.classes, condition.encounterClass) || condition.encounterClass });
  if ('visits' in condition) {
    const { atLeast, months, injury, witness } = condition.visits;
    return fill(leaf.visits, { n: atLeast, months, name: conceptName(injury, texts), witness: conceptName(witness, texts) });
  }
  if ('visit' in condition) return fill(leaf.visit, { n: condition.visit.below, name: conceptName(condition.visit.concept, texts) });
  if ('disposition' in condition)
    return fill(leaf.disposition, {
      name: condition.disposition.map((name) => wordOf(texts.dispositions, name) || name).join(texts.indication.separator),
    });
  if ('alone' in condition) return leaf.alone;
  if ('identityChanged' in condition) return leaf.identityChanged;
  if ('identityUnverified' in condition) return leaf.identityUnverified;
  if ('reportedBefore' in condition) return leaf.reportedBefore;
  if ('use' in condition || 'context' in condition) return 'use' in condition ? condition.use : forms.context;
  return undefined;
}

function rangeText({ from, below }: { from?: number; below?: number }, texts: Texts): string {
  const { leaf } = texts.why;
  return [
    ...(from === undefined ? [] : [fill(leaf.from, { n: from })]),
    ...(below === undefined ? [] : [fill(leaf.below, { n: below })]),
  ].join(texts.indication.separator);
}

/** A concept by its id and its first words. */
function conceptName(id: string, texts: Texts): string {
  const concept = nationalRulePack.concepts.find((candidate) => candidate.id === id);
  const own = concept?.terms.filter((term) => !term.includes('{')) ?? [];
  const words = own.slice(0, WORDS_SHOWN).join(texts.indication.separator);
  return words === '' ? id : fill(texts.why.leaf.words, { id, words });
}

function resultName(kind: string, texts: Texts): string {
  const concept = nationalRulePack.results[kind]?.concept;
  return concept === undefined ? kind : conceptName(concept, texts);
}

function codesOf(name: string): string {
  const include = nationalRulePack.codeSets[name]?.include ?? [];
  return `${include.slice(0, CODES_SHOWN).join(' ')}${include.length > CODES_SHOWN ? ' …' : ''}`;
}
