import type { Writable } from 'node:stream';
import type { Detector } from '@zhida/detect';
import { type Rule, nationalRulePack, nationalWording } from '@zhida/packs';
import { explainEncounter, lawOf, lowersText } from '../explanation/encounter.js';
import { explainSilence } from '../explanation/silence.js';
import { type Screen, encounterLines, silenceLines } from '../explanation/terminal.js';
import { fill, localeOf } from '../locales/texts.js';
import type { ScannedEncounter } from './encounters.js';
import { linesText, write } from './output.js';
import type { ScanOutput } from './run.js';

/** Ids of the rules in the pack. */
export function ruleIds(): readonly string[] {
  return nationalRulePack.rules.map(({ id }) => id);
}

/** The encounter with the reasons of one rule alone. */
export function aboutRule({ snapshot, assessment }: ScannedEncounter, ruleId: string): Pick<ScannedEncounter, 'snapshot' | 'assessment'> {
  return { snapshot, assessment: { ...assessment, indications: assessment.indications.filter((found) => found.ruleId === ruleId) } };
}

/** Explains one rule, then shows each encounter: where it speaks its evidence, where it does not what failed and what it saw. */
export function whyOutput(stream: Writable, ruleId: string, screen: Screen, detector: Detector): ScanOutput {
  const { texts } = screen;
  let silent = 0;
  let explained = false;
  const explainOnce = async (): Promise<void> => {
    if (!explained) await write(stream, `${linesText(ruleLines(ruleId, screen))}\n`);
    explained = true;
  };
  return {
    async scanned({ encounters, place }) {
      await explainOnce();
      for (const scanned of encounters) {
        const { snapshot, now } = scanned;
        const about = aboutRule(scanned, ruleId);
        const lines = encounterLines(explainEncounter(about, place, texts), screen);
        if (about.assessment.indications.length === 0) {
          silent += 1;
          lines.push(...silenceLines(ruleId, explainSilence(detector.explain(snapshot, { now, ruleId }), snapshot, texts), screen));
        }
        await write(stream, linesText(lines));
      }
    },
    async finished({ encounters: all }) {
      await explainOnce();
      await write(stream, `\n${fill(texts.why.tally, { rule: ruleId, all, spoke: all - silent, silent })}\n`);
    },
  };
}

/** The items of article 4 a rule may stand on, then its other law. */
function lawsOf(rule: Rule | undefined): string[] {
  return rule === undefined ? [] : [...rule.situations.map(({ situation }) => `opinion-2020:4.${situation}`), ...rule.legalBasis];
}

function ruleLines(ruleId: string, { paint, texts }: Screen): string[] {
  const locale = localeOf(texts);
  const rule = nationalRulePack.rules.find(({ id }) => id === ruleId);
  const wording = nationalWording[ruleId];
  const line = (label: string, text: string | undefined): string[] => (text === undefined ? [] : [`  ${label}: ${text}`]);
  return [
    `${paint('bold', ruleId)}  ${rule?.summary[locale] ?? ''}`,
    ...line(texts.indication.found, wording?.found?.[locale]),
    ...line(texts.indication.why, wording?.why[locale]),
    ...line(texts.indication.doNow, wording?.doNow[locale]),
    ...lawOf(lawsOf(rule), locale).flatMap(({ name, text }) => line(texts.indication.law, `${name}${texts.indication.colon}${text}`)),
    ...line(texts.indication.wouldLower, lowersText(rule, [], texts)),
    ...(rule?.statutory === true ? line(texts.indication.statutory, texts.indication.neverLowered) : []),
  ];
}
