import type { Writable } from 'node:stream';
import { clinicalSentence, legalPack, nationalRulePack, nationalWording } from '@zhida/packs';
import type { Paint } from './paint.js';
import { renderEncounter } from './render.js';
import { write } from './output.js';
import type { ScanOutput } from './run.js';

/** Ids of the rules in the pack. */
export function ruleIds(): readonly string[] {
  return nationalRulePack.rules.map(({ id }) => id);
}

/** Explains one rule, then shows the encounters where it speaks and says in how many it does not. */
export function whyOutput(stream: Writable, ruleId: string, paint: Paint): ScanOutput {
  let silent = 0;
  let explained = false;
  const explainOnce = async (): Promise<void> => {
    if (!explained) await write(stream, `${explainRule(ruleId, paint)}\n`);
    explained = true;
  };
  return {
    async scanned({ encounters, place }) {
      await explainOnce();
      for (const { snapshot, assessment } of encounters) {
        const indications = assessment.indications.filter((indication) => indication.ruleId === ruleId);
        if (indications.length === 0) silent += 1;
        else await write(stream, `${renderEncounter({ snapshot, assessment: { ...assessment, indications } }, place, paint)}\n`);
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
  return [`${paint('bold', ruleId)}  ${rule?.summary.zh ?? ''}`, ...explained, ...legal, ''].join('\n');
}
