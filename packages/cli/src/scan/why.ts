import type { Writable } from 'node:stream';
import type { Detector } from '@zhida/detect';
import { type Rule, clinicalSentence, legalPack, nationalRulePack, nationalWording } from '@zhida/packs';
import type { Paint } from './paint.js';
import { renderEncounter } from './render.js';
import { write } from './output.js';
import type { ScanOutput } from './run.js';
import { renderSilence } from './trace.js';

/** Ids of the rules in the pack. */
export function ruleIds(): readonly string[] {
  return nationalRulePack.rules.map(({ id }) => id);
}

/** Explains one rule, then shows each encounter: where it speaks its evidence, where it does not what failed and what it saw. */
export function whyOutput(stream: Writable, ruleId: string, paint: Paint, detector: Detector): ScanOutput {
  let silent = 0;
  let explained = false;
  const explainOnce = async (): Promise<void> => {
    if (!explained) await write(stream, `${explainRule(ruleId, paint)}\n`);
    explained = true;
  };
  return {
    async scanned({ encounters, place }) {
      await explainOnce();
      for (const { snapshot, assessment, now } of encounters) {
        const indications = assessment.indications.filter((indication) => indication.ruleId === ruleId);
        const shown = renderEncounter({ snapshot, assessment: { ...assessment, indications } }, place, paint);
        if (indications.length > 0) {
          await write(stream, `${shown}\n`);
          continue;
        }
        silent += 1;
        const silence = renderSilence(detector.explain(snapshot, { now, ruleId }), snapshot, paint);
        await write(stream, `${[shown, `    ${ruleId} 未提示`, ...silence].join('\n')}\n`);
      }
    },
    async finished(tally) {
      await explainOnce();
      await write(stream, `\n${ruleId}: 就诊 ${tally.encounters}，有提示 ${tally.encounters - silent}，无提示 ${silent}\n`);
    },
  };
}

function explainRule(ruleId: string, paint: Paint): string {
  const rule = nationalRulePack.rules.find(({ id }) => id === ruleId);
  const wording = nationalWording[ruleId];
  const explained =
    wording === undefined ? [] : [`  见到: ${wording.found.zh}`, `  为何: ${wording.why.zh}`, `  现在: ${wording.doNow.zh}`];
  // Two sentences that are not verified fall back to the same one; it is said once.
  const sentences = new Map((wording?.legalIds ?? []).map((id) => clinicalSentence(legalPack, id, 'zh')).map(({ id, text }) => [id, text]));
  const legal = Array.from(sentences, ([id, text]) => `  依据: ${text}（${id}）`);
  return [`${paint('bold', ruleId)}  ${rule?.summary.zh ?? ''}`, ...explained, ...legal, `  ${lowersText(rule)}`, ''].join('\n');
}

/** What would lower the rule, so that a reader knows what to look for. */
function lowersText(rule: Rule | undefined): string {
  if (rule === undefined || rule.suppressors.length === 0) return '没有任何解释会使它降级';
  const reasons = rule.suppressors.map((id) => nationalRulePack.suppressors.find((suppressor) => suppressor.id === id)?.why.zh ?? id);
  return `遇到这些解释之一降一级${rule.statutory ? '（法定红色从不降级）' : ''}: ${reasons.join('、')}`;
}
