import type { TriState } from '@zhida/core';
import { ageBandOf } from './age-band.js';
import { findCode } from './codes/code-system.js';
import { RELATIONSHIPS, type RelationshipEntry } from './codes/relationships.js';
import { HARM_TYPES, LOCAL_SITUATIONS, SITUATIONS } from './codes/situations.js';
import type { AllegedPerson, Companion, Guardian, Report } from './report.js';

const GUARDIANSHIP_NEEDS = new Set(['temporary-guardianship', 'shelter', 'consent-gap']);
const UNDER_FOURTEEN = new Set(['<1', '1-3', '4-6', '7-13']);
const SELF_CLAIMED = 'local:self-claimed';

/**
 * Whether the child's guardianship is in question, so that civil affairs learns at once who the child is (report schema 1,
 * e3): situations 4.6 to 4.8 or a newborn given up; a guardian or relative who is alleged or possibly involved; home not
 * safe; no guardian to be reached; or a need that only a guardian could meet.
 *
 * Where danger is at hand, or a child under 14 came with somebody unidentified, an unknown answer counts like a yes. A
 * question that was not asked tells no more than an unknown answer, and an age that cannot be told counts as under 14.
 */
export function guardianshipConcern(report: Report): boolean {
  const answers: readonly TriState[] = [
    situationsConcern(report),
    needsConcern(report),
    involvementOf(report),
    negate(report.safety?.safeToGoHome ?? 'unknown'),
    negate(guardianReachable(report)),
  ];
  return answers.includes('yes') || (unknownCounts(report) && answers.includes('unknown'));
}

function situationsConcern(report: Report): TriState {
  const { situations = [], localSituations = [], harmTypes = [] } = report.suspicion ?? {};
  const national = situations.some((code) => findCode(SITUATIONS, code)?.guardianship === true);
  const local = localSituations.some((code) => findCode(LOCAL_SITUATIONS, code)?.guardianship === true);
  // The kind of harm says the same as situation 4.6 where nobody chose a situation.
  const abandoned = harmTypes.some((code) => findCode(HARM_TYPES, code)?.code === 'abandonment');
  return national || local || abandoned ? 'yes' : 'no';
}

function needsConcern(report: Report): TriState {
  return (report.needs ?? []).some((need) => GUARDIANSHIP_NEEDS.has(need)) ? 'yes' : 'no';
}

function involvementOf(report: Report): TriState {
  const answers = [...(report.allegedPersons ?? []).map(allegedConcern), ...(report.companions ?? []).map(companionConcern)];
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

function allegedConcern(person: AllegedPerson): TriState {
  if (person.specialDuty === 'guardian') return 'yes';
  const entry = relationOf(person);
  if (entry !== undefined && entry.code !== SELF_CLAIMED) return entry.kin === 'none' ? 'no' : 'yes';
  return 'unknown';
}

function companionConcern(companion: Companion): TriState {
  const involved = companion.mayBeInvolved ?? 'unknown';
  if (involved === 'no') return 'no';
  const kin = relationOf(companion)?.kin;
  const isOfTheFamily = companion.isGuardian === 'yes' || kin === 'parent' || kin === 'family';
  if (isOfTheFamily) return involved;
  const isStranger = companion.isGuardian === 'no' && kin === 'none' && !isUnidentified(companion);
  return isStranger ? 'no' : 'unknown';
}

function guardianReachable(report: Report): TriState {
  const { companions, guardians } = report;
  const accompanying = (companions ?? []).map(isGuardian);
  if (accompanying.includes('yes') || (guardians ?? []).some(({ phone }) => isStated(phone))) return 'yes';
  // Only what was recorded as empty is a no: a list that was not sent tells nothing.
  return guardians !== undefined && companions !== undefined && !accompanying.includes('unknown') ? 'no' : 'unknown';
}

function isGuardian(companion: Companion): TriState {
  const answer = companion.isGuardian ?? 'unknown';
  return answer === 'unknown' && relationOf(companion)?.kin === 'parent' ? 'yes' : answer;
}

function unknownCounts(report: Report): boolean {
  if (report.safety?.immediateDanger === 'yes') return true;
  const band = ageBandOf(report);
  return (band === undefined || UNDER_FOURTEEN.has(band)) && (report.companions ?? []).some(isUnidentified);
}

/** Nobody has established who this is to the child; a relationship that is only claimed establishes nothing. */
function isUnidentified(companion: Companion): boolean {
  if (companion.isGuardian === 'yes') return false;
  return !isStated(companion.relationship) || relationOf(companion)?.code === SELF_CLAIMED;
}

function relationOf(person: Guardian): RelationshipEntry | undefined {
  return findCode(RELATIONSHIPS, person.relationship);
}

function isStated(text: string | undefined): boolean {
  return !['', '不详', '不清楚', '未知', 'unknown'].includes(text?.trim() ?? '');
}

function negate(answer: TriState): TriState {
  if (answer === 'unknown') return 'unknown';
  return answer === 'yes' ? 'no' : 'yes';
}
