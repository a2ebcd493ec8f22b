import type { Detector } from '@zhida/detect';
import { explainEncounter } from '../explanation/encounter.js';
import { type PageEncounter, pageOf } from '../explanation/page.js';
import { explainSilence } from '../explanation/silence.js';
import type { Texts } from '../locales/texts.js';
import type { ScannedEncounter } from './encounters.js';
import type { ScanOutput } from './run.js';
import { aboutRule } from './why.js';

/** A page that lists more is no longer read, and would have to be held in memory. */
const LISTED_MAX = 500;

/** One page of the encounters that have a reason; with a rule, of all, and why it kept silent. `save` is given the page once. */
export function pageOutput(
  texts: Texts,
  detector: Detector,
  ruleId: string | undefined,
  save: (page: string) => Promise<void>,
): ScanOutput {
  const listed: PageEncounter[] = [];
  let quiet = 0;
  let left = 0;
  const add = (scanned: ScannedEncounter, place: string): void => {
    if (ruleId === undefined && scanned.assessment.indications.length === 0) quiet += 1;
    else if (listed.length >= LISTED_MAX) left += 1;
    else listed.push(ruleId === undefined ? shown(scanned, place) : shownFor(scanned, place, ruleId));
  };
  const shown = (scanned: Pick<ScannedEncounter, 'snapshot' | 'assessment'>, place: string): PageEncounter => ({
    encounter: explainEncounter(scanned, place, texts),
    silence: undefined,
  });
  const shownFor = (scanned: ScannedEncounter, place: string, id: string): PageEncounter => {
    const about = aboutRule(scanned, id);
    if (about.assessment.indications.length > 0) return shown(about, place);
    const { snapshot, now } = scanned;
    const silence = explainSilence(detector.explain(snapshot, { now, ruleId: id }), snapshot, texts);
    return { ...shown(about, place), silence: { ruleId: id, silence } };
  };
  return {
    async scanned({ encounters, place }) {
      for (const scanned of encounters) add(scanned, place);
    },
    finished: (tally) => save(pageOf({ encounters: listed, tally, quiet, left, rulePack: detector.rulePack }, texts)),
  };
}
